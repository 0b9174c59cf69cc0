using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Bills subscriptions and pending charges when their time comes (<c>design/domain.md</c>, Cycles; <c>design/corners.md</c>,
/// Subscriptions and cycles). An interval cycle bills each period in advance, a calendar cycle bills all of an account in arrears.
/// </summary>
/// <remarks>
/// Implementation note: one call bills what falls on one instant, and <see cref="Next"/> names the next one. So a late
/// wake-up walks each period that it missed, in order, like a punctual one; what it issues is issued and due from now,
/// for our own lateness never counts. What a renewal does is asked at the renewal: a change of cycle, of amount or of policy counts
/// from there. From a calendar to an interval the ended month and the period ahead come on one invoice; from an interval to
/// a calendar the next boundary bills first. A policy without a cycle passes everything over; one that gets a cycle bills
/// from the next date of that on, and makes up for nothing.
/// </remarks>
internal static class Renewals
{
    /// <summary>
    /// The earliest instant at which something is to be billed or passed over, possibly in the past; <see langword="null"/>:
    /// nothing is. Renewals that wait for room among the open invoices come back when there is some.
    /// </summary>
    public static Instant? Next(AccountState account, PolicyBook policies)
    {
        if (account.Profile is null || account.Subscriptions.IsEmpty && account.Charges.IsEmpty) return null;
        var waits = !HasRoom(account) && BillingAttention.AreRenewalsToWait(account);
        return Earliest(account, AccountCycle.Of(account, policies), waits);
    }

    /// <summary>The earliest instant; while renewals wait for room, of what needs none.</summary>
    private static Instant? Earliest(AccountState account, AccountCycle cycle, bool waits)
    {
        var ofSubscriptions = account.Subscriptions.Where(item => !waits || !Issues(account, item, cycle)).Min(item => DueOf(item, cycle));
        var ofCharges = waits && !cycle.IsDeleting ? null : PendingCharges.NextBoundary(account, cycle);
        return ofSubscriptions is { } a && ofCharges is { } b ? Instant.Min(a, b) : ofSubscriptions ?? ofCharges;
    }

    /// <summary>Bills what falls at an instant, or is left from before it.</summary>
    /// <param name="draft">The decision, with every step of standing up to the instant on record.</param>
    /// <param name="at">An instant that <see cref="Next"/> named.</param>
    /// <param name="make">Issues an invoice under a name, now: number, promo, tax, due time and ladder.</param>
    public static void Bill(AccountDraft draft, Instant at, Action<string, InvoiceContent, Instant> make)
    {
        Periods.CaughtUp(draft, draft.Now);
        var cycle = AccountCycle.Of(draft.State, draft.Policies);
        var due = draft.State.Subscriptions.Where(item => DueOf(item, cycle) <= at).Select(item => item.Id).ToImmutableArray();
        foreach (var subscription in Present(draft, due).Where(item => item.Status == SubscriptionStatus.Incomplete)) BeginFirst(draft, subscription, cycle, make);

        var renewed = Present(draft, due).Where(item => item.Status == SubscriptionStatus.Active && DueOf(item, cycle) <= at).ToImmutableArray();
        foreach (var subscription in renewed.Where(item => cycle.PassesOver(draft.State, item))) PassOver(draft, subscription, cycle);
        if (cycle.IsDeleting) PendingCharges.PassOver(draft, at);
        ImmutableArray<Subscription> billed = [.. renewed.Where(item => !cycle.PassesOver(draft.State, item))];
        if (cycle.Cycle is BillingCycle.CalendarMonth) BillBoundary(draft, billed, cycle, at, make);
        else foreach (var subscription in billed) BillPeriod(draft, subscription, cycle, make);
        if (Earliest(draft.State, cycle, waits: false) is not { } left || left > draft.Now) BillingAttention.RenewalsGoOn(draft);
    }

    /// <summary>When something is to be done about a subscription: its start, or its next billing.</summary>
    private static Instant? DueOf(Subscription subscription, AccountCycle cycle) => subscription switch
    {
        { Status: SubscriptionStatus.Incomplete, FirstInvoice: null } when cycle.Cycle is not null => subscription.StartsAt,
        { Status: SubscriptionStatus.Active, NextBillingAt: { } next } => next,
        // Passed over without a cycle, and there is one now: the next date is looked for at once.
        { Status: SubscriptionStatus.Active } when cycle.Cycle is not null => subscription.PeriodEnd ?? subscription.PeriodStart,
        _ => null,
    };

    private static bool Issues(AccountState account, Subscription subscription, AccountCycle cycle) =>
        subscription.Status == SubscriptionStatus.Incomplete ? cycle.Cycle is BillingCycle.Interval : !cycle.PassesOver(account, subscription);

    private static IEnumerable<Subscription> Present(AccountDraft draft, ImmutableArray<string> ids) => ids.Select(id => draft.State.Subscriptions.Find(id)!);

    /// <summary>The first invoice of an interval cycle, in whatever standing: it is no renewal. On a calendar cycle the first period begins.</summary>
    private static void BeginFirst(AccountDraft draft, Subscription subscription, AccountCycle cycle, Action<string, InvoiceContent, Instant> make)
    {
        if (cycle.Cycle is BillingCycle.CalendarMonth)
        {
            Periods.BeginInArrears(draft, subscription, cycle);
            return;
        }

        if (!TakeRoom(draft)) return;
        var invoice = RenewalNames.OfPeriod(draft.Id, subscription.Id, subscription.StartsAt);
        // Before it is issued: one that is nothing to pay is paid at issue, and completes the subscription.
        draft.Keep(subscription with { FirstInvoice = invoice });
        make(invoice, new InvoiceContent { Lines = [LineOf(subscription)], Subscriptions = [subscription.Id] }, draft.Now);
    }

    /// <summary>Bills nothing and moves nothing but the date on which it is looked at again.</summary>
    private static void PassOver(AccountDraft draft, Subscription subscription, AccountCycle cycle) =>
        draft.Keep(subscription with { IsSkipped = true, NextBillingAt = cycle.NextOfRhythm(subscription, subscription.NextBillingAt ?? draft.Now) });

    /// <summary>A period in advance; pending charges ride on the first such invoice of the account. After a calendar cycle the ended period is billed too.</summary>
    private static void BillPeriod(AccountDraft draft, Subscription subscription, AccountCycle cycle, Action<string, InvoiceContent, Instant> make)
    {
        if (!TakeRoom(draft)) return;
        var start = subscription.NextBillingAt!.Value;
        var invoice = RenewalNames.OfPeriod(draft.Id, subscription.Id, start);
        ImmutableArray<InvoiceLine> ended = subscription.IsInArrears ? [LineOf(subscription)] : [];
        var content = new InvoiceContent { Lines = [.. ended, LineOf(subscription), .. PendingCharges.Take(draft, start)], Subscriptions = [subscription.Id] };
        Renew(draft, subscription with { PeriodInvoice = invoice, IsInArrears = false }, cycle, start, invoice);
        make(invoice, content, draft.Now);
    }

    /// <summary>One invoice of the account: a line for each subscription whose period ended, and for each pending charge. An empty period makes none.</summary>
    private static void BillBoundary(AccountDraft draft, ImmutableArray<Subscription> billed, AccountCycle cycle, Instant at, Action<string, InvoiceContent, Instant> make)
    {
        ImmutableArray<Subscription> owing = [.. billed.Where(item => item.IsInArrears)];
        var isEmpty = owing.IsEmpty && (cycle.IsDeleting || !(PendingCharges.NextBoundary(draft.State, cycle) <= at));
        if (!isEmpty && !TakeRoom(draft)) return;

        var invoice = isEmpty ? null : RenewalNames.OfBoundary(draft.Id, at);
        ImmutableArray<InvoiceLine> lines = isEmpty ? [] : [.. owing.Select(LineOf), .. PendingCharges.Take(draft, at)];
        foreach (var subscription in billed) Renew(draft, subscription with { IsInArrears = true, PeriodInvoice = null }, cycle, at, subscription.IsInArrears ? invoice : null);
        if (invoice is not null) make(invoice, new InvoiceContent { Lines = lines, Subscriptions = [.. owing.Select(item => item.Id)] }, draft.Now);
    }

    private static void Renew(AccountDraft draft, Subscription subscription, AccountCycle cycle, Instant start, string? invoice)
    {
        var end = cycle.EndOf(start);
        draft.Keep(subscription with { PeriodStart = start, PeriodEnd = end, NextBillingAt = end });
        if (invoice is not null) draft.Record("subscription.renewed", start, new JsonObject { ["subscription"] = subscription.Id, ["invoice"] = invoice });
    }

    private static InvoiceLine LineOf(Subscription subscription) => new(subscription.Plan, subscription.Amount.MinorUnits);

    private static bool HasRoom(AccountState account) => account.Invoices.Length < AccountLimits.OpenInvoices;

    /// <summary>Whether one more invoice may be open. Where not, the renewal waits, somebody is told, and it is retried when one closes.</summary>
    private static bool TakeRoom(AccountDraft draft)
    {
        if (HasRoom(draft.State)) return true;
        BillingAttention.RenewalsWait(draft);
        return false;
    }
}
