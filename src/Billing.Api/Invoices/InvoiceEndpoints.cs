using Billing.Api.PaymentMethods;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Invoices;

/// <summary>Invoices: what is owed for something.</summary>
internal static class InvoiceEndpoints
{
    private const string Example = """{"lines": [{"description": "Pro plan, March", "amount": 2000}], "collection": "automatic"}""";

    public static void MapInvoices(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/accounts/{account}/invoices/{invoice}", PutAsync)
            .Says("putInvoice", "Issue an invoice, or make a draft of one", "Idempotent. The id is claimed for good, among all accounts. Answers when the account owes it (`200`), or `202` while that takes longer; issued content is fixed.")
            .Takes([Problems.NotFound, Problems.IdTaken, Problems.InvoiceIssued, Problems.TooMany, Problems.ClockAdvancing], typeof(InvoiceRequest), Example)
            .Gives<InvoiceResponse>(200, 202);
        api.MapGet("/v1/invoices/{invoice}", GetAsync)
            .Says("getInvoice", "An invoice", "Balance invoices are read the same way.").Takes([Problems.NotFound]).Gives<InvoiceResponse>();
        api.MapGet("/v1/accounts/{account}/invoices", ListAsync)
            .Says("listInvoices", "List an account's invoices", "Newest first; `number` finds the one with a number.").Takes([Problems.NotFound]).Gives<Page<InvoiceResponse>>();
        api.MapPost("/v1/invoices/{invoice}/finalize", FinalizeAsync)
            .Says("finalizeInvoice", "Issue a draft", "Answers when the account owes it (`200`), or `202` while that takes longer.")
            .Takes([Problems.NotFound, Problems.InvoiceIssued, Problems.IdempotencyMismatch, Problems.TooMany, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional)
            .Gives<InvoiceResponse>(200, 202);
        api.MapPost("/v1/invoices/{invoice}/void", VoidAsync)
            .Says("voidInvoice", "Withdraw an open invoice", "Refused while a payment is under way for it. It keeps its number; what was paid on it is prepayment again.")
            .Takes([Problems.NotFound, Problems.InvoiceNotPayable, Problems.PaymentInFlight, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional)
            .Gives<InvoiceResponse>(200, 202);
    }

    private static async Task<IResult> PutAsync(string account, string invoice, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("account", account);
        body.CheckId("invoice", invoice);
        var (content, isDraft) = InvoiceFields.Read(body.Fields);
        if (body.Refusal() is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;

        var profile = found.View.Profile;
        var command = new PutInvoice(account, profile.TestClock, profile.Test, profile.Currency!.Value, content, isDraft);
        var reply = await grains.Invoice(invoice).Execute(new Call(command, found.Now.At));
        return reply is Refused refused ? Problem.Of(refused) : await IssuedAsync(invoice, found.Now, grains, patience, replayed: false, http.RequestAborted);
    }

    private static async Task<IResult> GetAsync(string invoice, IGrainFactory grains, AccountClocks clocks) =>
        await FindAsync(invoice, grains, clocks) is { } found ? Answer.Ok(InvoiceResponse.Of(found.Invoice, found.Now.At)) : Problem.NoSuch("invoice");

    private static async Task<IResult> ListAsync(string account, HttpContext http, IGrainIndex index, IGrainFactory grains, AccountClocks clocks, string? number, string? limit, string? after)
    {
        var asked = ListQuery.Read(http, "number");
        if (asked.Refusal is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is not { } found) return Problem.NoSuch("account");
        var where = new Dictionary<string, string>(StringComparer.Ordinal) { ["account"] = account };
        if (asked["number"] is { } n) where["number"] = n;
        return await index.PageAsync(new IndexQuery("invoice") { Where = where }, asked, ReadAsync, http.RequestAborted);

        async Task<InvoiceResponse?> ReadAsync(IndexEntry entry) =>
            await grains.Invoice(GrainKeys.Id(entry.Key)).Read() is { Account: not null } state ? InvoiceResponse.Of(state, found.Now.At) : null;
    }

    private static async Task<IResult> FinalizeAsync(string invoice, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, isRequired: false, out var wrongKey);
        if ((body.Refusal() ?? wrongKey) is { } refusal) return refusal;
        if (await FindAsync(invoice, grains, clocks) is not { } found) return Problem.NoSuch("invoice");
        if (found.Now.Refusal() is { } busy) return busy;

        var command = new FinalizeInvoice(Idempotency.Command(key, $"/v1/invoices/{invoice}/finalize", "finalize"));
        var reply = await grains.Invoice(invoice).Execute(new Call(command, found.Now.At));
        return reply is Refused refused
            ? Problem.Of(refused)
            : await IssuedAsync(invoice, found.Now, grains, patience, reply is Done { Replayed: true }, http.RequestAborted);
    }

    private static async Task<IResult> VoidAsync(string invoice, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Idempotency.Read(http, isRequired: false, out var wrongKey);
        if ((body.Refusal() ?? wrongKey) is { } refusal) return refusal;
        if (await FindAsync(invoice, grains, clocks) is not { } found) return Problem.NoSuch("invoice");
        if (found.Now.Refusal() is { } busy) return busy;

        var command = new VoidInvoice(invoice, Idempotency.Command(key, $"/v1/invoices/{invoice}/void", "void"));
        var reply = await grains.Account(found.Invoice.Account!).Execute(new Call(command, found.Now.At));
        if (reply is not Done done) return Problem.Of((Refused)reply);
        var (last, isReached) = await patience.UntilAsync(
            grains.Invoice(invoice).Read, state => state.Status == InvoiceStatus.Void, TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault), http.RequestAborted);
        var answer = InvoiceResponse.Of(last, found.Now.At);
        return isReached ? Answer.Ok(answer, done.Replayed) : Answer.Accepted(answer, done.Replayed);
    }

    /// <summary>An invoice that exists, with now on its account's clock.</summary>
    public static async Task<(InvoiceState Invoice, Now Now)?> FindAsync(string invoice, IGrainFactory grains, AccountClocks clocks)
    {
        if (!PathIds.CanExist(invoice)) return null;
        var state = await grains.Invoice(invoice).Read();
        return state.Account is null ? null : (state, await clocks.OnAsync(state.Clock));
    }

    /// <summary>Waits until the account has answered whether it owes the invoice.</summary>
    private static async Task<IResult> IssuedAsync(string invoice, Now now, IGrainFactory grains, Patience patience, bool replayed, CancellationToken cancellationToken)
    {
        var (state, isReached) = await patience.UntilAsync(
            grains.Invoice(invoice).Read, state => !state.IsIssuing, TimeSpan.FromSeconds(ApiBounds.WaitSecondsDefault), cancellationToken);
        if (state.Denied is { } denied) return Problem.Of(denied.Code, denied.Detail);
        var answer = InvoiceResponse.Of(state, now.At);
        return isReached ? Answer.Ok(answer, replayed) : Answer.Accepted(answer, replayed);
    }
}
