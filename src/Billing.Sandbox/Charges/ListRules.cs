using System.Globalization;
using Billing.Gateways;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>What the ledger's rows say, in the words of the port.</summary>
internal static class ListRules
{
    /// <summary>What became of a charge, and the dispute about it where one is open or lost.</summary>
    public static IEnumerable<GatewayEvent> EventsOf(SandboxCharge charge)
    {
        var answer = ChargeRules.Answer(charge);
        if (FactOf(answer.Status) is { } fact) yield return Of(charge, fact, answer.At) with { Amount = answer.Amount, IsTotal = true, Code = answer.Code };
        if (charge.Status == SandboxChargeStatus.Disputed) yield return Of(charge, GatewayFact.DisputeOpened, charge.ChangedAt);
        if (charge.AmountReversed.IsPositive) yield return Of(charge, GatewayFact.DisputeLost, charge.ChangedAt) with { Amount = charge.AmountReversed };
    }

    /// <summary>A refund.</summary>
    public static GatewayEvent EventOf(ListedRefund refund) => new()
    {
        Gateway = SandboxGateway.GatewayName,
        Id = GatewayEvent.PulledId(refund.Refund.Id, FactOf(refund)),
        Type = "pulled.refund",
        Fact = FactOf(refund),
        Object = refund.Charge,
        Part = refund.Refund.Id,
        Payment = refund.Payment,
        Amount = refund.Amount,
        Code = refund.Refund.Code,
        At = refund.CreatedAt,
    };

    private static GatewayEvent Of(SandboxCharge charge, GatewayFact fact, Instant? at)
    {
        var slash = charge.Key.LastIndexOf('/');
        return new GatewayEvent
        {
            Gateway = SandboxGateway.GatewayName,
            Id = GatewayEvent.PulledId(charge.Id, fact),
            Type = "pulled.charge",
            Fact = fact,
            Object = charge.Id,
            Payment = charge.Payment,
            Account = charge.Account,
            Ordinal = slash > 0 && int.TryParse(charge.Key.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var ordinal) ? ordinal : null,
            At = at,
        };
    }

    private static GatewayFact FactOf(ListedRefund refund) => refund.Refund.Code is null ? GatewayFact.Refunded : GatewayFact.RefundFailed;

    /// <summary>Only what has ended is told: what is under way is followed by its payment itself.</summary>
    private static GatewayFact? FactOf(ChargeStatus status) => status switch
    {
        ChargeStatus.Succeeded => GatewayFact.Succeeded,
        ChargeStatus.Declined or ChargeStatus.AuthenticationRequired => GatewayFact.Declined,
        ChargeStatus.Cancelled => GatewayFact.Cancelled,
        _ => null,
    };
}
