using System.Globalization;

namespace Billing.Silo;

/// <summary>
/// What the settings of the safety net, of delivery and of the catalog may be. A value beyond would not fail at the start: it would
/// switch off, silently, what nobody misses until it is needed.
/// </summary>
internal static class OptionRanges
{
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    /// <summary>What is wrong; <see langword="null"/>: nothing.</summary>
    public static string? Mistake(BillingOptions options)
    {
        var (sweeper, delivery) = (options.Sweeper, options.Delivery);
        return Within("Sweeper:Shards", sweeper.Shards, 1, 64)
            ?? Within("Sweeper:PerSecond", sweeper.PerSecond, sweeper.Shards, 100_000)
            ?? Within("Sweeper:Every", sweeper.Every, Second, Hour)
            ?? Within("Sweeper:Lateness", sweeper.Lateness, Second, Hour)
            ?? Within("Delivery:Bound", delivery.Bound, Second, 2 * Minute)
            ?? Within("Delivery:GatewayBound", delivery.GatewayBound, Second, 5 * Minute)
            ?? Within("Delivery:FirstRetry", delivery.FirstRetry, Millisecond, Minute)
            ?? Within("Delivery:LongestRetry", delivery.LongestRetry, delivery.FirstRetry, Hour)
            ?? Within("Delivery:FirstNoticeRetry", delivery.FirstNoticeRetry, Millisecond, Hour)
            ?? Within("Delivery:LongestNoticeRetry", delivery.LongestNoticeRetry, delivery.FirstNoticeRetry, TimeSpan.FromDays(1))
            ?? Within("Delivery:TrimAfter", delivery.TrimAfter, TimeSpan.Zero, Minute)
            ?? Within("PolicyRefresh", options.PolicyRefresh, TimeSpan.FromMilliseconds(100), Minute);
    }

    private static string? Within<T>(string name, T value, T least, T most) where T : IComparable<T> =>
        value.CompareTo(least) < 0 || value.CompareTo(most) > 0 ? string.Create(CultureInfo.InvariantCulture, $"Billing:{name} is {value}; it must be {least} to {most}.") : null;
}
