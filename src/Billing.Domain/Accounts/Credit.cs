using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Puts money where it belongs: on invoices, oldest due first; what is left over is prepayment.</summary>
internal static class Credit
{
    /// <summary>
    /// Money of a payment that was captured: to the invoices that it was for, oldest first; the surplus is prepayment, and
    /// pays at once what is unpaid and free. It is never lost and never refused after the fact.
    /// </summary>
    public static void ApplyCaptured(AccountDraft draft, string payment, Money captured, ImmutableArray<string> invoices, Instant at)
    {
        var totals = draft.State.Totals!;
        draft.State = draft.State with { Totals = totals with { Captured = totals.Captured + captured } };
        var allocations = ImmutableArray.CreateBuilder<Allocation>();
        var left = captured;
        foreach (var invoice in draft.State.Invoices.Where(invoice => invoices.Contains(invoice.Id, StringComparer.Ordinal)).OldestFirst().ToArray())
        {
            var part = Money.Min(invoice.Due, left);
            if (!part.IsPositive) break;
            allocations.Add(Apply(draft, invoice, payment, part));
            left -= part;
        }

        if (left.IsPositive) draft.State = draft.State with { Prepayment = draft.State.Prepayment.Add(new PrepaymentLot(payment, left, at)) };
        draft.TellPayment(payment, new PaymentApplied(draft.NextVersion, allocations.ToImmutable(), left));
    }

    /// <summary>Spends prepayment on these invoices, oldest lot on oldest invoice first.</summary>
    public static void Spend(AccountDraft draft, IEnumerable<string> invoices)
    {
        foreach (var id in invoices)
        {
            while (draft.State.Invoices.Find(id) is { } invoice && !draft.State.Prepayment.IsEmpty)
            {
                var lot = draft.State.Prepayment[0];
                var part = Money.Min(invoice.Due, lot.Amount);
                draft.State = draft.State with
                {
                    Prepayment = part == lot.Amount ? draft.State.Prepayment.RemoveAt(0) : draft.State.Prepayment.SetItem(0, lot with { Amount = lot.Amount - part }),
                };
                var allocation = Apply(draft, invoice, lot.Payment, part);
                draft.Record("credit.applied", new JsonObject { ["invoice"] = id, ["payment"] = lot.Payment, ["amount"] = part.MinorUnits, ["currency"] = part.Currency.Code });
                draft.TellPayment(lot.Payment, new PaymentApplied(draft.NextVersion, [allocation], Money.Zero(part.Currency) - part));
            }
        }
    }

    /// <summary>Prepayment on hand pays at once what is unpaid and not reserved, oldest due first.</summary>
    public static void SpendOnUnpaid(AccountDraft draft)
    {
        if (draft.State.Prepayment.IsEmpty) return;
        Spend(draft, [.. draft.State.Invoices.Where(invoice => invoice.ReservedBy is null && invoice.UnpaidFrom() <= draft.Now).OldestFirst().Select(invoice => invoice.Id)]);
    }

    /// <summary>Whether prepayment on hand pays all that is due on these invoices.</summary>
    public static bool Covers(AccountState account, IEnumerable<OpenInvoice> invoices) =>
        account.Prepayment.Sum(account.Currency, lot => lot.Amount) >= invoices.Sum(account.Currency, invoice => invoice.Due);

    /// <summary>What was paid on an invoice that is withdrawn becomes prepayment again.</summary>
    public static void GiveBack(AccountDraft draft, OpenInvoice invoice)
    {
        foreach (var part in invoice.Applied)
        {
            draft.State = draft.State with
            {
                Prepayment = draft.State.Prepayment.Add(new PrepaymentLot(part.Payment, part.Amount, draft.Now)),
                Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied - part.Amount },
            };
            draft.TellPayment(part.Payment, new PaymentApplied(
                draft.NextVersion, [new Allocation(invoice.Id, Money.Zero(part.Amount.Currency) - part.Amount, invoice.DueAt, invoice.UnpaidSince, invoice.Collection)], part.Amount));
        }
    }

    private static Allocation Apply(AccountDraft draft, OpenInvoice invoice, string payment, Money part)
    {
        draft.State = draft.State with { Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied + part } };
        var paid = invoice with { Due = invoice.Due - part, Applied = invoice.Applied.Add(new Application(payment, part)) };
        if (paid.Due.IsZero)
        {
            draft.Close(paid, InvoiceStatus.Paid);
            draft.Record("invoice.paid", new JsonObject { ["invoice"] = paid.Id, ["number"] = paid.Number, ["total"] = paid.Total.MinorUnits, ["currency"] = paid.Total.Currency.Code });
            Reservations.EndWaiting(draft, paid, RungResult.Paid);
            if (paid.ReservedBy is { } other && !string.Equals(other, payment, StringComparison.Ordinal)) Reservations.StopIfPaid(draft, other);
        }
        else
        {
            draft.Keep(paid);
        }

        return new Allocation(invoice.Id, part, invoice.DueAt, invoice.UnpaidSince, invoice.Collection);
    }
}
