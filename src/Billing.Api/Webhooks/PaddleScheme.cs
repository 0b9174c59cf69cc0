using System.Text;
using System.Text.Json;

namespace Billing.Api.Webhooks;

/// <summary>
/// Paddle Billing's webhooks: <c>Paddle-Signature: ts={seconds};h1={hex}[;h1={hex}]</c>, HMAC-SHA256 over <c>{ts}:{body}</c> (Paddle,
/// "Signature verification", 2026-02).
/// </summary>
internal sealed class PaddleScheme(WebhookDoorOptions options) : IWebhookScheme
{
    private const string Chargeback = "chargeback";
    private const string NoAmount = "Its amount or currency is none that we know.";

    private readonly byte[][] _secrets = [.. options.Paddle.WebhookSecrets.Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc />
    public string Name => "paddle";

    /// <inheritdoc />
    public (string Operation, string Summary, string Signature) Described => ("takePaddleEvent", "An event of Paddle", "`Paddle-Signature: ts=…;h1=…`");

    /// <inheritdoc />
    public bool IsOpen => _secrets.Length > 0;

    /// <inheritdoc />
    public SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time) =>
        Signatures.CheckFields(headers["Paddle-Signature"].ToString(), ';', "ts", "h1", ':', _secrets, body, time);

    /// <inheritdoc />
    public WebhookReading Read(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        if (WebhookBody.Parse(body) is not { } json || json.Text("event_id") is not { Length: > 0 } id || json.Text("event_type") is not { } type || json.At("data") is not { ValueKind: JsonValueKind.Object } thing)
        {
            return WebhookReading.Refused(Problem.Malformed("The body is no event of Paddle."));
        }

        return Read(type, thing) is { } told
            ? WebhookReading.Of(WebhookBody.Owned(told with { Id = id, Type = type, At = json.Instant("occurred_at"), Mode = options.ModeOf(options.Paddle.Test) }, thing.At("custom_data")))
            : WebhookReading.Nothing;
    }

    private GatewayEvent? Read(string type, JsonElement thing) => type switch
    {
        "transaction.completed" => Of(GatewayFact.Succeeded, thing.Text("id"), Amount(thing, "details", "totals", "grand_total")) is { } paid
            ? paid.Amount is null ? paid with { Doubt = NoAmount } : paid
            : null,
        // Without a payment of ours there is nothing that a decline could change.
        "transaction.payment_failed" when thing.Text("custom_data", "billing_payment") is not null => Of(GatewayFact.Declined, thing.Text("id")) is { } failed ? failed with { Code = FirstError(thing) } : null,
        "adjustment.created" or "adjustment.updated" => Adjustment(thing),
        _ => null,
    };

    private GatewayEvent? Adjustment(JsonElement thing)
    {
        var (transaction, amount) = (thing.Text("transaction_id"), Amount(thing, "totals", "total"));
        return (thing.Text("action"), thing.Text("status")) switch
        {
            ("refund", "approved") => Of(GatewayFact.Refunded, transaction, amount) is { } told ? told with { Part = thing.Text("id"), Doubt = amount is null ? NoAmount : null } : null,
            ("refund", "reversed") => Of(GatewayFact.RefundFailed, transaction, amount) is { } told ? told with { Part = thing.Text("id") } : null,
            ("chargeback_warning", "approved") => Of(GatewayFact.DisputeOpened, transaction, amount) is { } told ? told with { Part = Chargeback } : null,
            // Paddle takes the money at once, and tells nothing more unless the dispute is won.
            (Chargeback, "approved") => Of(GatewayFact.DisputeLost, transaction, amount) is { } told ? told with { Part = Chargeback } : null,
            ("chargeback_reverse", "approved") => Of(GatewayFact.DisputeWon, transaction, amount) is { } told ? told with { Part = Chargeback, Doubt = "A chargeback was reversed, and Paddle has given the money back." } : null,
            _ => null,
        };
    }

    private GatewayEvent? Of(GatewayFact fact, string? charge, Money? amount = null) =>
        WebhookBody.IsReference(charge) ? new GatewayEvent { Gateway = Name, Id = "", Type = "", Fact = fact, Object = charge!, Amount = amount } : null;

    private static string? FirstError(JsonElement thing) => thing.At("payments") is { ValueKind: JsonValueKind.Array } payments && payments.GetArrayLength() > 0 ? payments[0].Text("error_code") : null;

    /// <summary>Paddle writes amounts as text, in the currency's lowest unit.</summary>
    private static Money? Amount(JsonElement thing, params ReadOnlySpan<string> path) =>
        thing.Whole(path) is >= 0 and <= Money.Largest and var units && Currency.TryParse(thing.Text("currency_code"), out var currency) ? new Money(units, currency) : null;
}
