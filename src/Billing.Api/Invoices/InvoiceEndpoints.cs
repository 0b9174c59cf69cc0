using Billing.Api.PaymentMethods;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Invoices;

/// <summary>Invoices: what is owed for something.</summary>
internal static class InvoiceEndpoints
{
    private const string Example = """{"lines": [{"description": "Pro plan, March", "amount": 2000}], "collection": "automatic"}""";

    private static readonly string[] ChangeFails =
    [
        Problems.NotFound, Problems.InvoiceNotPayable, Problems.InvoiceCancelled, Problems.PaymentInFlight, Problems.IdempotencyMismatch, Problems.RateLimited, Problems.ClockAdvancing,
    ];

    public static void MapInvoices(this IEndpointRouteBuilder api)
    {
        api.MapPut("/v1/accounts/{account}/invoices/{invoice}", PutAsync)
            .Needs(Scope.Write).Says("putInvoice", "Issue an invoice, or make a draft of one", "Idempotent. The id is claimed for good, among all accounts. Answers when the account owes it (`200`), or `202` while that takes longer; issued content is fixed.")
            .Takes([Problems.NotFound, Problems.IdTaken, Problems.InvoiceIssued, Problems.TooMany, Problems.ClockAdvancing], typeof(InvoiceRequest), Example)
            .Gives<InvoiceResponse>(200, 202);
        api.MapGet("/v1/invoices/{invoice}", GetAsync)
            .Needs(Scope.Read).Says("getInvoice", "An invoice", "Balance invoices are read the same way.").Takes([Problems.NotFound]).TakesNoQuery().Gives<InvoiceResponse>();
        api.MapGet("/v1/accounts/{account}/invoices", ListAsync)
            .Needs(Scope.Read).Says("listInvoices", "List an account's invoices", "Newest first; `number` finds the one with a number.").Takes([Problems.NotFound]).Gives<Page<InvoiceResponse>>();
        api.MapPost("/v1/invoices/{invoice}/finalize", FinalizeAsync)
            .Needs(Scope.Write).Says("finalizeInvoice", "Issue a draft", "Answers when the account owes it (`200`), or `202` while that takes longer.")
            .Takes([Problems.NotFound, Problems.InvoiceIssued, Problems.IdempotencyMismatch, Problems.TooMany, Problems.ClockAdvancing], typeof(EmptyRequest), "{}", required: false, KeyUse.Optional)
            .Gives<InvoiceResponse>(200, 202);
        api.MapPost("/v1/invoices/{invoice}/void", VoidAsync)
            .Needs(Scope.Operate).Says("voidInvoice", "Withdraw an open invoice", "Refused while a payment is under way for it. It keeps its number; what was paid on it is prepayment again.")
            .Takes(ChangeFails, typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<InvoiceResponse>(200, 202);
        api.MapPost("/v1/invoices/{invoice}/write_off", WriteOffAsync)
            .Needs(Scope.Operate).Says("writeOffInvoice", "Give up on an open invoice", "It counts nowhere any more and shows what is left. It stays payable: paying it, or a part of it, takes the write-off back.")
            .Takes(ChangeFails, typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<InvoiceResponse>(200, 202);
        api.MapPost("/v1/invoices/{invoice}/undo_write_off", UndoWriteOffAsync)
            .Needs(Scope.Operate).Says("undoWriteOff", "Take a write-off back", "The invoice is open again; what is still ahead of its ladder runs, and a grace that is over runs anew.")
            .Takes(ChangeFails, typeof(EmptyRequest), "{}", required: false, KeyUse.Optional).Gives<InvoiceResponse>(200, 202);
        api.MapPost("/v1/invoices/{invoice}/adjust", AdjustAsync)
            .Needs(Scope.Operate).Says("adjustInvoice", "Take something off an open invoice", "Issues a credit note, tax included, at most the total less the credit notes so far: first off what is due, then off what was paid, which becomes prepayment.")
            .Takes(ChangeFails, typeof(AdjustRequest), """{"amount": 500, "reason": "Two days of outage"}""", key: KeyUse.Required).Gives<InvoiceResponse>(200, 202);
    }

    private static async Task<IResult> PutAsync(string account, string invoice, HttpContext http, IGrainFactory grains, AccountClocks clocks, Patience patience)
    {
        var body = await Body.ReadAsync(http);
        body.CheckId("account", account);
        body.CheckId("invoice", invoice);
        var known = await clocks.ReadAsync(account);
        var (content, isDraft) = InvoiceFields.Read(body.Fields, known?.View);
        if (body.Refusal() is { } refusal) return refusal;
        if (known is not { } found) return Problem.NoSuch("account");
        if (found.Now.Refusal() is { } busy) return busy;

        var profile = found.View.Profile;
        var command = new PutInvoice(account, profile.TestClock, profile.Test, profile.Currency!.Value, content, isDraft);
        var reply = await grains.Invoice(invoice).Execute(http.Call(command, found.Now.At));
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
        var key = Idempotency.Read(http, body, isRequired: false);
        if (body.Refusal() is { } refusal) return refusal;
        if (await FindAsync(invoice, grains, clocks) is not { } found) return Problem.NoSuch("invoice");
        if (found.Now.Refusal() is { } busy) return busy;

        var command = new FinalizeInvoice(Idempotency.Command(key, $"/v1/invoices/{invoice}/finalize", "finalize"));
        var reply = await grains.Invoice(invoice).Execute(http.Call(command, found.Now.At));
        return reply is Refused refused
            ? Problem.Of(refused)
            : await IssuedAsync(invoice, found.Now, grains, patience, reply is Done { Replayed: true }, http.RequestAborted);
    }

    private static async Task<IResult> VoidAsync(string invoice, HttpContext http, InvoiceCommands commands)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Key(http, body, invoice, "void");
        return await commands.SendAsync(http, invoice, body, _ => new VoidInvoice(invoice, key), (state, _) => state.Status == InvoiceStatus.Void);
    }

    private static async Task<IResult> WriteOffAsync(string invoice, HttpContext http, InvoiceCommands commands)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Key(http, body, invoice, "write_off");
        return await commands.SendAsync(http, invoice, body, _ => new WriteOff(invoice, key), (state, _) => state.Status == InvoiceStatus.WrittenOff);
    }

