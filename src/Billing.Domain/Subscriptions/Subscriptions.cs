using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Makes, changes and ends subscriptions (<c>design/domain.md</c>, Invoices, subscriptions, resources). <see cref="Renewals"/> bills them.</summary>
internal static class Subscriptions
{
    /// <summary>
    /// Makes a subscription, or changes its plan, its amount, and its start while that is ahead. On an interval cycle it is
    /// incomplete until its first invoice is paid; on a calendar cycle active from its start (<c>design/corners.md</c>, Subscriptions and cycles).
    /// </summary>
    public static Reply Put(AccountDraft draft, PutSubscription command)
    {
        var before = draft.State.Subscriptions.Find(command.Subscription);
        // A late copy of the call that made it must not bring it back to life.
        if (before is { Status: SubscriptionStatus.Cancelled }) return new Refused(Problems.IdTaken, $"Subscription '{before.Id}' has ended. Subscribe again under another id.");

        var cycle = AccountCycle.Of(draft.State, draft.Policies);
        var errors = Check(draft, before, command, cycle);
        if (!errors.IsEmpty) return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", errors);
        return before is null ? Make(draft, command, cycle) : Change(draft, before, command);
    }

    /// <summary>
    /// Ends a subscription at once. Its open invoices stay owed unless the call voids them; one that bills other
    /// subscriptions too stays in any case, for those are owed still.
    /// </summary>
    /// <param name="draft">The decision.</param>
    /// <param name="command">Which one.</param>
    /// <param name="voidOpen">Voids an open invoice that no payment has reserved.</param>
    public static Reply Cancel(AccountDraft draft, CancelSubscription command, Action<OpenInvoice> voidOpen)
    {
        if (Idempotency.Before(draft, command.Key, command.Subscription) is { } known) return known;
        if (draft.State.Subscriptions.Find(command.Subscription) is not { } subscription) return new Refused(Problems.NotFound, "There is no such subscription.");
        if (subscription.Status == SubscriptionStatus.Cancelled) return new Done(subscription.Id, draft.State.Version, Replayed: true);

        ImmutableArray<OpenInvoice> own = command.VoidOpen ? [.. draft.State.Invoices.Where(invoice => invoice.Subscriptions is [var only] && string.Equals(only, subscription.Id, StringComparison.Ordinal))] : [];
        if (own.FirstOrDefault(invoice => invoice.ReservedBy is not null) is { } reserved)
        {
            return new Refused(Problems.PaymentInFlight, $"Payment '{reserved.ReservedBy}' is under way for invoice '{reserved.Id}'.") { Payment = reserved.ReservedBy };
        }

        End(draft, subscription.Id, draft.Now);
        foreach (var invoice in own) voidOpen(invoice);
        Idempotency.Remember(draft, command.Key);
        return new Done(subscription.Id, draft.NextVersion);
    }

    /// <summary>Ends a subscription: by the call, or with an invoice that was cancelled (<c>cancel_cancels_subscription</c>; <c>sources/002</c>). One that has ended stays so.</summary>
    public static void End(AccountDraft draft, string subscription, Instant at)
    {
        if (draft.State.Subscriptions.Find(subscription) is not { Status: not SubscriptionStatus.Cancelled } ending) return;
        draft.Keep(ending with { Status = SubscriptionStatus.Cancelled, NextBillingAt = null, IsSkipped = false, PastDueSince = null });
        draft.Record("subscription.cancelled", at, new JsonObject { ["subscription"] = subscription });
        PendingCharges.NoteThoseLeftBehind(draft);
    }

    /// <summary>Puts a subscription back, changed.</summary>
    public static void Keep(this AccountDraft draft, Subscription subscription) =>
        draft.State = draft.State with { Subscriptions = draft.State.Subscriptions.With(subscription) };

    private static ImmutableArray<FieldError> Check(AccountDraft draft, Subscription? before, PutSubscription command, AccountCycle cycle)
    {
        var errors = ImmutableArray.CreateBuilder<FieldError>();
        if (before is null && command.Plan is null) errors.Add(new FieldError("plan", "A plan is required."));
        if (before is null && command.Amount is null) errors.Add(new FieldError("amount", "An amount is required."));
        if (command.Amount is { } amount && amount.Currency != draft.State.Currency) errors.Add(new FieldError("amount", $"The account's currency is {draft.State.Currency}."));
        if (before is null && cycle.Cycle is null) errors.Add(new FieldError("plan", $"Policy '{draft.State.Existing.Policy}' has no cycle: nothing would bill it."));
        if (command.StartsAt is { } start && start != before?.StartsAt)
        {
            if (before is not null && HasBegun(before)) errors.Add(new FieldError("starts_at", "It has begun; its start is fixed."));
            else if (start < draft.Now) errors.Add(new FieldError("starts_at", "Must not be in the past."));
        }

        return errors.ToImmutable();
    }

    private static bool HasBegun(Subscription subscription) => subscription.Status != SubscriptionStatus.Incomplete || subscription.FirstInvoice is not null;

    private static Reply Make(AccountDraft draft, PutSubscription command, AccountCycle cycle)
    {
        if (draft.State.Subscriptions.Count(item => item.Status != SubscriptionStatus.Cancelled) >= SubscriptionLimits.Subscriptions)
        {
            return new Refused(Problems.TooMany, $"At most {SubscriptionLimits.Subscriptions} subscriptions for an account.");
        }

        ForgetTheOldest(draft);
        var made = new Subscription { Id = command.Subscription, Plan = command.Plan!, Amount = command.Amount!.Value, Status = SubscriptionStatus.Incomplete, StartsAt = command.StartsAt ?? draft.Now };
        draft.Keep(made);
        if (cycle.Cycle is BillingCycle.CalendarMonth && made.StartsAt <= draft.Now) Periods.BeginInArrears(draft, made, cycle);
        return new Done(made.Id, draft.NextVersion);
    }

    private static Done Change(AccountDraft draft, Subscription before, PutSubscription command)
    {
        var after = before with { Plan = command.Plan ?? before.Plan, Amount = command.Amount ?? before.Amount, StartsAt = command.StartsAt ?? before.StartsAt };
        if (after == before) return new Done(before.Id, draft.State.Version, Replayed: true);
        draft.Keep(after);
        return new Done(after.Id, draft.NextVersion);
    }

    private static void ForgetTheOldest(AccountDraft draft)
    {
        var ended = draft.State.Subscriptions.Where(item => item.Status == SubscriptionStatus.Cancelled).ToArray();
        if (ended.Length > SubscriptionLimits.Subscriptions) draft.State = draft.State with { Subscriptions = draft.State.Subscriptions.Remove(ended[0]) };
    }
}
