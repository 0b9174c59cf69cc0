using NodaTime;

namespace Billing.Domain;

/// <summary>What a renewal does that comes while its subscription is past due.</summary>
public enum WhileUnpaid
{
    /// <summary>It bills as always.</summary>
    Renew,

    /// <summary>It bills nothing and moves nothing.</summary>
    Skip,
}

/// <summary>When subscriptions are billed: in advance by an interval, or in arrears by the calendar.</summary>
public abstract record BillingCycle
{
    private BillingCycle()
    {
    }

    /// <summary>What a renewal does that comes while its subscription is past due.</summary>
    public WhileUnpaid WhileUnpaid { get; init; }

    /// <summary>Each subscription has its own rhythm from the capture that completed it; bills in advance.</summary>
    /// <param name="Every">A period's length.</param>
    public sealed record Interval(Duration Every) : BillingCycle;

    /// <summary>All subscriptions of an account are billed together on a day of the month at 00:00; bills in arrears.</summary>
    /// <param name="Day">1 to 31; a day that a month does not have falls on its last.</param>
    /// <param name="TimeZone">An IANA zone; <see langword="null"/>: the account's.</param>
    public sealed record CalendarMonth(int Day, string? TimeZone) : BillingCycle;
}
