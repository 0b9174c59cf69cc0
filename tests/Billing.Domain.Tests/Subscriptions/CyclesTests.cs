using NodaTime;
using NodaTime.Text;

namespace Billing.Domain.Tests;

/// <summary>Calendar tables: month ends, leap days, and midnights that a zone's clocks skip or repeat.</summary>
public sealed class CyclesTests
{
    [Theory]
    [InlineData(1, "UTC", "2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z")]
    [InlineData(31, "UTC", "2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(31, "UTC", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z")]
    [InlineData(31, "UTC", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z")]
    [InlineData(30, "UTC", "2026-01-30T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(30, "UTC", "2026-02-28T00:00:00Z", "2026-03-30T00:00:00Z")]
    [InlineData(29, "UTC", "2026-01-29T00:00:00Z", "2026-02-28T00:00:00Z")]
    [InlineData(29, "UTC", "2028-01-29T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData(31, "UTC", "2028-01-31T00:00:00Z", "2028-02-29T00:00:00Z")]
    [InlineData(31, "UTC", "2028-02-29T00:00:00Z", "2028-03-31T00:00:00Z")]
    [InlineData(29, "UTC", "2100-01-29T00:00:00Z", "2100-02-28T00:00:00Z")]
    [InlineData(31, "UTC", "2026-12-31T00:00:00Z", "2027-01-31T00:00:00Z")]
    [InlineData(1, "UTC", "2026-12-31T23:59:59Z", "2027-01-01T00:00:00Z")]
    public void NextBoundary_MonthEndsAndLeapDays(int day, string zone, string after, string expected) => AssertNext(day, zone, after, expected);

    [Theory]
    // West and east of UTC the local day begins after and before the UTC one.
    [InlineData(1, "America/New_York", "2026-01-31T23:00:00Z", "2026-02-01T05:00:00Z")]
    [InlineData(1, "America/Los_Angeles", "2026-07-01T06:59:59Z", "2026-07-01T07:00:00Z")]
    [InlineData(1, "Asia/Tokyo", "2026-01-31T14:59:59Z", "2026-01-31T15:00:00Z")]
    [InlineData(1, "Asia/Kathmandu", "2026-03-10T00:00:00Z", "2026-03-31T18:15:00Z")]
    [InlineData(1, "Pacific/Kiritimati", "2026-03-10T00:00:00Z", "2026-03-31T10:00:00Z")]
    [InlineData(31, "Europe/Berlin", "2026-12-31T02:00:00Z", "2027-01-30T23:00:00Z")]
    [InlineData(31, "Europe/Berlin", "2027-02-27T23:00:00Z", "2027-03-30T22:00:00Z")]
    [InlineData(1, "Pacific/Auckland", "2026-03-10T00:00:00Z", "2026-03-31T11:00:00Z")]
    [InlineData(1, "Pacific/Auckland", "2026-03-31T11:00:00Z", "2026-04-30T12:00:00Z")]
    [InlineData(28, "America/Santiago", "2026-08-28T04:00:00Z", "2026-09-28T03:00:00Z")]
    public void NextBoundary_IsTheLocalDaysBeginning(int day, string zone, string after, string expected) => AssertNext(day, zone, after, expected);

    [Theory]
    [InlineData(8, "America/Santiago", "2019-08-20T00:00:00Z", "2019-09-08T04:00:00Z")]
    [InlineData(6, "America/Santiago", "2020-08-20T00:00:00Z", "2020-09-06T04:00:00Z")]
    [InlineData(4, "America/Sao_Paulo", "2018-10-10T00:00:00Z", "2018-11-04T03:00:00Z")]
    [InlineData(26, "Asia/Beirut", "2023-03-01T00:00:00Z", "2023-03-25T22:00:00Z")]
    [InlineData(27, "Asia/Beirut", "2022-03-01T00:00:00Z", "2022-03-26T22:00:00Z")]
    [InlineData(28, "Africa/Cairo", "2023-04-01T00:00:00Z", "2023-04-27T22:00:00Z")]
    [InlineData(8, "America/Havana", "2026-03-01T00:00:00Z", "2026-03-08T05:00:00Z")]
    [InlineData(1, "Asia/Amman", "2022-03-01T00:00:00Z", "2022-03-31T21:00:00Z")]
    [InlineData(22, "America/Asuncion", "2024-09-22T04:00:00Z", "2024-10-22T03:00:00Z")]
    [InlineData(6, "America/Asuncion", "2024-09-07T00:00:00Z", "2024-10-06T04:00:00Z")]
    public void NextBoundary_MidnightInAGap_IsTheFirstInstantAfterIt(int day, string zone, string after, string expected) => AssertNext(day, zone, after, expected);

    [Theory]
    // Havana repeats 00:00–01:00 on the first Sunday of November: the earlier midnight counts, and the later is no boundary.
    [InlineData(3, "America/Havana", "2024-10-15T00:00:00Z", "2024-11-03T04:00:00Z")]
    [InlineData(3, "America/Havana", "2024-11-03T04:00:00Z", "2024-12-03T05:00:00Z")]
    [InlineData(1, "Atlantic/Azores", "2026-10-26T00:00:00Z", "2026-11-01T01:00:00Z")]
    [InlineData(25, "Atlantic/Azores", "2026-10-20T00:00:00Z", "2026-10-25T00:00:00Z")]
    // Beirut and Cairo go back at midnight itself: the last hour of the day before comes twice, and midnight once, after it.
    [InlineData(29, "Asia/Beirut", "2023-10-01T00:00:00Z", "2023-10-28T22:00:00Z")]
    [InlineData(27, "Africa/Cairo", "2023-10-01T00:00:00Z", "2023-10-26T22:00:00Z")]
    [InlineData(4, "America/Scoresbysund", "2026-04-01T00:00:00Z", "2026-04-04T01:00:00Z")]
    public void NextBoundary_MidnightTwice_IsTheEarlier(int day, string zone, string after, string expected) => AssertNext(day, zone, after, expected);

    [Theory]
    [InlineData(30, "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData(31, "Pacific/Apia", "2011-12-01T00:00:00Z", "2011-12-30T10:00:00Z")]
    [InlineData(30, "Pacific/Apia", "2011-12-30T10:00:00Z", "2012-01-29T10:00:00Z")]
    [InlineData(31, "Pacific/Fakaofo", "2011-12-01T00:00:00Z", "2011-12-30T11:00:00Z")]
    [InlineData(21, "Pacific/Kwajalein", "1993-08-01T00:00:00Z", "1993-08-21T12:00:00Z")]
    public void NextBoundary_ADayThatNeverWas_IsTheFirstInstantAfterIt(int day, string zone, string after, string expected) => AssertNext(day, zone, after, expected);

    [Theory]
    [InlineData("UTC")]
    [InlineData("America/Santiago")]
    [InlineData("America/Havana")]
    [InlineData("Asia/Beirut")]
    [InlineData("Africa/Cairo")]
    [InlineData("Europe/Berlin")]
    [InlineData("Pacific/Auckland")]
    [InlineData("Pacific/Apia")]
    [InlineData("Asia/Kathmandu")]
    public void NextBoundary_AnyDayOverFifteenYears_IsTheOnlyOneOfItsMonthAndStrict(string zone)
    {
        var tz = DateTimeZoneProviders.Tzdb[zone];
        for (var day = 1; day <= 31; day++)
        {
            var cycle = new BillingCycle.CalendarMonth(day, zone);
            var at = Instant.FromUtc(2010, 1, 1, 0, 0);
            for (var n = 0; n < 180; n++)
            {
                var next = Cycles.NextBoundary(cycle, null, at);
                Assert.True(next > at);
                Assert.Equal(next, Cycles.NextBoundary(cycle, null, next - Duration.Epsilon));
                Assert.InRange((next - at).TotalDays, n == 0 ? 0 : 27.9, 31.2);
                // Nothing of that local day comes before it.
                Assert.NotEqual(next.InZone(tz).Date, (next - Duration.Epsilon).InZone(tz).Date);
                at = next;
            }
        }
    }

    [Fact]
    public void NextBoundary_MillisecondBeforeAtAndAfter()
    {
        var boundary = Parse("2026-03-31T22:00:00Z");
        var cycle = new BillingCycle.CalendarMonth(1, "Europe/Berlin");
        Assert.Equal(boundary, Cycles.NextBoundary(cycle, null, boundary - Days.Ms));
        Assert.Equal(Parse("2026-04-30T22:00:00Z"), Cycles.NextBoundary(cycle, null, boundary));
        Assert.Equal(Parse("2026-04-30T22:00:00Z"), Cycles.NextBoundary(cycle, null, boundary + Days.Ms));
    }

    [Theory]
    [InlineData("UTC", "Asia/Tokyo", "2026-04-01T00:00:00Z")]
    [InlineData(null, "Asia/Tokyo", "2026-03-31T15:00:00Z")]
    [InlineData(null, "America/New_York", "2026-04-01T04:00:00Z")]
    [InlineData(null, null, "2026-04-01T00:00:00Z")]
    [InlineData(null, "Mars/Olympus", "2026-04-01T00:00:00Z")]
    public void NextBoundary_ZoneOfThePolicyElseOfTheAccountElseUtc(string? policy, string? account, string expected) =>
        Assert.Equal(Parse(expected), Cycles.NextBoundary(new BillingCycle.CalendarMonth(1, policy), account, Parse("2026-03-10T00:00:00Z")));

    [Theory]
    [InlineData("-1ms", "0d")]
    [InlineData("0d", "14d")]
    [InlineData("1ms", "14d")]
    [InlineData("14d-1ms", "14d")]
    [InlineData("14d", "28d")]
    [InlineData("14d1ms", "28d")]
    [InlineData("3650d", "3654d")]
    public void NextOfRhythm_FirstDateStrictlyAfter(string after, string expected) =>
        Assert.Equal(Days.At(expected), Cycles.NextOfRhythm(Days.Start, Duration.FromDays(14), Days.At(after)));

    [Fact]
    public void NextOfRhythm_ADayIsTwentyFourHours_WhateverTheClocksDo() =>
        Assert.Equal(Parse("2026-04-05T22:30:00Z"), Cycles.NextOfRhythm(Parse("2026-03-06T22:30:00Z"), Duration.FromDays(30), Parse("2026-03-06T22:30:00Z")));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    public void NextOfRhythm_NoLength_IsAnError(int days) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Cycles.NextOfRhythm(Days.Start, Duration.FromDays(days), Days.Start));

    private static void AssertNext(int day, string zone, string after, string expected) =>
        Assert.Equal(Parse(expected), Cycles.NextBoundary(new BillingCycle.CalendarMonth(day, zone), "Asia/Tokyo", Parse(after)));

    private static Instant Parse(string text) => InstantPattern.ExtendedIso.Parse(text).Value;
}
