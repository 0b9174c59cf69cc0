using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Charges that wait for an invoice of the cycle: each belongs to the period in which it was recorded, and is billed when
/// that ends (<c>design/domain.md</c>, Cycles).
/// </summary>
internal static class PendingCharges
{
    /// <summary>Adds one. Where nothing will bill it, it is 422: without a cycle, and on an interval cycle without a subscription to renew.</summary>
    public static Reply Add(AccountDraft draft, AddCharge command)
    {
        if (Idempotency.Before(draft, command.Key, command.Charge) is { } known) return known;
        if (draft.State.Charges.Any(charge => string.Equals(charge.Id, command.Charge, StringComparison.Ordinal))) return new Done(command.Charge, draft.State.Version, Replayed: true);
        if (command.Amount.Currency != draft.State.Currency)
        {
            return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", [new FieldError("amount", $"The account's currency is {draft.State.Currency}.")]);
        }

        var cycle = AccountCycle.Of(draft.State, draft.Policies).Cycle;
        if (cycle is null) return new Refused(Problems.InvalidRequest, $"Policy '{draft.State.Existing.Policy}' has no cycle: nothing would bill it.");
        if (cycle is BillingCycle.Interval && !HasOneToRenew(draft.State)) return new Refused(Problems.InvalidRequest, "The account has no subscription whose renewal would bill it.");
        if (draft.State.Charges.Length >= SubscriptionLimits.PendingCharges) return new Refused(Problems.TooMany, $"At most {SubscriptionLimits.PendingCharges} charges may wait for an invoice.");

        draft.State = draft.State with { Charges = draft.State.Charges.Add(new PendingCharge(command.Charge, command.Description, command.Amount, draft.Now)) };
        Idempotency.Remember(draft, command.Key);
        return new Done(command.Charge, draft.NextVersion);
    }

    /// <summary>The boundary of a calendar cycle at which the first of them is billed or, in a standing that deletes, passed over.</summary>
    public static Instant? NextBoundary(AccountState account, AccountCycle cycle) =>
        cycle.Cycle is BillingCycle.CalendarMonth calendar && account.Charges.Min(charge => (Instant?)(charge.PassedAt ?? charge.RecordedAt)) is { } from
            ? Cycles.NextBoundary(calendar, cycle.Zone, from)
            : null;

    /// <summary>Takes what was recorded before an instant, as lines of the invoice that is issued for it.</summary>
    public static ImmutableArray<InvoiceLine> Take(AccountDraft draft, Instant recordedBefore)
    {
        var taken = draft.State.Charges.RemoveAll(charge => charge.RecordedAt >= recordedBefore);
        if (taken.IsEmpty) return [];
        draft.State = draft.State with { Charges = draft.State.Charges.RemoveAll(charge => charge.RecordedAt < recordedBefore) };
        BillingAttention.ChargesAreBilled(draft);
        return [.. taken.Select(charge => new InvoiceLine(charge.Description, charge.Amount.MinorUnits))];
    }

    /// <summary>In a standing that deletes they wait, for an operator first of all; out of it they ride on the invoice of the next boundary or renewal.</summary>
    public static void PassOver(AccountDraft draft, Instant at)
    {
        if (!draft.State.Charges.Any(charge => charge.RecordedAt < at)) return;
        draft.State = draft.State with { Charges = [.. draft.State.Charges.Select(charge => charge.RecordedAt < at ? charge with { PassedAt = at } : charge)] };
        BillingAttention.ChargesWait(draft, $"The account is {draft.State.StandingName}, where nothing is renewed.");
    }

    /// <summary>On an interval cycle, charges that no subscription is left to carry need somebody to look.</summary>
    public static void NoteThoseLeftBehind(AccountDraft draft)
    {
        if (draft.State.Charges.IsEmpty || HasOneToRenew(draft.State)) return;
        if (AccountCycle.Of(draft.State, draft.Policies).Cycle is BillingCycle.Interval) BillingAttention.ChargesWait(draft, "The last subscription ended whose renewal would have billed them.");
    }

    private static bool HasOneToRenew(AccountState account) => account.Subscriptions.Any(item => item.Status == SubscriptionStatus.Active);
}
