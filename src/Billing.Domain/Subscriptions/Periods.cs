using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What money, or the lack of it, does to the period of a subscription (<c>design/corners.md</c>, Subscriptions and cycles;
/// <c>sources/002</c>: paid, the period end and the next billing date move to 30 days from the payment).
/// </summary>
internal static class Periods
{
    /// <summary>
    /// An invoice was closed as paid. A first invoice completes its subscriptions: the period runs from the capture. With
    /// <c>restart_at_payment</c> the period of an overdue renewal, or of one whose renewal was passed over, restarts there.
    /// </summary>
    /// <param name="draft">The decision, the invoice no longer among the open ones.</param>
    /// <param name="paid">The invoice as it was.</param>
    /// <param name="capturedAt">When the gateway captured, or when money on hand was applied.</param>
    public static void InvoicePaid(AccountDraft draft, OpenInvoice paid, Instant capturedAt)
    {
        var cycle = AccountCycle.Of(draft.State, draft.Policies);
        // No period begins before the invoice that bills it, whatever a gateway's clock says: its name was never used before.
        var from = Instant.Max(capturedAt, paid.IssuedAt);
        foreach (var id in paid.Subscriptions)
        {
            var subscription = draft.State.Subscriptions.Find(id);
            var isFirst = subscription is { Status: SubscriptionStatus.Incomplete, FirstInvoice: { } first } && string.Equals(first, paid.Id, StringComparison.Ordinal);
            if (isFirst) Complete(draft, subscription!, cycle, from);
            else if (subscription is { Status: SubscriptionStatus.Active } && Restarts(draft.State, subscription, cycle, paid)) Begin(draft, subscription, cycle, from);
        }
    }

    /// <summary>
    /// An invoice became unpaid: its subscriptions are past due from then on. Says so once for each time that one becomes so.
    /// </summary>
    public static void NotePastDue(AccountDraft draft, OpenInvoice invoice, Instant at)
    {
        foreach (var id in invoice.Subscriptions)
        {
            if (draft.State.Subscriptions.Find(id) is { Status: SubscriptionStatus.Active, PastDueSince: null } subscription) BecomePastDue(draft, subscription, at);
            if (draft.State.Subscriptions.Find(id) is { } own && string.Equals(own.PeriodInvoice, invoice.Id, StringComparison.Ordinal)) draft.Keep(own with { IsRenewalOverdue = true });
        }
    }

    /// <summary>
    /// After any change of facts, standing or policy: one that is no longer past due is active again; one whose renewals were
    /// passed over, with nothing in the way any more, is billed next on the first date of its old rhythm still ahead.
    /// </summary>
    public static void CaughtUp(AccountDraft draft, Instant at)
    {
        if (draft.State.Subscriptions.IsEmpty) return;
        var cycle = AccountCycle.Of(draft.State, draft.Policies);
        foreach (var subscription in draft.State.Subscriptions.Where(item => item.Status == SubscriptionStatus.Active))
        {
            var isPastDue = SubscriptionView.StatusOf(draft.State, subscription) == SubscriptionStatus.PastDue;
            if (isPastDue && subscription.PastDueSince is null) BecomePastDue(draft, subscription, at);
            if (!isPastDue && subscription.PastDueSince is not null) Recover(draft, subscription, at);
            if (subscription.IsSkipped && !cycle.PassesOver(draft.State, subscription)) Resume(draft, draft.State.Subscriptions.Find(subscription.Id)!, cycle, at);
        }
    }

    /// <summary>On a calendar cycle it is active from its start, and the period is billed when it ends.</summary>
    public static void BeginInArrears(AccountDraft draft, Subscription subscription, AccountCycle cycle)
    {
        var end = cycle.EndOf(subscription.StartsAt);
        draft.Keep(subscription with { Status = SubscriptionStatus.Active, PeriodStart = subscription.StartsAt, PeriodEnd = end, NextBillingAt = end, IsInArrears = true });
        Activated(draft, subscription, subscription.StartsAt);
    }

    private static void Complete(AccountDraft draft, Subscription subscription, AccountCycle cycle, Instant from)
    {
        Begin(draft, subscription with { Status = SubscriptionStatus.Active, PeriodInvoice = subscription.FirstInvoice }, cycle, from);
        Activated(draft, subscription, from);
    }

    /// <summary>A period that was billed in advance. Where the policy has lost its cycle meanwhile it has no end yet, and waits for one.</summary>
    private static void Begin(AccountDraft draft, Subscription subscription, AccountCycle cycle, Instant from)
    {
        var end = cycle.EndOf(from);
        draft.Keep(subscription with { PeriodStart = from, PeriodEnd = end, NextBillingAt = end, IsInArrears = false, IsSkipped = end is null });
    }

    private static bool Restarts(AccountState account, Subscription subscription, AccountCycle cycle, OpenInvoice paid)
    {
        if (!cycle.Restarts || subscription.IsInArrears || paid.UnpaidSince is null) return false;
        return (subscription.IsRenewalOverdue || subscription.IsSkipped) && SubscriptionView.StatusOf(account, subscription) == SubscriptionStatus.Active;
    }

    private static void Resume(AccountDraft draft, Subscription subscription, AccountCycle cycle, Instant at)
    {
        // A date at this very instant is still ahead where its renewals have not come: what was passed over has moved on already.
        var next = subscription.NextBillingAt is { } planned && planned >= at ? planned : cycle.NextOfRhythm(subscription, at);
        var length = subscription.PeriodEnd - subscription.PeriodStart;
        draft.Keep(subscription with
        {
            IsSkipped = false,
            PeriodStart = cycle.Cycle is BillingCycle.Interval && !subscription.IsInArrears && length is { } every ? next - every : subscription.PeriodStart,
            PeriodEnd = next,
            NextBillingAt = next,
        });
    }

    private static void BecomePastDue(AccountDraft draft, Subscription subscription, Instant at)
    {
        draft.Keep(subscription with { PastDueSince = at });
        draft.Record("subscription.past_due", at, new JsonObject { ["subscription"] = subscription.Id });
    }

    private static void Recover(AccountDraft draft, Subscription subscription, Instant at)
    {
        draft.Keep(subscription with { PastDueSince = null, IsRenewalOverdue = false });
        Activated(draft, subscription, at);
    }

    private static void Activated(AccountDraft draft, Subscription subscription, Instant at) =>
        draft.Record("subscription.activated", at, new JsonObject { ["subscription"] = subscription.Id });
}
