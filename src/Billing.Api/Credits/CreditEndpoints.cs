using Billing.Api.Accounts;

namespace Billing.Api.Credits;

/// <summary>Credit: money held for an account.</summary>
internal static class CreditEndpoints
{
    private const string Path = "/v1/accounts/{account}/credits";

    public static void MapCredits(this IEndpointRouteBuilder api)
    {
        api.MapPost(Path, GrantAsync)
            .Needs(Scope.Operate).Says("grantCredit", "Grant credit", "Prepayment pays at once what is unpaid, oldest due first, and then what comes. Promo is spent on the lines of invoices before tax, when they are issued, what expires first at first.")
            .Takes([Problems.NotFound, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.TooMany, Problems.ClockAdvancing], typeof(CreditRequest), """{"kind": "promo", "amount": 500, "expires_at": "2027-01-01T00:00:00Z"}""", key: KeyUse.Required)
            .Gives<CreditGrantResponse>();
        api.MapGet(Path, GetAsync)
            .Needs(Scope.Read).Says("getCredits", "What an account has", "Prepayment and promo, and what each consists of.").Takes([Problems.NotFound]).TakesNoQuery().Gives<CreditsResponse>();
        api.MapPost(Path + "/refund", RefundAsync)
            .Needs(Scope.Operate).Says("refundCredit", "Send prepayment back", "Through the payments that it came from, newest first; it counts as their refund, and each shows it among its `refunds`. Answers when the account has set the money aside; sending goes on.")
            .Takes([Problems.NotFound, Problems.RefundsRefused, Problems.PaymentDisputed, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(CreditRefundRequest), """{"amount": 500}""", key: KeyUse.Required)
            .Gives<CreditsResponse>();
    }

    private static async Task<IResult> GrantAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var fields = body.Fields;
        var kind = fields.Word("kind", required: true, ("prepayment", CreditKind.Prepayment), ("promo", CreditKind.Promo));
        var amount = fields.Amount("amount", required: true, least: 1) ?? 0;
        var expiresAt = fields.Instant("expires_at");
        var key = Idempotency.Read(http, body, isRequired: true) ?? "";

        var path = $"/v1/accounts/{account}/credits";
        var id = "credit_" + Ids.Hash(account, path, key);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            view => new GrantCredit(id, kind!.Value, Money(amount, view), expiresAt, Idempotency.Command(key, path, $"{kind}", $"{amount}", $"{expiresAt}")),
            (view, replayed) => Answer.Ok(new CreditGrantResponse(id, account, kind!.Value, amount, view.Profile.Currency!.Value.Code, expiresAt, CreditResponse.Of(view)), replayed));
    }

    private static async Task<IResult> GetAsync(string account, AccountClocks clocks) =>
        await clocks.ReadAsync(account) is { } found ? Answer.Ok(CreditsResponse.Of(found.View)) : Problem.NoSuch("account");

    private static async Task<IResult> RefundAsync(string account, HttpContext http, AccountClocks clocks, AccountCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var amount = body.Fields.Amount("amount", required: true, least: 1) ?? 0;
        var key = Idempotency.Read(http, body, isRequired: true);
        return await commands.SendAsync(
            http, account, await clocks.ReadAsync(account), body,
            view => new RefundCredit(Money(amount, view), Idempotency.Command(key, $"/v1/accounts/{account}/credits/refund", $"{amount}")),
            (view, replayed) => Answer.Ok(CreditsResponse.Of(view), replayed));
    }

    private static Money Money(long amount, AccountView view) => new(amount, view.Profile.Currency!.Value);
}
