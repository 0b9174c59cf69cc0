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
        broken.AddRange(MoneyIsLost(account));
        foreach (var invoice in account.Invoices) broken.AddRange(IsWrong(account, invoice));
        foreach (var payment in account.Payments.Where(payment => payment.IsLive))
        {
            var lost = payment.Invoices.Where(id => account.Invoices.Find(id) is { } invoice && !string.Equals(invoice.ReservedBy, payment.Id, StringComparison.Ordinal));
            broken.AddRange(lost.Select(id => $"{payment.Id} is live without its reservation of {id}"));
        }

        var isUnpaid = account.Invoices.Any(invoice => invoice.UnpaidSince is not null);
        if (account.Episode is not null != isUnpaid) broken.Add("an episode runs exactly while an invoice is unpaid");
        if (!isUnpaid && account.StandingName != StandingRecord.Good) broken.Add($"nothing is unpaid, yet the account is {account.StandingName}");
        if (account.Prepayment.Any(lot => !lot.Amount.IsPositive) || account.Promo.Any(lot => !lot.Amount.IsPositive)) broken.Add("a lot of credit is empty");
        return broken.ToImmutable();
    }

    /// <summary>The same of what an invoice shows: the payments on it, less what was taken back of each, are at most what was paid; the rest is granted credit.</summary>
    public static ImmutableArray<string> Broken(InvoiceState invoice)
    {
        if (invoice.Paid is not { } paid) return [];
        var broken = ImmutableArray.CreateBuilder<string>();
        foreach (var payment in invoice.Payments.GroupBy(part => part.Payment, StringComparer.Ordinal))
        {
            if (payment.Sum(part => part.Amount.MinorUnits) < 0) broken.Add($"{invoice.Id}: more of {payment.Key} was taken back than had paid it");
        }

        var applied = invoice.Payments.Sum(paid.Currency, part => part.Amount);
        if (applied > paid) broken.Add($"{invoice.Id}: payments of {applied} for the {paid} that were paid");
        return broken.ToImmutable();
    }

    /// <summary>Captured + received elsewhere + granted − refunded − reversed − expired = applied + credit.</summary>
    private static IEnumerable<string> MoneyIsLost(AccountState account)
    {
        var zero = Money.Zero(account.Currency);
        var totals = account.Totals!;
        var credit = account.Prepayment.Sum(account.Currency, lot => lot.Amount) + account.Promo.Sum(account.Currency, lot => lot.Amount);
        var came = totals.Captured + (totals.Granted ?? zero) - (totals.Refunded ?? zero) - (totals.Reversed ?? zero) - (totals.Expired ?? zero);
        if (came != totals.Applied + credit) yield return $"what came and stayed, {came}, is not applied {totals.Applied} + credit {credit}";
    }

    private static IEnumerable<string> IsWrong(AccountState account, OpenInvoice invoice)
    {
        var asked = invoice.Total - (invoice.Credited ?? Money.Zero(account.Currency));
        if (!invoice.Due.IsPositive || invoice.Due > asked) yield return $"{invoice.Id}: {invoice.Due} is due of {asked}";
        if (asked - invoice.Due != invoice.Paid) yield return $"{invoice.Id}: {invoice.Paid} was applied, but {invoice.Due} of {asked} is due";
        if (invoice.ReservedBy is { } payment && account.Payments.Find(payment) is not { IsLive: true }) yield return $"{invoice.Id} is reserved by {payment}, which is not live";
        if (invoice.AwaitedBy is { } awaited && account.Payments.Find(awaited) is not { Status: PaymentStatus.AwaitingCustomer }) yield return $"{invoice.Id} is awaited by {awaited}, which does not wait for the customer";
        if (invoice.UnpaidSince is not null && invoice.IsWrittenOff) yield return $"{invoice.Id} is written off and unpaid";
    }
}
