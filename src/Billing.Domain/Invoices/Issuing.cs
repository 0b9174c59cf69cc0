using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>The account's side of an invoice's life: it is owed from the write that issues it, and withdrawn in another.</summary>
internal static class Issuing
{
    /// <summary>Gives the invoice its number, tax, due time and rules, and owes it: one write.</summary>
    public static Reply Issue(AccountDraft draft, IssueInvoice command)
    {
        var state = draft.State;
        if (state.Invoices.Length >= AccountLimits.OpenInvoices)
        {
            draft.TellInvoice(command.Invoice, new IssueDenied(Problems.TooMany, $"At most {AccountLimits.OpenInvoices} open invoices for an account."));
            return new Done();
        }

        var rules = Standings.PolicyOf(state, draft.Policies);
        var collection = draft.Policies[rules].Collection;
        var net = new Money(command.Content.Net, state.Currency);
        var tax = Tax(net, state.Existing.TaxRate ?? 0m);
        var sequence = state.InvoicesNumbered + 1;
        var dueAt = command.Content.DueAt is { } asked ? Instant.Max(asked, draft.Now) : draft.Now + collection.DueAfter;
        var isAutomatic = command.Content.Collection == Collection.Automatic;
        var invoice = new OpenInvoice
        {
            Id = command.Invoice,
            Number = $"INV-{sequence:D6}",
            Sequence = sequence,
            Collection = command.Content.Collection,
            Rules = rules,
            IssuedAt = draft.Now,
            DueAt = dueAt,
            Total = net + tax,
            Due = net + tax,
        };
        draft.State = state with { InvoicesNumbered = sequence, Invoices = state.Invoices.Add(invoice) };
        draft.TellInvoice(invoice.Id, new InvoiceIssued
        {
            Number = invoice.Number,
            IssuedAt = invoice.IssuedAt,
            DueAt = dueAt,
            Total = invoice.Total,
            Tax = tax,
            Rules = rules,
            FirstRungAt = isAutomatic ? collection.Charge == ChargeTime.AtDue ? dueAt : draft.Now : null,
            RetryAfter = collection.RetryAfter,
            StandingVersion = draft.NextVersion,
        });
        draft.Record("invoice.issued", new JsonObject
        {
            ["invoice"] = invoice.Id, ["kind"] = "standard", ["number"] = invoice.Number, ["total"] = invoice.Total.MinorUnits, ["tax"] = tax.MinorUnits, ["currency"] = state.Currency.Code,
        });
        if (invoice.Total.IsZero) PaidAtIssue(draft, invoice);
        return new Done(invoice.Id, draft.NextVersion);
    }

    /// <summary>Withdraws an open invoice. What was paid on it is prepayment again.</summary>
    public static Reply Void(AccountDraft draft, VoidInvoice command)
    {
        if (Idempotency.Before(draft.State, command.Key, draft.Now) is { } before) return before;
        if (draft.State.Invoices.Find(command.Invoice) is not { } invoice) return new Refused(Problems.InvoiceNotPayable, "Nothing is due on it any more.");
        if (invoice.ReservedBy is { } payment) return new Refused(Problems.PaymentInFlight, $"Payment '{payment}' is under way for it.");

        draft.Close(invoice, InvoiceStatus.Void);
        Reservations.EndWaiting(draft, invoice, RungResult.Missed);
        Credit.GiveBack(draft, invoice);
        draft.Record("invoice.voided", new JsonObject { ["invoice"] = invoice.Id, ["number"] = invoice.Number });
        Idempotency.Remember(draft, command.Key, invoice.Id);
        return new Done(invoice.Id, draft.NextVersion);
    }

    private static void PaidAtIssue(AccountDraft draft, OpenInvoice invoice)
    {
        draft.Close(invoice, InvoiceStatus.Paid);
        draft.Record("invoice.paid", new JsonObject { ["invoice"] = invoice.Id, ["number"] = invoice.Number, ["total"] = 0, ["currency"] = invoice.Total.Currency.Code });
    }

    /// <summary>Rounded half away from zero, once an invoice.</summary>
    private static Money Tax(Money net, decimal rate) =>
        net with { MinorUnits = (long)decimal.Round(net.MinorUnits * rate, MidpointRounding.AwayFromZero) };
}
