using System.Globalization;
using System.Text.Json;

namespace Billing.Stripe;

/// <summary>
/// Stripe's objects in our words, whichever way they come: in an event's <c>data.object</c>, or in a list. A charge and its
/// refunds and disputes go by the id of its intent, which is what is stored with our attempt.
/// </summary>
public static class StripeObjects
{
    /// <summary>What an object says; <see langword="null"/> where it is of no concern to us, or of the other mode than our key.</summary>
    /// <param name="item">The object, with its <c>object</c>.</param>
    /// <param name="isLive">Whether our key moves real money.</param>
    /// <param name="eventId">The id of the event that brought it; <see langword="null"/>: it was pulled.</param>
    /// <param name="type">The event's type.</param>
    public static GatewayEvent? Read(JsonElement item, bool isLive, string? eventId = null, string? type = null)
    {
        if (item.Truth("livemode") is { } livemode && livemode != isLive) return null;
        var read = item.Text("object") switch
        {
            "payment_intent" => OfIntent(item),
            "charge" => OfCharge(item),
            "refund" => OfRefund(item),
            "dispute" => OfDispute(item),
            _ => null,
        };
        return read is null ? null : read with { Id = eventId ?? GatewayEvent.PulledId(item.Text("id") ?? "", read.Fact), Type = type ?? $"pulled.{item.Text("object")}" };
    }

    /// <summary>
    /// Whether what an intent says of its end is our own doing and no news: it was closed before it was confirmed, or it failed
    /// for want of the customer, and its payment cancels it and then goes on.
    /// </summary>
    public static bool IsOwnDoing(JsonElement intent) => intent.Text("status") switch
    {
        "canceled" => intent.Text("cancellation_reason") == StripeIntents.NeverConfirmed || StripeDeclines.NeedsCustomer(intent.Child("last_payment_error")),
        "requires_payment_method" => StripeDeclines.NeedsCustomer(intent.Child("last_payment_error")),
        _ => false,
    };

    /// <summary>Our code of why an intent failed, Stripe's advice included; <see langword="null"/> where it does not say.</summary>
    public static string? DeclineOf(JsonElement intent) => intent.Child("last_payment_error") is { ValueKind: JsonValueKind.Object } error ? StripeDeclines.CodeOf(error) : null;

    private static GatewayEvent? OfIntent(JsonElement intent)
    {
        if (intent.Text("id") is not { } id || IsOwnDoing(intent)) return null;
        return intent.Text("status") switch
        {
            "succeeded" => Of(intent, id, GatewayFact.Succeeded) with { Amount = StripeIntents.CapturedBy(intent), IsTotal = true, At = intent.Child("latest_charge").Seconds("created") },
            "processing" => Of(intent, id, GatewayFact.Processing),
            "canceled" => Of(intent, id, GatewayFact.Cancelled) with { At = intent.Seconds("canceled_at") },
            "requires_payment_method" when DeclineOf(intent) is { } code => Of(intent, id, GatewayFact.Declined) with { Code = code },
            _ => null,
        };
    }

    /// <summary>Only what was captured: a charge that failed is one of perhaps several tries of its intent, which says what came of them.</summary>
    private static GatewayEvent? OfCharge(JsonElement charge)
    {
        var amount = StripeUnits.Read(charge.Number("amount_captured"), charge.Text("currency"));
        return IntentOf(charge) is { } id && charge.Text("status") == "succeeded" && charge.Truth("captured") == true && amount is { IsPositive: true }
            ? Of(charge, id, GatewayFact.Succeeded) with { Amount = amount, IsTotal = true, At = charge.Seconds("created") }
            : null;
    }

    /// <summary>The metadata of a refund that was made by hand on Stripe's pages names nobody; then its charge tells whose it is.</summary>
    private static GatewayEvent? OfRefund(JsonElement refund)
    {
        if (IntentOf(refund) is not { } charge || refund.Text("id") is not { } id) return null;
        GatewayFact? fact = refund.Text("status") switch
        {
            "succeeded" or "pending" => GatewayFact.Refunded,
            "failed" or "canceled" => GatewayFact.RefundFailed,
            _ => null,
        };
        return fact is not { } known ? null : Of(refund, charge, known) with
        {
            Part = id,
            Amount = StripeUnits.Read(refund.Number("amount"), refund.Text("currency")),
            Code = refund.Text("failure_reason"),
            At = refund.Seconds("created"),
        };
    }

    /// <summary>An inquiry (<c>warning_…</c>) takes no money and is no dispute.</summary>
    private static GatewayEvent? OfDispute(JsonElement dispute)
    {
        if (IntentOf(dispute) is not { } charge || dispute.Text("id") is not { } id) return null;
        GatewayFact? fact = dispute.Text("status") switch
        {
            "needs_response" or "under_review" => GatewayFact.DisputeOpened,
            "won" => GatewayFact.DisputeWon,
            "lost" => GatewayFact.DisputeLost,
            _ => null,
        };
        return fact is not { } known ? null : Of(dispute, charge, known) with
        {
            Part = id,
            Amount = known == GatewayFact.DisputeLost ? StripeUnits.Read(dispute.Number("amount"), dispute.Text("currency")) : null,
            At = known == GatewayFact.DisputeOpened ? dispute.Seconds("created") : null,
        };
    }

    /// <summary>The intent of a charge, a refund or a dispute; one of long ago has a charge alone.</summary>
    private static string? IntentOf(JsonElement item) => item.Reference("payment_intent") ?? item.Reference("charge") ?? item.Text("id");

    private static GatewayEvent Of(JsonElement item, string charge, GatewayFact fact)
    {
        var metadata = item.Child("metadata");
        return new GatewayEvent
        {
            Gateway = StripeGateway.GatewayName,
            Id = "",
            Type = "",
            Fact = fact,
            Object = charge,
            Payment = metadata.Text("billing_payment"),
            Ordinal = int.TryParse(metadata.Text("billing_attempt"), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null,
            Account = metadata.Text("billing_account"),
            Invoice = metadata.Text("billing_invoice"),
            // Test accounts use the sandbox alone, whichever mode our key is of.
            Mode = GatewayMode.Live,
        };
    }
}
