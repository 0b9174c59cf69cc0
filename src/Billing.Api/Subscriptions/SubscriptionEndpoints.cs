namespace Billing.Api.Subscriptions;

/// <summary>Subscriptions: what is billed again and again; and charges that ride on their invoices.</summary>
internal static class SubscriptionEndpoints
{
    private const string Path = "/v1/accounts/{account}/subscriptions";

    public static void MapSubscriptions(this IEndpointRouteBuilder api)
    {
        api.MapPut(Path + "/{subscription}", PutAsync)
            .Needs(Scope.Write).Says("putSubscription", "Make or change a subscription", "Idempotent. A field left out is unchanged; a new amount counts from the next renewal. One that has ended keeps its id. When it is billed, the account's policy says.")
            .Takes([Problems.NotFound, Problems.IdTaken, Problems.TooMany, Problems.ClockAdvancing], typeof(SubscriptionRequest), """{"plan": "pro", "amount": 2000}""").Gives<SubscriptionResponse>();
        api.MapGet(Path + "/{subscription}", GetAsync)
            .Needs(Scope.Read).Says("getSubscription", "A subscription", "As it stands now; cancelled ones stay.").Takes([Problems.NotFound]).TakesNoQuery().Gives<SubscriptionResponse>();
        api.MapGet(Path, ListAsync)
            .Needs(Scope.Read).Says("listSubscriptions", "List an account's subscriptions", "Newest first.").Takes([Problems.NotFound]).Gives<Page<SubscriptionResponse>>();
        api.MapPost(Path + "/{subscription}/cancel", CancelAsync)
            .Needs(Scope.Write).Says("cancelSubscription", "End a subscription", "At once. Its open invoices stay owed, unless `void_open` is true.")
            .Takes([Problems.NotFound, Problems.PaymentInFlight, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(SubscriptionCancelRequest), """{"void_open": false}""", required: false, KeyUse.Optional)
            .Gives<SubscriptionResponse>();
        api.MapPost("/v1/accounts/{account}/charges", ChargeAsync)
            .Needs(Scope.Write).Says("addCharge", "Charge with the next invoice", "Waits for the next cycle's invoice, or the account's next renewal.")
            .Takes([Problems.NotFound, Problems.TooMany, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(ChargeRequest), """{"description": "Extra traffic", "amount": 250}""", key: KeyUse.Required)
            .Gives<ChargeResponse>();
    }

    private static async Task<IResult> PutAsync(string account, string subscription, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var found = await clocks.ReadAsync(account);
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        body.CheckId("account", account);
        body.CheckId("subscription", subscription);
        var isNew = found is { } known && Find(known.View, subscription) is null;
        var plan = fields.Text("plan", ApiBounds.NameLength);
        var amount = fields.Amount("amount");
        var startsAt = fields.Instant("starts_at");
        fields.Require("plan", isNew);
        fields.Require("amount", isNew);
        if (isNew && startsAt < found?.Now.At) fields.Refuse("starts_at", "Must not be before now.");
        return await commands.SendAsync(
            http, account, found, body,
            view => new PutSubscription(subscription, plan, amount is { } minor ? new Money(minor, view.Profile.Currency!.Value) : null, startsAt),
            (view, _) => Show(view, subscription));
    }

    private static async Task<IResult> GetAsync(string account, string subscription, AccountClocks clocks) =>
        await clocks.ReadAsync(account) is { } found ? Show(found.View, subscription) : Problem.NoSuch("account");

    private static async Task<IResult> ListAsync(string account, HttpContext http, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        return Lists.Page(found.View.Subscriptions.Reverse().Select(view => SubscriptionResponse.Of(account, view)), asked, item => item.Id);
    }

    private static async Task<IResult> CancelAsync(string account, string subscription, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadOptionalAsync(http);
        var voidOpen = body.Fields.Flag("void_open") ?? false;
        var key = Idempotency.Read(http, body, isRequired: false);
        // Voiding is an operator's, wherever it is asked for.
        if (voidOpen && Caller.Of(http)?.Has(Scope.Operate) is not true) return Problem.Of(ProblemCatalog.Forbidden, "void_open voids invoices, which needs the scope operate.");
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            _ => new CancelSubscription(subscription, voidOpen, Idempotency.Command(key, $"/v1/accounts/{account}/subscriptions/{subscription}/cancel", $"{voidOpen}")),
            (view, replayed) => Show(view, subscription, replayed));
    }

    private static async Task<IResult> ChargeAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var description = body.Fields.Text("description", ApiBounds.DescriptionLength, required: true) ?? "";
        var amount = body.Fields.Amount("amount", required: true, least: 1) ?? 0;
        var key = Idempotency.Read(http, body, isRequired: true) ?? "";
        var path = $"/v1/accounts/{account}/charges";
        var id = "charge_" + Ids.Hash(account, path, key);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            view => new AddCharge(id, description, new Money(amount, view.Profile.Currency!.Value), Idempotency.Command(key, path, description, $"{amount}")),
            (view, replayed) => Answer.Ok(new ChargeResponse(id, account, description, amount, view.Profile.Currency!.Value.Code), replayed));
    }

    private static SubscriptionView? Find(AccountView account, string subscription) =>
        account.Subscriptions.FirstOrDefault(view => string.Equals(view.Id, subscription, StringComparison.Ordinal));

    private static IResult Show(AccountView account, string subscription, bool replayed = false) =>
        Find(account, subscription) is { } view ? Answer.Ok(SubscriptionResponse.Of(account.Profile.Id, view), replayed) : Problem.NoSuch("subscription");
}
