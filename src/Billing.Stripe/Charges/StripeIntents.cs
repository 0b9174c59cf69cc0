using System.Text.Json;
using Billing.Gateways;
using NodaTime;

namespace Billing.Stripe;

/// <summary>What an intent says, in the words of the port. Pure.</summary>
internal static class StripeIntents
{
    /// <summary>The reason with which an intent is closed that was never confirmed: no money has moved, and none will.</summary>
    public const string NeverConfirmed = "abandoned";

    /// <summary>The answer; <see langword="null"/> where the intent has to be cancelled first, for nothing has come of it yet.</summary>
    public static ChargeAnswer? Answer(JsonElement intent, bool byHand, Instant? expiresAt)
    {
        var (id, error) = (intent.Text("id"), intent.Child("last_payment_error"));
        var hasFailed = error.ValueKind == JsonValueKind.Object;
        var needsCustomer = hasFailed && StripeDeclines.NeedsCustomer(error);
        switch (intent.Text("status"))
        {
            case "succeeded":
                return new ChargeAnswer(ChargeStatus.Succeeded, id, CapturedBy(intent), At: CapturedAt(intent));
            case "processing" or "requires_capture":
                return new ChargeAnswer(ChargeStatus.Processing, id);
            case "requires_action" when byHand && RedirectOf(intent) is { } url:
                return new ChargeAnswer(ChargeStatus.AwaitingCustomer, id, Action: new NextAction(url, null, null, null, expiresAt));
            case "requires_payment_method" when hasFailed && !needsCustomer:
                return new ChargeAnswer(ChargeStatus.Declined, id, Code: StripeDeclines.CodeOf(error));
            case "canceled" when needsCustomer:
                return new ChargeAnswer(ChargeStatus.AuthenticationRequired, id, Code: StripeDeclines.AuthenticationRequired);
            case "canceled":
                return new ChargeAnswer(intent.Text("cancellation_reason") == NeverConfirmed ? ChargeStatus.NotFound : ChargeStatus.Cancelled, id);
            case "requires_action" or "requires_payment_method" or "requires_confirmation":
                return null;
            default:
                return new ChargeAnswer(ChargeStatus.Unknown, id, Code: "status_unknown");
        }
    }

    /// <summary>What was captured.</summary>
    public static Money? CapturedBy(JsonElement intent) => StripeUnits.Read(intent.Number("amount_received"), intent.Text("currency"));

    private static Instant? CapturedAt(JsonElement intent) => intent.Child("latest_charge").Seconds("created");

    private static string? RedirectOf(JsonElement intent) => intent.Child("next_action").Child("redirect_to_url").Text("url");
}
