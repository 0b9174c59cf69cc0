using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Invoices that are not paid in time are cancelled, and are not payable any more. A cancellation waits for its own invoice:
/// a live payment that has it reserved, an open dispute about money applied to it, a legal hold.
/// </summary>
internal static class Cancellations
{
    /// <summary>The next invoice that is cancelled if nothing else happens, and when.</summary>
    public static TimelineEvent.IsCancelled? Next(AccountState account, PolicyBook policies)
    {
        if (IsOff(account)) return null;
        var floor = account.Extension is { } extension ? Instant.Max(account.Standing!.AsOf, extension.Until) : account.Standing!.AsOf;
        return account.Invoices.Where(invoice => !IsKept(account, invoice))
            .Select(invoice => (invoice, at: invoice.CancelAt(policies) is { } at ? Brakes.MayGetWorse(account, policies, Instant.Max(at, floor)) : null))
            .Where(item => item.at is not null)
            .OrderBy(item => item.at).ThenBy(item => item.invoice.DueAt).ThenBy(item => item.invoice.Sequence)
            .Select(item => new TimelineEvent.IsCancelled(item.invoice, item.at!.Value))
            .FirstOrDefault();
    }

    /// <summary>Whether an invoice's cancellation has come and nothing keeps it.</summary>
    public static bool IsDue(AccountState account, OpenInvoice invoice, PolicyBook policies, Instant now) =>
        !IsOff(account) && !(account.Extension?.Until > now) && !Brakes.AreEscalationsPaused(account, policies, now) && !IsKept(account, invoice) && invoice.CancelAt(policies) <= now;

    /// <summary>Whether something of its own, or a legal hold, keeps an invoice from being cancelled.</summary>
    public static bool Waits(AccountState account, OpenInvoice invoice) => IsKept(account, invoice) || account.Holds.Any(hold => hold.Category == HoldCategory.Legal);

    /// <summary>Cancels an invoice: what was paid on it is prepayment, and its subscriptions end where the policy says so.</summary>
    public static void Cancel(AccountDraft draft, OpenInvoice invoice, Instant at)
    {
        var terms = draft.Policies[invoice.Rules].Invoice;
        var postings = Corrections.Withdraw(draft, invoice, InvoiceStatus.Cancelled);
        draft.Record("invoice.cancelled", at, new JsonObject
        {
            ["invoice"] = invoice.Id,
            ["number"] = invoice.Number,
            ["amount_due"] = invoice.Due.MinorUnits,
            ["currency"] = invoice.Due.Currency.Code,
            ["postings"] = postings,
        });
        if (!terms.CancelCancelsSubscription) return;
        foreach (var subscription in invoice.Subscriptions) Subscriptions.End(draft, subscription, at);
    }

    private static bool IsOff(AccountState account) => account.Controls.EnforcementOffSince is not null || account.Holds.Any(hold => hold.Category == HoldCategory.Legal);

    private static bool IsKept(AccountState account, OpenInvoice invoice) =>
        invoice.ReservedBy is not null || account.Disputes.Any(dispute => invoice.Applied.Any(part => string.Equals(part.Payment, dispute.Payment, StringComparison.Ordinal)));
}
