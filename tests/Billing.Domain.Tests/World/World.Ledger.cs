namespace Billing.Domain.Tests;

/// <summary>The gateway's ledger beside ours.</summary>
internal sealed partial class World
{
    /// <summary>
    /// Where the ledger and we disagree, in words; empty where they agree cent for cent. A payment of which something is
    /// unknown or under way is left out: that is to be found out yet. What came in another currency is a human's to settle.
    /// </summary>
    public IEnumerable<string> Differences() => Payments.Where(payment => payment.Start is not null && payment.Reference is null && !IsUncertain(payment))
        .Select(payment => (payment.Id, Ours: Left(payment), Ledger: Gateway.Charges.Where(charge => charge.Payment == payment.Id && charge.Amount.Currency == payment.Start!.Amount.Currency).Sum(charge => charge.Left)))
        .Where(pair => pair.Ours != pair.Ledger).Select(pair => $"{pair.Id}: {pair.Ours} with us, {pair.Ledger} in the gateway's ledger");

    private static long Left(PaymentState payment) => payment.Captured is { } captured && captured.Currency != payment.Start!.Amount.Currency ? 0 : (payment.Captured?.MinorUnits ?? 0) - (payment.Refunded?.MinorUnits ?? 0) - (payment.Reversed?.MinorUnits ?? 0);

    private static bool IsUncertain(PaymentState payment) =>
        payment.Attempts.Any(attempt => attempt.Outcome is AttemptOutcome.Submitting or AttemptOutcome.Unknown) || payment.Refunds.Any(refund => refund.Status is RefundStatus.Asked or RefundStatus.Sending);
}
