using NodaTime;

namespace Billing.Domain;

/// <summary>
/// The dates on which something is billed: calendar boundaries and rhythms. Pure arithmetic, exact to the instant
/// (<c>design/domain.md</c>, Cycles).
/// </summary>
/// <remarks>
/// Implementation note: a boundary is a local date's first instant, so it is computed from the calendar each time and
/// never by adding a month to the one before: the 31st comes back after February, and a change of clocks moves no later one.
/// </remarks>
public static class Cycles
{
    /// <summary>The first boundary strictly after an instant.</summary>
    /// <param name="cycle">The day of the month, and the zone in which it begins.</param>
    /// <param name="accountZone">The account's IANA zone, for a cycle that names none; <see langword="null"/>, and a zone that nobody knows any more: UTC.</param>
    /// <param name="after">The instant.</param>
    public static Instant NextBoundary(BillingCycle.CalendarMonth cycle, string? accountZone, Instant after)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(cycle.TimeZone ?? accountZone ?? "UTC") ?? DateTimeZone.Utc;
        // One month back: where a zone skipped a whole day, the boundary comes later than the local calendar says.
        var month = after.InZone(zone).Date.ToYearMonth().PlusMonths(-1);
        var boundary = BoundaryIn(month, cycle.Day, zone);
        while (boundary <= after)
        {
            month = month.PlusMonths(1);
            boundary = BoundaryIn(month, cycle.Day, zone);
        }

        return boundary;
    }

    /// <summary>The first date of a rhythm strictly after an instant; never before the rhythm's own first date.</summary>
    /// <param name="anchorEnd">A date of the rhythm: the end of a period.</param>
    /// <param name="every">A period's length, more than nothing. A day is 24 hours, on every calendar.</param>
    /// <param name="after">The instant.</param>
    /// <exception cref="ArgumentOutOfRangeException">The length is not more than nothing.</exception>
    public static Instant NextOfRhythm(Instant anchorEnd, Duration every, Instant after)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(every, Duration.Zero);
        if (anchorEnd > after) return anchorEnd;
        var passed = (after - anchorEnd).ToInt64Nanoseconds() / every.ToInt64Nanoseconds();
        return anchorEnd + every * (passed + 1);
    }

    /// <summary>00:00 of the day; the last day in a month that does not have it.</summary>
    private static Instant BoundaryIn(YearMonth month, int day, DateTimeZone zone)
    {
        var date = month.OnDayOfMonth(Math.Min(day, CalendarSystem.Iso.GetDaysInMonth(month.Year, month.Month)));
        var midnight = zone.MapLocal(date.AtMidnight());
        // In a gap the first instant after it, in an overlap the earlier.
        return midnight.Count == 0 ? midnight.LateInterval.Start : midnight.First().ToInstant();
    }
}
