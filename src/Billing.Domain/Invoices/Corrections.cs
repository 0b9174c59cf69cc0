using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>What becomes of an invoice after it is issued, other than waiting: paid, withdrawn, written off, adjusted, due again.</summary>
internal static class Corrections
{
    /// <summary>Withdraws an open invoice. What was paid on it is prepayment again.</summary>
    public static Reply Void(AccountDraft draft, VoidInvoice command)
    {
        if (Idempotency.Before(draft, command.Key, command.Invoice) is { } before) return before;
        if (Free(draft, command.Invoice, out var refusal) is not { } invoice) return refusal!;
        VoidOpen(draft, invoice);
        Idempotency.Remember(draft, command.Key);
        return new Done(invoice.Id, draft.NextVersion);
    }

    /// <summary>Withdraws an invoice that is open and free.</summary>
    public static void VoidOpen(AccountDraft draft, OpenInvoice invoice)
    {
        var postings = Withdraw(draft, invoice, InvoiceStatus.Void);
        draft.Record("invoice.voided", new JsonObject { ["invoice"] = invoice.Id, ["number"] = invoice.Number, ["postings"] = postings });
    }

    /// <summary>Closes an invoice that asks for nothing any more: what was paid is prepayment, promo that has not expired is given back.</summary>
    public static JsonArray Withdraw(AccountDraft draft, OpenInvoice invoice, InvoiceStatus status)
    {
        if (invoice.IsWrittenOff) invoice = TakeBack(draft, invoice);
        var left = invoice.Total - (invoice.Credited ?? Money.Zero(invoice.Total.Currency));
        var (paid, promo, tax) = (invoice.Paid, invoice.Promo.Sum(invoice.Total.Currency, part => part.Amount), TaxIn(invoice, left));
        StopAwaiting(draft, invoice);
        Rungs.EndWaiting(draft, invoice, RungResult.Missed);
        draft.Close(Credit.GiveBack(draft, draft.State.Invoices.Find(invoice.Id)! with { UnpaidSince = invoice.UnpaidSince }, paid), status);
        Promo.GiveBack(draft, invoice);
        return Postings.Of((Postings.Receivable, paid - left), (Postings.Prepayment, -paid), (Postings.Promo, -promo), (Postings.Tax, tax), (Postings.Revenue, left + promo - tax));
    }

    /// <summary>Nothing is due on it any more. Its payments learn what it was, so that a reversal can bring it back.</summary>
    public static void ClosePaid(AccountDraft draft, OpenInvoice invoice, Instant at, string? by = null)
    {
        if (invoice.IsWrittenOff) invoice = TakeBack(draft, invoice);
        draft.Close(invoice, InvoiceStatus.Paid);
        draft.Record("invoice.paid", at, new JsonObject { ["invoice"] = invoice.Id, ["number"] = invoice.Number, ["total"] = invoice.Total.MinorUnits, ["currency"] = invoice.Total.Currency.Code });
        Rungs.EndWaiting(draft, invoice, RungResult.Paid);
        if (invoice.ReservedBy is { } other && !string.Equals(other, by, StringComparison.Ordinal)) Reservations.StopIfPaid(draft, other);
        if (invoice.AwaitedBy is { } awaiting && !string.Equals(awaiting, by, StringComparison.Ordinal)) Reservations.StopIfPaid(draft, awaiting);
        TellPayments(draft, invoice);
        Periods.InvoicePaid(draft, invoice, at);
    }

    /// <summary>Tells every payment with money on a closed invoice what the invoice was.</summary>
    public static void TellPayments(AccountDraft draft, OpenInvoice invoice)
    {
        var closed = invoice with { ReservedBy = null, ReservedAmount = null, AwaitedBy = null, WaitingRung = null, HoldUntil = null, UnpaidSince = null };
        foreach (var payment in invoice.Applied.Where(part => !part.IsGranted).Select(part => part.Payment).Distinct(StringComparer.Ordinal)) draft.TellPayment(payment, new InvoiceClosed(closed, draft.NextVersion));
    }

    /// <summary>Gives up on an open invoice. It stays payable.</summary>
    public static Reply WriteOff(AccountDraft draft, WriteOff command)
    {
        if (Idempotency.Before(draft, command.Key, command.Invoice) is { } before) return before;
        if (Free(draft, command.Invoice, out var refusal) is not { } invoice) return refusal!;
        if (invoice.IsWrittenOff) return new Refused(Problems.InvoiceNotPayable, "It is written off already.");

        StopAwaiting(draft, invoice);
        draft.Keep(invoice with { IsWrittenOff = true, UnpaidSince = null });
        RecordWriteOff(draft, invoice, invoice.Due, isUndone: false);
        Idempotency.Remember(draft, command.Key);
        return new Done(invoice.Id, draft.NextVersion);
    }

    /// <summary>Takes a write-off back.</summary>
    public static Reply UndoWriteOff(AccountDraft draft, UndoWriteOff command)
    {
        if (Idempotency.Before(draft, command.Key, command.Invoice) is { } before) return before;
        if (draft.State.Invoices.Find(command.Invoice) is not { IsWrittenOff: true } invoice) return new Refused(Problems.InvoiceNotPayable, "It is not written off.");
        draft.Keep(TakeBack(draft, invoice));
        Idempotency.Remember(draft, command.Key);
        return new Done(invoice.Id, draft.NextVersion);
    }

