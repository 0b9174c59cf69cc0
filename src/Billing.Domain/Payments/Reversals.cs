using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Money that was taken back: what it paid is due again with its original due time. And disputes, which make nothing due.</summary>
internal static class Reversals
{
    /// <summary>Takes the money from the payment's invoices, then from prepayment, then from what that prepayment was spent on, newest first.</summary>
    public static void Take(AccountDraft draft, PaymentReversed message)
    {
        if (message.Amount.Currency != draft.State.Currency)
        {
            // It was never the account's: a human settles what was captured in another currency, and what was taken back of it.
            draft.TellPayment(message.Payment, new ReversalTaken(message.Reversal, draft.NextVersion));
            return;
        }

        var back = new MoneyBack(draft, message.Payment, message.Trail);
        if (back.IsOld)
        {
            draft.TellPayment(message.Payment, new TrailIsOld(message.Reversal));
            return;
        }

        var left = TakeFromInvoices(back, message.Amount, fromPrepayment: false);
        left -= back.TakePrepayment(left);
        left = TakeFromInvoices(back, left, fromPrepayment: true);
        var totals = draft.State.Totals!;
        var lost = message.Amount - left;
        draft.State = draft.State with { Totals = totals with { Reversed = (totals.Reversed ?? Money.Zero(lost.Currency)) + lost } };
        draft.Record("payment.reversed", message.OccurredAt, new JsonObject
        {
            ["payment"] = message.Payment,
            ["amount"] = message.Amount.MinorUnits,
            ["currency"] = message.Amount.Currency.Code,
            ["reason"] = message.Reason,
            ["postings"] = Postings.Of((Postings.Cash, -message.Amount), (Postings.Receivable, back.TakenFromInvoices), (Postings.Prepayment, back.TakenFromPrepayment), (Postings.Loss, left)),
        });
        Refunds.RecordDueAgain(draft, back);
        back.Tell();
        draft.TellPayment(message.Payment, new ReversalTaken(message.Reversal, draft.NextVersion));
    }

    /// <summary>A dispute is opened: nothing becomes due, and its method is not charged automatically. Or it has ended.</summary>
    public static void Dispute(AccountDraft draft, DisputeChanged message)
    {
        var others = draft.State.Disputes.RemoveAll(dispute => string.Equals(dispute.Payment, message.Payment, StringComparison.Ordinal));
        if (message.Outcome != DisputeOutcome.Opened)
        {
            draft.State = draft.State with { Disputes = others };
        }
        else
        {
            draft.State = draft.State with { Disputes = others.Add(new OpenDispute(message.Payment, message.Method, draft.Now)) };
            if (draft.State.Methods.Find(message.Method) is { } method) Methods.PassOver(draft, method.AsCandidate(), except: null);
        }

        // A lost one tells itself as the reversal that it is.
        if (message.Outcome != DisputeOutcome.Lost) draft.Record(message.Outcome == DisputeOutcome.Opened ? "payment.disputed" : "payment.dispute_won", new JsonObject { ["payment"] = message.Payment });
    }

    private static Money TakeFromInvoices(MoneyBack back, Money left, bool fromPrepayment)
    {
        foreach (var invoice in back.Invoices(fromPrepayment))
        {
            if (!left.IsPositive) break;
            left -= back.TakeFromInvoice(invoice, left, fromPrepayment, back.DueAgain);
        }

        return left;
    }
}
