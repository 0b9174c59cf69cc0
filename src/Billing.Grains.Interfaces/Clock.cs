using NodaTime;

namespace Billing.Grains.Interfaces;

/// <summary>The one real clock.</summary>
public static class Clock
{
    /// <summary>
    /// Now, in whole milliseconds: the precision of every instant in the house, so that what was stored compares equal to
    /// what is in memory.
    /// </summary>
    public static Instant GetInstant(this TimeProvider time) => Instant.FromUnixTimeMilliseconds(time.GetUtcNow().ToUnixTimeMilliseconds());
}