    /// <summary>The invoice counts again. What is still ahead of it runs; a grace that is over runs anew from here.</summary>
    public static OpenInvoice TakeBack(AccountDraft draft, OpenInvoice invoice)
    {
        RecordWriteOff(draft, invoice, draft.State.Invoices.Find(invoice.Id)?.Due ?? invoice.Due, isUndone: true);
        var counted = invoice with { IsWrittenOff = false };
        return counted.CancelAt(draft.Policies) is { } cancelAt && cancelAt <= draft.Now ? counted with { GraceFrom = draft.Now } : counted;
    }

    /// <summary>Issues a credit note on an open invoice.</summary>
    public static Reply Adjust(AccountDraft draft, AdjustInvoice command)
    {
        if (Idempotency.Before(draft, command.Key, command.Invoice) is { } before) return before;
        if (Free(draft, command.Invoice, out var refusal) is not { } invoice) return refusal!;
        var credited = invoice.Credited ?? Money.Zero(invoice.Total.Currency);
        if (command.Amount.Currency != draft.State.Currency || !command.Amount.IsPositive || command.Amount > invoice.Total - credited)
        {
            return new Refused(Problems.InvalidRequest, "A credit note takes off at most what the invoice asks for.", [new FieldError("amount", $"At most {(invoice.Total - credited).MinorUnits}.")]);
        }

        StopAwaiting(draft, invoice);
        if (invoice.IsWrittenOff) invoice = TakeBack(draft, invoice);
        var ofDue = Money.Min(command.Amount, invoice.Due);
        var ofPaid = command.Amount - ofDue;
        var tax = TaxIn(invoice, command.Amount);
        AddCreditNote(draft, invoice, command.Amount, command.Reason, "invoice.adjusted", Postings.Of(
            (Postings.Receivable, ofPaid - command.Amount), (Postings.Prepayment, -ofPaid), (Postings.Tax, tax), (Postings.Revenue, command.Amount - tax)));
        invoice = draft.Keep(Credit.GiveBack(draft, (draft.State.Invoices.Find(invoice.Id) ?? invoice) with { IsWrittenOff = false, GraceFrom = invoice.GraceFrom, Due = invoice.Due - ofDue, Credited = credited + command.Amount }, ofPaid));
        if (invoice.Due.IsZero) ClosePaid(draft, invoice, draft.Now);
        Idempotency.Remember(draft, command.Key);
        return new Done(invoice.Id, draft.NextVersion);
    }

    /// <summary>A numbered credit note stands against an invoice.</summary>
    public static void AddCreditNote(AccountDraft draft, OpenInvoice invoice, Money amount, string reason, string type, JsonArray postings)
    {
        var n = draft.State.CreditNotesNumbered + 1;
        var number = $"CRN-{n:D6}";
        draft.State = draft.State with { CreditNotesNumbered = n };
        draft.TellInvoice(invoice.Id, new CreditNote(number, amount, reason, draft.Now));
        draft.Record(type, new JsonObject
        {
            ["invoice"] = invoice.Id,
            ["credit_note"] = number,
            ["amount"] = amount.MinorUnits,
            ["currency"] = amount.Currency.Code,
            ["reason"] = reason,
            ["postings"] = postings,
        });
    }

    /// <summary>The tax in a part of an invoice, rounded half away from zero.</summary>
    public static Money TaxIn(OpenInvoice invoice, Money part) => invoice.Tax is not { IsZero: false } tax || invoice.Total.IsZero
        ? Money.Zero(part.Currency)
        : part with { MinorUnits = (long)decimal.Round((decimal)tax.MinorUnits * part.MinorUnits / invoice.Total.MinorUnits, MidpointRounding.AwayFromZero) };

    /// <summary>A payment that waits for the customer to pay this invoice is cancelled first; what comes in spite of that is applied if it can be.</summary>
    public static void StopAwaiting(AccountDraft draft, OpenInvoice invoice)
    {
        if (invoice.AwaitedBy is { } payment) Reservations.CancelAwaiting(draft, payment);
    }

    private static OpenInvoice? Free(AccountDraft draft, string id, out Refused? refusal)
    {
        refusal = null;
        if (draft.State.Invoices.Find(id) is not { } invoice) refusal = new Refused(Problems.InvoiceNotPayable, "Nothing is due on it any more.");
        else if (invoice.ReservedBy is not { } payment) return invoice;
        else refusal = new Refused(Problems.PaymentInFlight, $"Payment '{payment}' is under way for it.") { Payment = payment };
        return null;
    }

    private static void RecordWriteOff(AccountDraft draft, OpenInvoice invoice, Money due, bool isUndone) => draft.Record("invoice.written_off", new JsonObject
    {
        ["invoice"] = invoice.Id,
        ["number"] = invoice.Number,
        ["amount"] = due.MinorUnits,
        ["currency"] = due.Currency.Code,
        ["undone"] = isUndone,
        ["postings"] = isUndone ? Postings.Of((Postings.Receivable, due), (Postings.WrittenOff, -due)) : Postings.Of((Postings.WrittenOff, due), (Postings.Receivable, -due)),
    });
}
