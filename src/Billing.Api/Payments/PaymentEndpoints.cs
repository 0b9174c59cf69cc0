using System.Collections.Immutable;
using Billing.Api.Invoices;
using Billing.Api.PaymentMethods;
using Billing.Grains.Interfaces.Index;

namespace Billing.Api.Payments;

/// <summary>Payments: intents to move money.</summary>
internal static class PaymentEndpoints
{
    private const string Example = """{"payment_method": "card", "wait_seconds": 5}""";

    private static readonly string[] PayFails =
    [
        Problems.NotFound, Problems.PaymentDeclined, Problems.PaymentInFlight, Problems.MethodNotUsable, Problems.IdempotencyMismatch,
        Problems.TooManyDeclines, Problems.RateLimited, Problems.ClockAdvancing, Problems.Unavailable,
    ];

    public static void MapPayments(this IEndpointRouteBuilder api)
    {
        api.MapPost("/v1/invoices/{invoice}/pay", PayInvoiceAsync)
            .Needs(Scope.Write).Says("payInvoice", "Pay an invoice now", "Prepayment on hand comes first and only the rest is charged. `200` when invoice and account are written, `202` while the outcome is open or the customer has something to do (`next_action`), `402` when it was declined. A balance invoice pays the invoices that it names. The same Idempotency-Key shows the payment as it stands by then.")
            .Takes([.. PayFails, Problems.InvoiceNotPayable, Problems.InvoiceCancelled, Problems.NothingDue], typeof(PayRequest), Example, required: false, KeyUse.Required).Gives<PaymentResponse>(200, 202);
        api.MapPost("/v1/accounts/{account}/pay", PayAccountAsync)
            .Needs(Scope.Write).Says("payAccount", "Pay all that is unpaid now, in one charge", "All that is open, if nothing is unpaid; invoices of a payment under way are left out. Otherwise as `payInvoice`.")
            .Takes([.. PayFails, Problems.NothingDue], typeof(PayRequest), Example, required: false, KeyUse.Required).Gives<PaymentResponse>(200, 202);
        api.MapGet("/v1/payments/{payment}", GetAsync)
            .Needs(Scope.Read).Says("getPayment", "A payment", "Tokens are never shown.").Takes([Problems.NotFound]).TakesNoQuery().Gives<PaymentResponse>();
        api.MapGet("/v1/accounts/{account}/payments", ListAsync)
            .Needs(Scope.Read).Says("listPayments", "List an account's payments", "Newest first.").Takes([Problems.NotFound]).Gives<Page<PaymentResponse>>();
    }

    private static async Task<IResult> PayInvoiceAsync(string invoice, HttpContext http, IGrainFactory grains, AccountClocks clocks, GatewayChoice gateways, PayByHand payByHand)
    {
        var found = await InvoiceEndpoints.FindAsync(invoice, grains, clocks);
        var (fields, key, refusal) = await ReadAsync(http, gateways, found?.Invoice.Test ?? true);
        if (refusal is not null) return refusal;
        if (found is not { } known) return Problem.NoSuch("invoice");

        var account = known.Invoice.Account!;
        var path = $"/v1/invoices/{invoice}/pay";
        var payment = Ids.PaymentByHand(account, path, key);
        if (await payByHand.ReplayAsync(http, payment, fields) is { } replay) return replay;
        if (known.Now.Refusal() is { } busy) return busy;
        if (InvoiceCommands.NotPayable(known.Invoice.Status) is { } closed) return closed;
        ImmutableArray<string> invoices = known.Invoice.IsBalance ? [.. known.Invoice.Settles.Select(settled => settled.Invoice)] : [invoice];
        return await payByHand.PayAsync(http, account, payment, CommandKey(key, path, fields), invoices, fields, known.Now.At);
    }

    private static async Task<IResult> PayAccountAsync(string account, HttpContext http, AccountClocks clocks, GatewayChoice gateways, PayByHand payByHand)
    {
        var found = await clocks.ReadAsync(account);
        var (fields, key, refusal) = await ReadAsync(http, gateways, found?.View.Profile.Test ?? true);
        if (refusal is not null) return refusal;
        if (found is not { } known) return Problem.NoSuch("account");

        var path = $"/v1/accounts/{account}/pay";
        var payment = Ids.PaymentByHand(account, path, key);
        if (await payByHand.ReplayAsync(http, payment, fields) is { } replay) return replay;
        if (known.Now.Refusal() is { } busy) return busy;
        return await payByHand.PayAsync(http, account, payment, CommandKey(key, path, fields), [], fields, known.Now.At);
    }

    private static async Task<IResult> GetAsync(string payment, IGrainFactory grains) =>
        PathIds.CanExist(payment) && await grains.Payment(payment).Read() is { Start: not null } state ? Answer.Ok(PaymentResponse.Of(state)) : Problem.NoSuch("payment");

    private static async Task<IResult> ListAsync(string account, HttpContext http, IGrainIndex index, IGrainFactory grains, AccountClocks clocks, string? limit, string? after)
    {
        var asked = ListQuery.Read(http);
        if (asked.Refusal is { } refusal) return refusal;
        if (await clocks.ReadAsync(account) is null) return Problem.NoSuch("account");
        var where = new Dictionary<string, string>(StringComparer.Ordinal) { ["account"] = account };
        return await index.PageAsync(new IndexQuery("payment") { Where = where }, asked, ReadAsync, http.RequestAborted);

        async Task<PaymentResponse?> ReadAsync(IndexEntry entry) =>
            await grains.Payment(GrainKeys.Id(entry.Key)).Read() is { Start: not null } state ? PaymentResponse.Of(state) : null;
    }

    private static async Task<(PayFields Fields, string Key, IResult? Refusal)> ReadAsync(HttpContext http, GatewayChoice gateways, bool isTestAccount)
    {
        var body = await Body.ReadOptionalAsync(http);
        var fields = PayFields.Read(body.Fields, gateways, isTestAccount);
        var key = Idempotency.Read(http, body, isRequired: true);
        return (fields, key ?? "", body.Refusal());
    }

    private static IdempotencyKey CommandKey(string key, string path, PayFields fields) => new(Ids.Hash("POST", path, key), fields.Content);
}
