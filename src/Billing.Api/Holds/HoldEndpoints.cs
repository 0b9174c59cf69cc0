using Billing.Api.Accounts;

namespace Billing.Api.Holds;

/// <summary>What an operator does to an account's standing: holds, controls, more time, another policy for a running episode.</summary>
internal static class HoldEndpoints
{
    private const string Path = "/v1/accounts/{account}";
    private const string ExpectedCategory = "Must be legal, fraud, dispute or manual; nonpayment is derived and never set by hand.";

    public static void MapHolds(this IEndpointRouteBuilder api)
    {
        api.MapPut(Path + "/holds/{category}", PutHoldAsync)
            .Needs(Scope.Operate).Says("putHold", "Deny operations for a reason other than not paying", "One hold of each category: `legal`, `fraud`, `dispute`, `manual`. Paying does not lift it. A legal hold also keeps the account from being deleted and its invoices from being cancelled.")
            .Takes([Problems.NotFound, Problems.OperationUnknown, Problems.ClockAdvancing], typeof(HoldRequest), """{"deny": ["purchase", "resource.create"], "reason": "Under review"}""").Gives<HoldResponse>();
        api.MapDelete(Path + "/holds/{category}", ReleaseHoldAsync)
            .Needs(Scope.Operate).Says("deleteHold", "Lift a hold", "What other holds and not paying deny stays denied.").Takes([Problems.NotFound, Problems.ClockAdvancing]).Produces(StatusCodes.Status204NoContent);
        api.MapPut(Path + "/controls", PutControlsAsync)
            .Needs(Scope.Operate).Says("putControls", "Switch dunning off and on for an account", "A field left out is unchanged. Switched on again, the standing of that instant is entered, and countdowns to a deletion begin anew.")
            .Takes([Problems.NotFound, Problems.ClockAdvancing], typeof(ControlsRequest), """{"enforcement_off": true}""").Gives<AccountResponse>();
        api.MapPost(Path + "/extension", ExtendAsync)
            .Needs(Scope.Operate).Says("extend", "Give an account more time", "Until its date nothing gets worse and nothing is cancelled; retries go on. The newest extension counts.")
            .Takes([Problems.NotFound, Problems.ExtensionsRefused, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(ExtensionRequest), """{"until": "2026-03-20T00:00:00Z", "reason": "Promised to pay"}""", key: KeyUse.Optional)
            .Gives<AccountResponse>();
        api.MapDelete(Path + "/extension", EndExtensionAsync)
            .Needs(Scope.Operate).Says("endExtension", "Take an extension back", "The present standing takes effect now.").Takes([Problems.NotFound, Problems.ClockAdvancing]).Produces(StatusCodes.Status204NoContent);
        api.MapPost(Path + "/episode/move", MoveEpisodeAsync)
            .Needs(Scope.Operate).Says("moveEpisode", "Move the running episode to another policy version", "Recomputed now, nothing earlier; countdowns to a deletion begin anew.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(MoveEpisodeRequest), """{"policy": "cloudflare", "version": 2}""", key: KeyUse.Optional)
            .Gives<AccountResponse>();
    }

    private static async Task<IResult> PutHoldAsync(string account, string category, HttpContext http, AccountClocks clocks, AccountCommands commands, IPolicyCatalog catalog)
    {
        var body = await Body.ReadAsync(http);
        var known = HoldFields.Category(category);
        if (known is null) body.Errors.Add("category", ExpectedCategory);
        var (deny, unknown) = HoldFields.ReadDeny(body.Fields, catalog.Book, body.Errors);
        var reason = body.Fields.Text("reason", ApiBounds.ReasonLength, required: true) ?? "";
        if (!unknown.IsEmpty)
        {
            // Alone it has its own code; beside other errors it is one of them.
            if (body.Refusal() is null) return Problem.Of(new Refused(Problems.OperationUnknown, "The hold names an operation that nobody knows.", unknown));
            body.Errors.AddRange(unknown);
        }

        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            _ => new PutHold(known!.Value, deny, reason),
            (view, _) => view.Holds.FirstOrDefault(hold => hold.Category == known) is { } hold ? Answer.Ok(HoldResponse.Of(hold)) : Problem.NoSuch("hold"));
    }

    private static async Task<IResult> ReleaseHoldAsync(string account, string category, HttpContext http, AccountClocks clocks, AccountCommands commands) =>
        HoldFields.Category(category) is { } known
            ? await commands.SendAsync(http, account, await clocks.ReadAsync(account), body: null, _ => new ReleaseHold(known), (_, _) => Answer.Nothing)
            : Problem.NoSuch("hold");

    private static async Task<IResult> PutControlsAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var (enforcementOff, autoPayOff) = (Switch("enforcement_off"), Switch("auto_pay_off"));
        return await commands.SendAsync(http, account, await clocks.ReadAsync(account), body, _ => new PutControls(enforcementOff, autoPayOff), (view, _) => Show(view, replayed: false));

        bool? Switch(string name) => body.Fields.Flag(name) ?? (body.Fields.Has(name) ? false : null);
    }

    private static async Task<IResult> ExtendAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var until = body.Fields.Instant("until", required: true);
        var reason = body.Fields.Text("reason", ApiBounds.ReasonLength, required: true) ?? "";
        var key = Idempotency.Read(http, body, isRequired: false);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body, _ => new Extend(until!.Value, reason, Idempotency.Command(key, $"/v1/accounts/{account}/extension", $"{until}", reason)), Show);
    }

    private static async Task<IResult> EndExtensionAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands) =>
        await commands.SendAsync(http, account, await clocks.ReadAsync(account), body: null, _ => new EndExtension(), (_, _) => Answer.Nothing);

    private static async Task<IResult> MoveEpisodeAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands, IPolicyCatalog catalog)
    {
        var body = await Body.ReadAsync(http);
        var policy = body.Fields.Id("policy", required: true);
        var version = body.Fields.Whole("version", 1, int.MaxValue, required: true);
        if (policy is not null && !catalog.Book.Knows(policy)) body.Fields.Refuse("policy", $"There is no policy '{policy}'.");
        else if (policy is not null && version is { } number && !catalog.Book.Knows(new PolicyRef(policy, (int)number))) body.Fields.Refuse("version", $"Policy '{policy}' has no version {number}.");
        var key = Idempotency.Read(http, body, isRequired: false);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            _ => new MoveEpisode(new PolicyRef(policy!, (int)version!.Value), Idempotency.Command(key, $"/v1/accounts/{account}/episode/move", policy!, $"{version}")), Show);
    }

    private static IResult Show(AccountView view, bool replayed) => Answer.Ok(AccountResponse.Of(view), replayed);
}
