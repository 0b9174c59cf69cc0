using Billing.Silo;

namespace Billing.Api.Keys;

/// <summary>The section <c>Billing:RateLimits</c>: how much each process takes, so that one caller cannot take it all. Real time; each process counts for itself.</summary>
internal sealed class RateLimits
{
    /// <summary>The highest limit.</summary>
    public const int Most = 1_000_000;

    /// <summary>Calls a second of one key that do not only ask the gate; twice as many in a burst. Default 2,000.</summary>
    public int CallsPerSecond { get; set; } = 2_000;

    /// <summary>Questions a second of one key for the gate, each of a batch by itself; twice as many in a burst. Default 200,000: it stops a runaway, and no shop.</summary>
    public int GateCallsPerSecond { get; set; } = 200_000;

    /// <summary>Calls a minute of one client address whose key, or whose pay link, is not known. Default 60; then 429.</summary>
    public int FailuresPerMinute { get; set; } = 60;

    /// <summary>Reads the section.</summary>
    /// <exception cref="StartRefusedException">A limit is none.</exception>
    public static RateLimits Read(IConfiguration configuration)
    {
        var limits = configuration.GetSection("Billing:RateLimits").Get<RateLimits>() ?? new RateLimits();
        foreach (var (name, value) in new[] { (nameof(CallsPerSecond), limits.CallsPerSecond), (nameof(GateCallsPerSecond), limits.GateCallsPerSecond), (nameof(FailuresPerMinute), limits.FailuresPerMinute) })
        {
            if (value is < 1 or > Most) throw new StartRefusedException($"Billing:RateLimits:{name} is {value}; it must be 1 to {Most}.");
        }

        return limits;
    }
}
