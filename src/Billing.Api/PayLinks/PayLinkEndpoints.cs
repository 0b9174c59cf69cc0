using Billing.Api.Invoices;
using Billing.Api.PaymentMethods;
using Billing.Api.Payments;
using Microsoft.AspNetCore.Hosting.Server;

namespace Billing.Api.PayLinks;

/// <summary>Pay links: made and revoked with a key; what they lead to needs none but the token in its path.</summary>
internal static class PayLinkEndpoints
{
    private const string Path = "/v1/accounts/{account}/pay_links";
    private const string Page = "/v1/pay/{token}";

    public static void MapPayLinks(this IEndpointRouteBuilder api)
    {
        api.MapPost(Path, MakeAsync)
            .Needs(Scope.Write).Says("makePayLink", "Make a link with which a customer pays without a key", "`url` is shown in this answer and never again, not to a repeated call either. It leads to what is due for 30 days, until it is revoked, or until nothing is due. Needs `Billing:PublicUrl`.")
            .Takes([Problems.NotFound, Problems.NothingDue, Problems.TooMany, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<PayLinkResponse>();
        api.MapGet(Path, ListAsync)
            .Needs(Scope.Read).Says("listPayLinks", "List an account's pay links", "Those that lead somewhere, newest first, without their tokens.").Takes([Problems.NotFound]).Gives<Page<PayLinkResponse>>();
        api.MapDelete(Path + "/{link}", RevokeAsync)
            .Needs(Scope.Write).Says("revokePayLink", "Revoke a pay link", "It leads nowhere any more; a payment under way goes on.").Takes([Problems.NotFound, Problems.ClockAdvancing]).Produces(StatusCodes.Status204NoContent);
        api.MapGet(Page, ShowAsync)
            .NeedsNoKey().Says("showPayLink", "What a pay link shows", "Amounts, numbers and descriptions, and cards by brand and last four digits; nothing of who the customer is. Moves nothing, however often it is followed. A link that is unknown, expired, revoked or over is `not_found`.")
            .Takes([Problems.NotFound, Problems.RateLimited, Problems.Unavailable]).Gives<PayLinkPageResponse>();
        api.MapPost(Page, PayAsync)
            .NeedsNoKey().Says("payWithLink", "Pay with a pay link", "As `payAccount`, and nothing else. A browser's `Origin` must be that of `Billing:PublicUrl`.")
            .Takes([Problems.InvalidRequest, ProblemCatalog.Forbidden, Problems.NotFound, Problems.PaymentDeclined, Problems.PaymentInFlight, Problems.MethodNotUsable, Problems.NothingDue, Problems.AmountChanged, Problems.IdempotencyMismatch, Problems.TooManyDeclines, Problems.RateLimited, Problems.ClockAdvancing, Problems.Unavailable],
                typeof(PayLinkPayRequest), """{"one_off": {"gateway": "sandbox", "token": "tok_rich", "kind": "card"}, "expected_amount": 2000}""", required: false, KeyUse.Required)
            .Gives<PayLinkPaymentResponse>(200, 202);
    }

    private static async Task<IResult> MakeAsync(string account, HttpContext http, IGrainFactory grains, AccountClocks clocks, PublicUrl publicUrl, IServer server, Patience patience)
    {
        var body = await Body.ReadOptionalAsync(http);
        var given = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (publicUrl.Of(server) is not { } root)
            return Problem.Of(Problems.InvalidRequest, "Billing:PublicUrl is not configured. A link needs the address at which customers reach this service, which is never taken from a request.");
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;

        var path = $"/v1/accounts/{account}/pay_links";
        var token = PayLinkDoor.NewToken();
        var hash = PayLink.HashOf(token);
        // The id is another random name and says nothing of the token.
        var id = "link_" + Ids.Hash(PayLinkDoor.NewToken());
        var reply = await grains.Account(account).Execute(http.Call(new MakePayLink(id, hash, Idempotency.Command(given, path, "make")), found.Now.At));
        if (reply is not Done done) return Problem.Of((Refused)reply);
        if (!done.Replayed) await patience.UntilAsync(grains.PayLink(hash).Read, state => state.Account is not null, TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault), http.RequestAborted);
        var link = (await clocks.ReadAsync(account))?.View.PayLinks.Find(done.Id);
        return Answer.Ok(new PayLinkResponse(done.Id!, done.Replayed ? null : $"{root}/v1/pay/{token}", link?.CreatedAt, link?.ExpiresAt), done.Replayed);
    }

    private static async Task<IResult> ListAsync(string account, HttpContext http, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        return await clocks.ReadAsync(account) is { } found
            ? Lists.Page(found.View.PayLinks.Reverse().Select(link => new PayLinkResponse(link.Id, Url: null, link.CreatedAt, link.ExpiresAt)), asked, link => link.Id)
            : Problem.NoSuch("account");
    }

    private static async Task<IResult> RevokeAsync(string account, string link, HttpContext http, AccountClocks clocks, AccountCommands commands) =>
        await commands.SendAsync(http, account, await clocks.ReadAsync(account), body: null, _ => new RevokePayLink(link), (_, _) => Answer.Nothing);

    private static async Task<IResult> ShowAsync(string token, HttpContext http, PayLinkDoor door) =>
        await door.FindAsync(token) is { Page: { IsAlive: true } page } ? Answer.Ok(await door.ShowAsync(page)) : door.Nowhere(http);

    private static async Task<IResult> PayAsync(string token, HttpContext http, IGrainFactory grains, GatewayChoice gateways, PayByHand payByHand, PayLinkDoor door, PublicUrl publicUrl, IServer server)
    {
        if (!IsOwnOrigin(http, publicUrl.Of(server))) return Problem.Of(ProblemCatalog.Forbidden, "A pay link pays from its own page alone.");
        if (await door.FindAsync(token) is not var (account, page, now)) return door.Nowhere(http);
        var body = await Body.ReadOptionalAsync(http);
        var fields = PayFields.Read(body.Fields, gateways, page.Test);
        if (body.Fields.Whole("expected_amount", 0, Money.Largest) is { } expected) fields = fields with { Expected = page.AmountToPay with { MinorUnits = expected } };
        if (fields.Keep) body.Errors.Add("one_off.keep", "Is not for a pay link: it pays and changes nothing else.");
        var key = Idempotency.Read(http, body, isRequired: true) ?? "";
        if (page.IsAlive && body.Refusal() is { } refusal) return refusal;

        // Whoever paid and lost the answer finds it again with the same key, though the link has ended by that very payment.
        var path = $"/v1/pay/{page.Link}";
        var payment = Ids.PaymentByHand(account, path, key);
        Signing.SignAs(http, page.Link);
        if (await payByHand.ReplayAsync(http, payment, fields) is { } replay) return await ShownAsync(replay, payment, grains, isReplayed: true);
        if (!page.IsAlive) return door.Nowhere(http);
        if (now.Refusal() is { } busy) return busy;
        if (door.TooMany(page.Link, http) is { } tooMany) return tooMany;

        var result = await payByHand.PayAsync(http, account, payment, new IdempotencyKey(Ids.Hash("POST", path, key), fields.Content), [], fields, now.At, page.Link);
        if (Answer.ProblemOf(result) is { Code: Problems.PaymentDeclined }) door.Declined(page.Link, http);
        return Answer.ProblemOf(result) is { Code: Problems.NotFound } ? door.Nowhere(http) : await ShownAsync(result, payment, grains, isReplayed: false);
    }

    /// <summary>
    /// Browsers say where a POST comes from: it must be our own page. Where they say it with <c>Sec-Fetch-Site</c> alone, that
    /// must be the same origin. Who sends neither is no browser, and no other site's page can make it send a token.
    /// </summary>
    private static bool IsOwnOrigin(HttpContext http, string? root)
    {
        var origin = http.Request.Headers.Origin;
        if (origin.Count > 0) return origin.Count == 1 && root is not null && string.Equals(origin[0], new Uri(root).GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
        var site = http.Request.Headers["Sec-Fetch-Site"];
        return site.Count == 0 || site is ["same-origin"];
    }

    /// <summary>What came of it, in the words for whoever holds the link: no ids, and no decline code, which tells a thief what to try next.</summary>
    private static async Task<IResult> ShownAsync(IResult result, string payment, IGrainFactory grains, bool isReplayed)
    {
        if (Answer.ProblemOf(result) is { } problem)
        {
            if (problem.Code != Problems.PaymentDeclined) return result;
            var declined = Problem.Of(Problems.PaymentDeclined, "The payment was declined; no money moved. Another method may be tried.");
            return isReplayed ? Answer.Again(declined) : declined;
        }

        var shown = PayLinkPaymentResponse.Of(await grains.Payment(payment).Read());
        return result is IStatusCodeHttpResult { StatusCode: StatusCodes.Status202Accepted } ? Answer.Accepted(shown, isReplayed) : Answer.Ok(shown, isReplayed);
    }
}
