using NodaTime;

namespace Billing.Domain;

/// <summary>What an account's present policy and standing say about billing: the cycle, and what is passed over.</summary>
/// <param name="Cycle">The cycle; <see langword="null"/>: the policy has none, and nothing is billed.</param>
/// <param name="Zone">The account's zone.</param>
/// <param name="Restarts">Whether paying an overdue renewal restarts the period.</param>
/// <param name="IsDeleting">Whether the account is in a standing that deletes, where nothing is renewed.</param>
internal sealed record AccountCycle(BillingCycle? Cycle, string? Zone, bool Restarts, bool IsDeleting)
{
    /// <summary>What holds for an account now.</summary>
    public static AccountCycle Of(AccountState account, PolicyBook policies)
    {
        var policy = policies[Standings.PolicyOf(account, policies)];
        var severity = policy.SeverityOf(account.StandingName);
        return new AccountCycle(
            policy.Cycle,
            account.Existing.TimeZone,
            policy is { Cycle: BillingCycle.Interval { WhileUnpaid: WhileUnpaid.Skip }, Recovery.SubscriptionPeriod: PeriodRecovery.RestartAtPayment },
            severity >= 0 && policy.Standings[severity].Deletes);
    }

    /// <summary>
    /// Whether a renewal passes the subscription over: without a cycle, in a standing that deletes whatever the policy says
    /// (<c>design/corners.md</c>, Held), and past due where the policy skips. Each subscription of an account by itself.
    /// </summary>
    public bool PassesOver(AccountState account, Subscription subscription) =>
        Cycle is null || IsDeleting || Cycle.WhileUnpaid == WhileUnpaid.Skip && SubscriptionView.StatusOf(account, subscription) == SubscriptionStatus.PastDue;

    /// <summary>The end of a period that begins then; <see langword="null"/> without a cycle.</summary>
    public Instant? EndOf(Instant periodStart) => Cycle switch
    {
        BillingCycle.Interval interval => periodStart + interval.Every,
        BillingCycle.CalendarMonth calendar => Cycles.NextBoundary(calendar, Zone, periodStart),
        _ => null,
    };

    /// <summary>
    /// The next date of the old rhythm after an instant, for one that was passed over. Another interval counts from the next
    /// renewal, so until then the rhythm is the present period's.
    /// </summary>
    public Instant? NextOfRhythm(Subscription subscription, Instant after) => Cycle switch
    {
        BillingCycle.Interval interval => Cycles.NextOfRhythm(subscription.PeriodEnd ?? subscription.PeriodStart ?? subscription.StartsAt, LengthOf(subscription) ?? interval.Every, after),
        BillingCycle.CalendarMonth calendar => Cycles.NextBoundary(calendar, Zone, after),
        _ => null,
    };

    /// <summary>The length of a period that was billed in advance; a calendar period has none that goes on.</summary>
    private static Duration? LengthOf(Subscription subscription) =>
        !subscription.IsInArrears && subscription is { PeriodStart: { } start, PeriodEnd: { } end } && end > start ? end - start : null;
}
