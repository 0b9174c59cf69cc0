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
    public static (ImmutableArray<Allocation> Paid, Money Left) ApplyCaptured(AccountDraft draft, string payment, Money captured, ImmutableArray<string> invoices, Instant at)
    {
        draft.State = draft.State with { Totals = draft.State.Totals! with { Captured = draft.State.Totals.Captured + captured } };
        var left = captured;
        var plan = ImmutableArray.CreateBuilder<Allocation>();
        foreach (var invoice in draft.State.Invoices.Where(invoice => invoices.Contains(invoice.Id, StringComparer.Ordinal)).OldestFirst())
        {
            var part = Money.Min(invoice.Due, left);
            if (!part.IsPositive) break;
            plan.Add(new Allocation(invoice.Id, part));
            left -= part;
        }

        var notPayable = invoices.RemoveAll(id => draft.State.Invoices.Find(id) is not null);
        draft.Record("payment.succeeded", at, new JsonObject
        {
            ["payment"] = payment,
            ["not_payable"] = notPayable.IsEmpty ? null : new JsonArray([.. notPayable.Select(id => (JsonNode)id)]),
            ["amount"] = captured.MinorUnits,
            ["currency"] = captured.Currency.Code,
            ["postings"] = Postings.Of((Postings.Cash, captured), (Postings.Receivable, left - captured), (Postings.Prepayment, -left)),
        });
        foreach (var part in plan) Apply(draft, draft.State.Invoices.Find(part.Invoice)!, new Application(payment, part.Amount), at);
        AddLot(draft, new PrepaymentLot(payment, left, at));
        draft.TellPayment(payment, new PaymentApplied(draft.NextVersion, plan.ToImmutable(), left));
        return (plan.ToImmutable(), left);
    }

    /// <summary>Spends prepayment on these invoices, oldest lot on oldest invoice first.</summary>
    public static void Spend(AccountDraft draft, IEnumerable<string> invoices, Instant at)
    {
        foreach (var id in invoices)
        {
            while (draft.State.Invoices.Find(id) is { } invoice && !draft.State.Prepayment.IsEmpty)
            {
                var lot = draft.State.Prepayment[0];
                var part = Money.Min(invoice.Due, lot.Amount);
                TakeFromLot(draft, 0, part);
                draft.Record("credit.applied", at, new JsonObject
                {
                    ["invoice"] = id,
                    ["payment"] = lot.Payment,
                    ["amount"] = part.MinorUnits,
                    ["currency"] = part.Currency.Code,
                    ["postings"] = Postings.Of((Postings.Prepayment, part), (Postings.Receivable, -part)),
                });
                if (!lot.IsGranted) draft.TellPayment(lot.Payment, new PaymentApplied(draft.NextVersion, [new Allocation(id, part, FromPrepayment: true)], -part));
                Apply(draft, invoice, new Application(lot.Payment, part, lot.IsGranted, FromPrepayment: true), at);
            }
        }
    }

    /// <summary>Prepayment on hand pays at once what is unpaid and not reserved, oldest due first.</summary>
    public static void SpendOnUnpaid(AccountDraft draft, Instant at)
    {
        if (draft.State.Prepayment.IsEmpty) return;
        Spend(draft, [.. draft.State.Invoices.Where(invoice => invoice.ReservedBy is null && invoice.UnpaidFrom(draft.State, draft.Policies) <= at).OldestFirst().Select(invoice => invoice.Id)], at);
    }

    /// <summary>Whether prepayment on hand pays all that is due on these invoices.</summary>
    public static bool Covers(AccountState account, IEnumerable<OpenInvoice> invoices) =>
        account.Prepayment.Sum(account.Currency, lot => lot.Amount) >= invoices.Sum(account.Currency, invoice => invoice.Due);

    /// <summary>What was paid on an invoice, or this much of it, newest first, becomes prepayment again.</summary>
    public static OpenInvoice GiveBack(AccountDraft draft, OpenInvoice invoice, Money amount)
    {
        while (amount.IsPositive)
        {
            var newest = invoice.Applied[^1];
            var part = Money.Min(newest.Amount, amount);
            invoice = invoice.TakeFrom(invoice.Applied.Length - 1, part);
            amount -= part;
            draft.State = draft.State with { Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied - part } };
            AddLot(draft, new PrepaymentLot(newest.Payment, part, draft.Now, newest.IsGranted));
            if (!newest.IsGranted) draft.TellPayment(newest.Payment, new PaymentApplied(draft.NextVersion, [new Allocation(invoice.Id, -part, newest.FromPrepayment)], part));
        }

        return invoice;
    }

    /// <summary>Money held for the account: what came from one payment is one lot.</summary>
    public static void AddLot(AccountDraft draft, PrepaymentLot lot)
    {
        if (!lot.Amount.IsPositive) return;
        for (var i = 0; i < draft.State.Prepayment.Length; i++)
        {
            var known = draft.State.Prepayment[i];
            if (!string.Equals(known.Payment, lot.Payment, StringComparison.Ordinal)) continue;
            draft.State = draft.State with { Prepayment = draft.State.Prepayment.SetItem(i, known with { Amount = known.Amount + lot.Amount }) };
            return;
        }

        draft.State = draft.State with { Prepayment = draft.State.Prepayment.Add(lot) };
    }

    /// <summary>Takes money out of a lot; an empty one is forgotten.</summary>
    public static void TakeFromLot(AccountDraft draft, int index, Money amount)
    {
        var lot = draft.State.Prepayment[index];
        draft.State = draft.State with
        {
            Prepayment = amount == lot.Amount ? draft.State.Prepayment.RemoveAt(index) : draft.State.Prepayment.SetItem(index, lot with { Amount = lot.Amount - amount }),
        };
    }

    private static void Apply(AccountDraft draft, OpenInvoice invoice, Application part, Instant at)
    {
        draft.State = draft.State with { Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied + part.Amount } };
        var paid = invoice with { Due = invoice.Due - part.Amount, Applied = invoice.Applied.Add(part) };
        if (paid.Due.IsZero) Corrections.ClosePaid(draft, paid, at, part.Payment);
        else draft.Keep(paid.IsWrittenOff ? Corrections.TakeBack(draft, paid) : paid);
    }
}
