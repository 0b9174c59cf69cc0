using System.Text;
using System.Text.Json;
using Billing.Stripe;

namespace Billing.Api.Webhooks;

/// <summary>
/// Stripe's webhooks: <c>Stripe-Signature: t={seconds},v1={hex}[,v1={hex}]</c>, HMAC-SHA256 over <c>{t}.{body}</c> with the whole
/// secret, <c>whsec_</c> included, as its key (Stripe, "Verify webhook signatures manually", 2026-03).
/// </summary>
/// <remarks>
/// Implementation note: an event of the other mode than the API key's is acknowledged without effect. It means that an
/// endpoint of that mode points here by mistake; refused, Stripe would send it for three days and then switch the endpoint off,
/// and tell nobody who reads our log anything more than the log does.
/// </remarks>
internal sealed class StripeScheme(WebhookDoorOptions options, ILogger<StripeScheme> logger) : IWebhookScheme
{
    private readonly byte[][] _secrets = [.. options.Stripe.WebhookSecrets.Select(Encoding.UTF8.GetBytes)];

    /// <inheritdoc />
    public string Name => "stripe";

    /// <inheritdoc />
    public (string Operation, string Summary, string Signature) Described => ("takeStripeEvent", "An event of Stripe", "`Stripe-Signature: t=…,v1=…`");

    /// <inheritdoc />
    public bool IsOpen => _secrets.Length > 0;

    /// <inheritdoc />
    public SignatureCheck Verify(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time) =>
        Signatures.CheckFields(headers["Stripe-Signature"].ToString(), ',', "t", "v1", '.', _secrets, body, time);

    /// <inheritdoc />
    public WebhookReading Read(IHeaderDictionary headers, ReadOnlySpan<byte> body, TimeProvider time)
    {
        if (WebhookBody.Parse(body) is not { } json || json.Text("id") is not { Length: > 0 } id || json.Text("type") is not { } type || json.At("data", "object") is not { ValueKind: JsonValueKind.Object } thing)
        {
            return WebhookReading.Refused(Problem.Malformed("The body is no event of Stripe."));
        }

        var isLive = json.Truth("livemode") ?? true;
        if (options.Stripe.IsLive is { } ours && ours != isLive)
        {
            WebhookLog.OtherMode(logger, id, isLive ? "live" : "test");
            return WebhookReading.Nothing;
        }

        var told = StripeEvents.Read(id, type, json.Instant("created"), thing);
        return told is null ? WebhookReading.Nothing : WebhookReading.Of(told with { Mode = options.ModeOfStripe(isLive) });
    }
}

/// <summary>What Stripe's events say.</summary>
internal static class StripeEvents
{
    private const string Gateway = "stripe";

    /// <summary>An event in our words; <see langword="null"/> where it is about nothing of ours.</summary>
    public static GatewayEvent? Read(string id, string type, Instant? at, JsonElement thing)
    {
        var intent = IdAt(thing, "payment_intent");
        var told = type switch
        {
            "payment_intent.succeeded" => Of(GatewayFact.Succeeded, thing.Text("id"), Amount(thing, "amount_received") ?? Amount(thing, "amount")),
            "payment_intent.payment_failed" or "payment_intent.canceled" when StripeObjects.IsOwnDoing(thing) => null,
            "payment_intent.payment_failed" => Of(GatewayFact.Declined, thing.Text("id")) is { } failed ? failed with { Code = StripeObjects.DeclineOf(thing) } : null,
            "payment_intent.processing" => Of(GatewayFact.Processing, thing.Text("id")),
            "payment_intent.canceled" => Of(GatewayFact.Cancelled, thing.Text("id")),
            "payment_intent.requires_action" => Of(GatewayFact.AwaitingCustomer, thing.Text("id")) is { } waits ? waits with { Action = ActionOf(thing) } : null,
            // A charge without an intent: an intent tells of its own.
            "charge.succeeded" when intent is null => Of(GatewayFact.Succeeded, thing.Text("id"), Amount(thing, "amount_captured") ?? Amount(thing, "amount")),
            "charge.refunded" => Of(GatewayFact.Refunded, intent ?? thing.Text("id"), Amount(thing, "amount_refunded")) is { } refunded ? refunded with { IsTotal = true } : null,
            "refund.created" or "refund.updated" or "charge.refund.updated" or "refund.failed" => Refund(thing, intent),
            // An inquiry takes no money and is no dispute; should it become one, the withdrawal says so.
            "charge.dispute.created" when thing.Text("status")?.StartsWith("warning_", StringComparison.Ordinal) == true => null,
            "charge.dispute.created" or "charge.dispute.funds_withdrawn" => Dispute(GatewayFact.DisputeOpened, thing, intent),
            "charge.dispute.closed" or "charge.dispute.funds_reinstated" => thing.Text("status") switch
            {
                "lost" => Dispute(GatewayFact.DisputeLost, thing, intent),
                // An inquiry that was closed never took money.
                "won" or "warning_closed" => Dispute(GatewayFact.DisputeWon, thing, intent),
                _ => null,
            },
            _ => null,
        };
        if (told is null) return null;
        told = WebhookBody.Owned(told with { Id = id, Type = type, At = at }, thing.At("metadata"));
        // Money is looked into whoever made the charge. What merely goes on with a charge that does not name us is somebody else's.
        var isMoney = told.Fact is GatewayFact.Succeeded or GatewayFact.Refunded or GatewayFact.RefundFailed or GatewayFact.DisputeOpened or GatewayFact.DisputeWon or GatewayFact.DisputeLost;
        if (!isMoney && told.Payment is null && told.Doubt is null) return null;
        return told.Fact is GatewayFact.Succeeded or GatewayFact.Refunded && told.Amount is null ? told with { Doubt = "Its amount or currency is none that we know." } : told;
    }

    private static GatewayEvent? Of(GatewayFact fact, string? charge, Money? amount = null) =>
        WebhookBody.IsReference(charge) ? new GatewayEvent { Gateway = Gateway, Id = "", Type = "", Fact = fact, Object = charge!, Amount = amount } : null;

    private static GatewayEvent? Refund(JsonElement refund, string? intent)
    {
        var fact = refund.Text("status") switch
        {
            "succeeded" => GatewayFact.Refunded,
            "failed" or "canceled" => GatewayFact.RefundFailed,
            _ => (GatewayFact?)null,
        };
        return fact is { } known && Of(known, intent ?? IdAt(refund, "charge"), Amount(refund, "amount")) is { } told ? told with { Part = refund.Text("id"), Code = refund.Text("failure_reason") } : null;
    }

    private static GatewayEvent? Dispute(GatewayFact fact, JsonElement dispute, string? intent) =>
        Of(fact, intent ?? IdAt(dispute, "charge"), Amount(dispute, "amount")) is { } told ? told with { Part = dispute.Text("id"), Code = dispute.Text("reason") } : null;

    private static NextAction? ActionOf(JsonElement intent) =>
        intent.Text("next_action", "redirect_to_url", "url") is { } url ? new NextAction(url, Address: null, Amount: null, Network: null, ExpiresAt: null) : null;

    /// <summary>An id, or that of the whole object where Stripe was asked to expand it.</summary>
    private static string? IdAt(JsonElement thing, string name) => thing.Text(name) ?? thing.Text(name, "id");

    private static Money? Amount(JsonElement thing, string name) => StripeUnits.ReadExactly(thing.Whole(name), thing.Text("currency"));
}