    private static async Task<IResult> UndoWriteOffAsync(string invoice, HttpContext http, InvoiceCommands commands)
    {
        var body = await Body.ReadOptionalAsync(http);
        var key = Key(http, body, invoice, "undo_write_off");
        return await commands.SendAsync(http, invoice, body, _ => new UndoWriteOff(invoice, key), (state, _) => state.Status != InvoiceStatus.WrittenOff);
    }

    private static async Task<IResult> AdjustAsync(string invoice, HttpContext http, InvoiceCommands commands)
    {
        var body = await Body.ReadAsync(http);
        var amount = body.Fields.Amount("amount", required: true, least: 1) ?? 0;
        var reason = body.Fields.Text("reason", ApiBounds.ReasonLength, required: true) ?? "";
        var key = Idempotency.Command(Idempotency.Read(http, body, isRequired: true), $"/v1/invoices/{invoice}/adjust", $"{amount}", reason);
        return await commands.SendAsync(
            http, invoice, body, state => new AdjustInvoice(invoice, new Money(amount, state.Total!.Value.Currency), reason, key), (state, version) => state.StandingVersion >= version);
    }

    /// <summary>The key of a call whose body says nothing.</summary>
    private static IdempotencyKey? Key(HttpContext http, Body body, string invoice, string verb) =>
        Idempotency.Command(Idempotency.Read(http, body, isRequired: false), $"/v1/invoices/{invoice}/{verb}", verb);

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
