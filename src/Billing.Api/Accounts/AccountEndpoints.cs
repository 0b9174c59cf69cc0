using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Accounts;

/// <summary>Accounts: who owes.</summary>
internal static class AccountEndpoints
{
    private const string Example =
        """{"name": "Example Ltd", "emails": ["owner@example.com"], "currency": "USD", "policy": "cloudflare", "time_zone": "Europe/Berlin", "tags": ["paid_plan"], "tax_rate": "0.19"}""";

    private static readonly string[] StandingChanged = ["standing.changed"];

    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/accounts/{account}", PutAsync)
            .Needs(Scope.Write).Says("putAccount", "Make or change an account", "Idempotent. A field left out is unchanged, `null` clears it. The currency is fixed once anything is owed; `test_clock` and `test` are fixed for life.")
            .Takes([Problems.ClockAdvancing], typeof(AccountRequest), Example).Gives<AccountResponse>();
        api.MapGet("/v1/accounts/{account}", GetAsync)
            .Needs(Scope.Read).Says("getAccount", "An account, as it stands now", "Decided at the moment of asking, on the account's own clock.")
            .Takes([Problems.NotFound]).TakesNoQuery().Gives<AccountResponse>();
        api.MapGet("/v1/accounts", ListAsync)
            .Needs(Scope.Read).Says("listAccounts", "List accounts", "Newest first. `standing` filters by the standing on record, `policy` by the policy that is assigned: in an episode that may be the pending one.")
            .Takes([]).Gives<Page<AccountResponse>>();
        api.MapGet("/v1/accounts/{account}/timeline", TimelineAsync)
            .Needs(Scope.Read).Says("getTimeline", "How the standing changed", "Oldest first; the account begins as `good`, which is not listed.")
            .Takes([Problems.NotFound]).Gives<Page<TimelineResponse>>();
    }

    private static async Task<IResult> PutAsync(string account, HttpContext http, IGrainFactory grains, AccountClocks clocks, IPolicyCatalog catalog, ApiSetup setup)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("account", account);
        var known = await clocks.ReadAsync(account);
        var command = AccountFields.Read(body, account, known?.View, catalog.Book);
        var now = known?.Now ?? await NewAsync(body.Fields, command.Fields.TestClock, grains, clocks, setup);
        if (body.Refusal() is { } refusal) return refusal;
        if (now.Refusal() is { } busy) return busy;

        var reply = await grains.Account(account).Execute(http.Call(command, now.At));
        return reply is Refused refused ? Problem.Of(refused) : await ShowAsync(account, clocks);
    }

    /// <summary>Now of an account that is made: of the clock that it names, which has to exist.</summary>
    private static async Task<Now> NewAsync(Fields fields, string? clock, IGrainFactory grains, AccountClocks clocks, ApiSetup setup)
    {
        if (clock is null) return clocks.Real;
        if (!setup.HasSandbox || (await grains.TestClock(clock).Read()).Now is null) fields.Refuse("test_clock", $"There is no test clock '{clock}'.");
        return await clocks.OnAsync(clock);
    }

    private static Task<IResult> GetAsync(string account, AccountClocks clocks) => ShowAsync(account, clocks);

    private static async Task<IResult> ListAsync(HttpContext http, IGrainIndex index, IGrainFactory grains, AccountClocks clocks, string? standing, string? policy, string? tag, string? limit, string? after)
    {
        var asked = ListQuery.Read(http, "standing", "policy", "tag");
        if (asked.Refusal is { } refusal) return refusal;
        var where = new Dictionary<string, string>(StringComparer.Ordinal);
        if (asked["standing"] is { } s) where["standing"] = s;
        if (asked["policy"] is { } p) where["policy"] = p;
        return await index.PageAsync(new IndexQuery("account") { Where = where, Tag = asked["tag"] }, asked, ReadAsync, http.RequestAborted);

        async Task<AccountResponse?> ReadAsync(IndexEntry entry)
        {
            var now = await clocks.OnAsync(entry.Clock);
            return (await grains.Account(GrainKeys.Id(entry.Key)).Read(new ReadCall(now.At))).View is { } view ? AccountResponse.Of(view) : null;
        }
    }

    private static async Task<IResult> TimelineAsync(string account, HttpContext http, IEventLog log, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (await clocks.ReadAsync(account) is null) return Problem.NoSuch("account");
        return await log.PageAsync(asked, account, StandingChanged, TimelineResponse.Of, http.RequestAborted);
    }

    private static async Task<IResult> ShowAsync(string account, AccountClocks clocks) =>
        await clocks.ReadAsync(account) is { } read ? Answer.Ok(AccountResponse.Of(read.View)) : Problem.NoSuch("account");
}

/// <summary>An entry into a standing.</summary>
/// <param name="Standing">The standing that was entered.</param>
/// <param name="Before">The one before it.</param>
/// <param name="EffectiveAt">From when it holds.</param>
/// <param name="RecordedAt">When it was recorded; later than that after a late wake-up.</param>
/// <param name="Reason">Why, where it did not follow from the invoices alone: <c>enforcement_off</c>.</param>
public sealed record TimelineResponse(string Standing, string Before, Instant EffectiveAt, Instant RecordedAt, string? Reason)
{
    internal static TimelineResponse Of(EventRow row) =>
        new(row.Data.Text("standing") ?? "", row.Data.Text("before") ?? "", row.EffectiveAt, row.RecordedAt, row.Data.Text("reason"));
}
