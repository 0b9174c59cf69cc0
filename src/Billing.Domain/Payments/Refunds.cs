using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Money that we send back. With a credit note for the invoices' part, unless it is to be due again; never more than there is.</summary>
internal static class Refunds
{
    /// <summary>Takes the money from where it lies, or refuses.</summary>
    public static void Decide(AccountDraft draft, RefundAsked asked)
    {
        var back = new MoneyBack(draft, asked.Payment, asked.Trail);
        if (back.IsOld)
        {
            draft.TellPayment(asked.Payment, new TrailIsOld(asked.Refund));
            return;
        }

        var most = asked.Invoice is { } named ? back.On(named) : back.Refundable;
        var amount = asked.Amount ?? most;
        if (!asked.WasSent && Check(draft, asked, amount, most) is { } refused)
        {
            draft.TellPayment(asked.Payment, new RefundDecided(asked.Refund, Money.Zero(draft.State.Currency), refused, draft.NextVersion));
            return;
        }

        var left = asked.Invoice is null ? amount - back.TakePrepayment(amount) : amount;
        // What is gone is gone, from what prepayment was spent on too; what is sent is never taken from there.
        bool? fromPrepayment = asked.Invoice is null && !asked.WasSent ? false : null;
        foreach (var invoice in asked.Invoice is { } only ? [only] : back.Invoices(asked.WasSent ? null : false))
        {
            if (!left.IsPositive) break;
            left -= back.TakeFromInvoice(invoice, left, fromPrepayment, (taken, part, isOpen) => asked.Reopen ? back.DueAgain(taken, part, isOpen) : Note(draft, asked.Payment, taken, part, isOpen));
        }

        Count(draft, amount - left);
        draft.Record("payment.refunded", new JsonObject
        {
            ["payment"] = asked.Payment,
            ["refund"] = asked.Refund,
            ["amount"] = amount.MinorUnits,
            ["currency"] = amount.Currency.Code,
            ["postings"] = Postings.Of((Postings.Cash, -amount), (Postings.Prepayment, back.TakenFromPrepayment), (Postings.Receivable, back.TakenFromInvoices), (Postings.Loss, left)),
        });
        if (asked.Reopen) RecordDueAgain(draft, back);
        back.Tell();
        draft.TellPayment(asked.Payment, new RefundDecided(asked.Refund, amount, null, draft.NextVersion));
    }

    /// <summary>Prepayment that is sent back counts as its payment's refund.</summary>
    public static void FromPrepayment(AccountDraft draft, string payment, Money amount)
    {
        var index = draft.State.Prepayment.IndexOf(draft.State.Prepayment.First(lot => !lot.IsGranted && string.Equals(lot.Payment, payment, StringComparison.Ordinal)));
        Credit.TakeFromLot(draft, index, amount);
        Count(draft, amount);
        draft.Record("payment.refunded", new JsonObject
        {
            ["payment"] = payment,
            ["amount"] = amount.MinorUnits,
            ["currency"] = amount.Currency.Code,
            ["postings"] = Postings.Of((Postings.Cash, -amount), (Postings.Prepayment, amount)),
        });
    }

    /// <summary>Says of each invoice that is due again that it is.</summary>
    public static void RecordDueAgain(AccountDraft draft, MoneyBack back)
    {
        foreach (var id in back.Invoices())
        {
            if (draft.State.Invoices.Find(id) is not { IsDueAgain: true } invoice) continue;
            draft.Record("invoice.due_again", new JsonObject { ["invoice"] = id, ["number"] = invoice.Number, ["amount_due"] = invoice.Due.MinorUnits, ["currency"] = invoice.Due.Currency.Code });
        }
    }

    /// <summary>A credit note stands against what was sent back: nothing becomes due.</summary>
    private static OpenInvoice Note(AccountDraft draft, string payment, OpenInvoice invoice, Money part, bool isOpen)
    {
        var tax = Corrections.TaxIn(invoice, part);
        var noted = invoice with { Credited = (invoice.Credited ?? Money.Zero(part.Currency)) + part };
        Corrections.AddCreditNote(draft, invoice, part, "refund", "invoice.adjusted", Postings.Of((Postings.Receivable, -part), (Postings.Tax, tax), (Postings.Revenue, part - tax)));
        if (isOpen) return draft.Keep(noted);
        Corrections.TellPayments(draft, noted);
        draft.TellInvoice(noted.Id, new PositionChanged
        {
            Status = InvoiceStatus.Paid,
            Due = Money.Zero(part.Currency),
            Paid = noted.Paid,
            IsDueAgain = noted.IsDueAgain,
            Applied = [new Application(payment, -part)],
            StandingVersion = draft.NextVersion,
        });
        return noted;
    }

    private static void Count(AccountDraft draft, Money amount)
    {
        var totals = draft.State.Totals!;
        draft.State = draft.State with { Totals = totals with { Refunded = (totals.Refunded ?? Money.Zero(amount.Currency)) + amount } };
    }

    private static Refused? Check(AccountDraft draft, RefundAsked asked, Money amount, Money most)
    {
        if (!draft.Policy.OffersRefunds) return new Refused(Problems.RefundsRefused, "The account's policy offers no refunds.");
        if (draft.State.Disputes.Any(dispute => string.Equals(dispute.Payment, asked.Payment, StringComparison.Ordinal))) return new Refused(Problems.PaymentDisputed, "The payment is disputed; its outcome decides about the money.");
        if (asked.Invoice is not null && most.IsZero) return new Refused(Problems.InvalidRequest, "No money of this payment lies on that invoice.", [new FieldError("invoice", "Must be an invoice on which money of the payment lies.")]);
        return amount.Currency == most.Currency && amount.IsPositive && amount <= most
            ? null
            : new Refused(Problems.InvalidRequest, "There is not so much of this payment to send back.", [new FieldError("amount", $"At most {most.MinorUnits}.")]);
    }
}
