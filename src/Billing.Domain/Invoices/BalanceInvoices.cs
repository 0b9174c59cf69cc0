using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>
/// The document for the whole unpaid balance. Never a second debt: what is due on it is what is due on the invoices that
/// it names, and it counts in no total and no condition.
/// </summary>
internal static class BalanceInvoices
{
    /// <summary>Issues a new one that names every unpaid invoice, where the policy wants one; the one before is superseded.</summary>
    public static void Issue(AccountDraft draft)
    {
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        var unpaid = draft.State.Invoices.Where(invoice => invoice.UnpaidSince is not null).OldestFirst().ToImmutableArray();
        if (!policy.Invoice.BalanceInvoice || unpaid.IsEmpty) return;

        var n = draft.State.BalancesNumbered + 1;
        var number = $"BAL-{n:D6}";
        var total = unpaid.Sum(draft.State.Currency, invoice => invoice.Due);
        var balance = new BalanceInvoice(Ids.BalanceInvoice(draft.Id, n), [.. unpaid.Select(invoice => invoice.Id)], total);
        Supersede(draft, balance);
        draft.State = draft.State with { BalancesNumbered = n, Balance = balance };
        draft.TellInvoice(balance.Id, new BalanceInvoiceIssued(
            draft.Id, draft.State.Existing.TestClock, draft.State.Existing.Test, number, draft.Now, total,
            [.. unpaid.Select(invoice => new Settled(invoice.Id, invoice.Number, invoice.Due))], policy.Invoice.SettlesLabel, draft.NextVersion));
        draft.Record("invoice.issued", new JsonObject { ["invoice"] = balance.Id, ["kind"] = "balance", ["number"] = number, ["total"] = total.MinorUnits, ["currency"] = total.Currency.Code });
    }

    /// <summary>Tells the balance invoice when what is due on the invoices that it names has changed, and forgets it when that is nothing.</summary>
    public static void TellPosition(AccountDraft draft)
    {
        if (draft.State.Balance is not { } balance) return;
        var due = draft.State.Invoices.Where(invoice => balance.Invoices.Contains(invoice.Id, StringComparer.Ordinal)).Sum(draft.State.Currency, invoice => invoice.Due);
        if (due == balance.Due) return;
        draft.State = draft.State with { Balance = due.IsZero ? null : balance with { Due = due } };
        draft.TellInvoice(balance.Id, new PositionChanged { Status = due.IsZero ? InvoiceStatus.Paid : InvoiceStatus.Open, Due = due, StandingVersion = draft.State.Version });
    }

    private static void Supersede(AccountDraft draft, BalanceInvoice by)
    {
        if (draft.State.Balance is not { } old) return;
        draft.TellInvoice(old.Id, new PositionChanged
        {
            Status = InvoiceStatus.Void,
            Due = Money.Zero(draft.State.Currency),
            SupersededBy = by.Id,
            StandingVersion = draft.NextVersion,
        });
        draft.Record("invoice.voided", new JsonObject { ["invoice"] = old.Id, ["superseded_by"] = by.Id });
    }
}
