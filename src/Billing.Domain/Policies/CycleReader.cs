using NodaTime;

namespace Billing.Domain;

/// <summary>Reads when subscriptions are billed, and what paying brings back, which depends on it.</summary>
internal static class CycleReader
{
    /// <summary>The zone that stands for the account's own.</summary>
    private const string AccountsZone = "account";

    public static (BillingCycle? Cycle, RecoveryRules Recovery) Read(Fields policy, FieldErrors errors)
    {
        var before = errors.Count;
        var cycle = policy.FindUnlessNull("cycle") is { } node ? ReadCycle(node) : null;
        var cycleIsSound = errors.Count == before;

        var recovery = ReadRecovery(policy.Find("recovery")?.Object(), out var period);
        var restarts = recovery.SubscriptionPeriod == PeriodRecovery.RestartAtPayment;
        if (restarts && cycleIsSound && cycle is not BillingCycle.Interval { WhileUnpaid: WhileUnpaid.Skip })
        {
            period!.Value.Refuse("\"restart_at_payment\" needs a cycle with an interval and while_unpaid \"skip\": otherwise the renewals that were missed are billed as well.");
        }

        return (cycle, recovery);
    }

    private static BillingCycle? ReadCycle(Node node)
    {
        if (node.Object() is not { } cycle) return null;

        var interval = cycle.Find("interval");
        var calendar = cycle.Find("calendar");
        var day = cycle.Find("day");
        var zone = cycle.Find("time_zone");
        var whileUnpaid = cycle.Find("while_unpaid")?.Word("renew", "skip") == "skip" ? WhileUnpaid.Skip : WhileUnpaid.Renew;
        BillingCycle? outcome = (interval, calendar) switch
        {
            ({ } every, null) => ReadInterval(every, day, zone),
            (null, { } unit) => ReadCalendar(unit, day, zone),
            _ => null,
        };
        if (interval is null == calendar is null) node.Refuse("Must have either an interval or a calendar.");
        cycle.Close();
        return outcome is null ? null : outcome with { WhileUnpaid = whileUnpaid };
    }

    private static BillingCycle.Interval? ReadInterval(Node interval, Node? day, Node? zone)
    {
        day?.Refuse("Belongs to a cycle by the calendar.");
        zone?.Refuse("Belongs to a cycle by the calendar.");
        return interval.DurationOfAtLeast(PolicyBounds.ShortestInterval, "1h") is { } every ? new BillingCycle.Interval(every) : null;
    }

    private static BillingCycle.CalendarMonth? ReadCalendar(Node calendar, Node? day, Node? zone)
    {
        var isMonth = calendar.Word("month") is not null;
        var number = day is { } givenDay ? givenDay.Whole(1, 31) : 1;
        var name = zone is { } givenZone ? ReadZone(givenZone) : "UTC";
        return isMonth && number is { } known && name is not null ? new BillingCycle.CalendarMonth((int)known, name == AccountsZone ? null : name) : null;
    }

    /// <summary>Names of the IANA database alone: an offset such as <c>UTC+02:00</c> knows no summer and is seldom what is meant.</summary>
    private static string? ReadZone(Node node)
    {
        if (node.Text(PolicyBounds.NameLength) is not { } zone) return null;
        if (zone == AccountsZone || DateTimeZoneProviders.Tzdb.Ids.Contains(zone)) return zone;
        node.Refuse("Must be an IANA time zone such as \"Europe/Berlin\", or \"account\" for the account's own.");
        return null;
    }

    private static RecoveryRules ReadRecovery(Fields? recovery, out Node? period)
    {
        period = recovery?.Find("subscription_period");
        if (recovery is null) return new RecoveryRules();

        var rules = new RecoveryRules
        {
            Resources = recovery.Find("resources")?.Word("manual", "automatic") == "automatic" ? ResourceRecovery.Automatic : ResourceRecovery.Manual,
            SubscriptionPeriod = period?.Word("keep", "restart_at_payment") == "restart_at_payment" ? PeriodRecovery.RestartAtPayment : PeriodRecovery.Keep,
        };
        recovery.Close();
        return rules;
    }
}
