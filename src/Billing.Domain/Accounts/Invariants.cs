using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>What must be true of an account's facts at any time. One piece of code, for tests, simulator and checks.</summary>
public static class Invariants
{
    /// <summary>Every broken invariant, in words; empty when all hold.</summary>
    public static ImmutableArray<string> Broken(AccountState account)
    {
        if (account.Profile is null) return [];
        var broken = ImmutableArray.CreateBuilder<string>();
        var credit = account.Prepayment.Sum(account.Currency, lot => lot.Amount);
        var totals = account.Totals!;
        if (totals.Captured != totals.Applied + credit) broken.Add($"captured {totals.Captured} is not applied {totals.Applied} + credit {credit}");
        foreach (var invoice in account.Invoices)
        {
            var paid = invoice.Applied.Sum(account.Currency, part => part.Amount);
            if (!invoice.Due.IsPositive || invoice.Due > invoice.Total) broken.Add($"{invoice.Id}: {invoice.Due} is due of {invoice.Total}");
            if (invoice.Total - invoice.Due != paid) broken.Add($"{invoice.Id}: {paid} was applied, but {invoice.Due} of {invoice.Total} is due");
            if (invoice.ReservedBy is { } payment && account.Payments.Find(payment) is not { Status: not PaymentStatus.Created }) broken.Add($"{invoice.Id} is reserved by {payment}, which is not live");
        }

        foreach (var payment in account.Payments.Where(payment => payment.Status != PaymentStatus.Created))
        {
            var lost = payment.Invoices.Where(id => account.Invoices.Find(id) is { } invoice && !string.Equals(invoice.ReservedBy, payment.Id, StringComparison.Ordinal));
            broken.AddRange(lost.Select(id => $"{payment.Id} is live without its reservation of {id}"));
        }

        if (account.Episode is null != account.Invoices.All(invoice => invoice.UnpaidSince is null)) broken.Add("an episode runs exactly while an invoice is unpaid");
        if (account.Invoices.All(invoice => invoice.UnpaidFrom() is null) && account.StandingName != StandingRecord.Good) broken.Add($"nothing is unpaid, yet the account is {account.StandingName}");
        if (account.Prepayment.Any(lot => !lot.Amount.IsPositive)) broken.Add("a prepayment lot is empty");
        return broken.ToImmutable();
    }
}
