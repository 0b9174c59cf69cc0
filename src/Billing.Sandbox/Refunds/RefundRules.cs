using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What a refund does. Pure: the storage reads, asks here, and writes what it is told.</summary>
internal static class RefundRules
{
    /// <summary>The code of a refund of more than is left of the charge.</summary>
    public const string AmountTooLarge = "amount_too_large";

    /// <summary>The code of a refund of nothing, or of another currency than the charge's.</summary>
    public const string AmountInvalid = "amount_invalid";

    /// <summary>The code of a refund of a charge that the customer disputes.</summary>
    public const string Disputed = "disputed";

    /// <summary>The code of a refund of a charge that was taken back.</summary>
    public const string Reversed = "reversed";

    /// <summary>The code of a refund of a charge that captured nothing.</summary>
    public const string NotCaptured = "not_captured";

    /// <summary>The code of a refund of no charge of the sandbox.</summary>
    public const string NoSuchCharge = "no_such_charge";

    /// <summary>The id of a key's refund.</summary>
    public static string IdOf(string key) => "re_" + Ids.Hash(key);

    /// <summary>What has to be the same for a key to be the same refund; the instant may differ.</summary>
    public static string ContentOf(RefundRequest request) =>
        Ids.Hash(request.Charge, request.Payment, request.Account, $"{request.Amount.MinorUnits} {request.Amount.Currency}", request.Clock ?? "");

    /// <summary>Sends money back at once, or says why not. The sandbox tells nobody: who asked for it knows.</summary>
    public static RefundDecision Make(RefundRequest request, SandboxCharge? charge)
    {
        var refund = new SandboxRefund(IdOf(request.Key), ContentOf(request), WhyNot(request.Amount, charge));
        if (refund.Code is not null) return new(refund);
        var refunded = charge! with { AmountRefunded = charge.AmountRefunded + request.Amount, Changes = charge.Changes + 1, ChangedAt = Instant.Max(ChargeRules.Micros(request.At), charge.CreatedAt) };
        return new(refund, refunded.AmountLeft.IsZero ? refunded with { Status = SandboxChargeStatus.Refunded } : refunded);
    }

    private static string? WhyNot(Money amount, SandboxCharge? charge) => charge?.Status switch
    {
        null => NoSuchCharge,
        SandboxChargeStatus.Processing or SandboxChargeStatus.Failed => NotCaptured,
        SandboxChargeStatus.Disputed => Disputed,
        SandboxChargeStatus.Reversed => Reversed,
        _ when !amount.IsPositive || amount.Currency != charge.Amount.Currency => AmountInvalid,
        _ => amount > charge.AmountLeft ? AmountTooLarge : null,
    };
}
