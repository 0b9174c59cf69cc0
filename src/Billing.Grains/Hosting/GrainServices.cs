using Microsoft.Extensions.Logging;

namespace Billing.Grains.Hosting;

/// <summary>What every grain of the house needs from its process.</summary>
/// <param name="Time">The one real clock.</param>
/// <param name="Policies">The policy versions.</param>
/// <param name="Crash">Where a test can make the process die.</param>
/// <param name="Reader">Reads a state row beside the grain's own storage.</param>
/// <param name="Options">How grains deliver.</param>
/// <param name="Logs">Makes loggers.</param>
public sealed record GrainServices(TimeProvider Time, IPolicyCatalog Policies, ICrashPoints Crash, IStateReader Reader, DeliveryOptions Options, ILoggerFactory Logs);

/// <summary>Reads a grain's stored state without the grain: to see whether another activation has written it meanwhile.</summary>
public interface IStateReader
{
    /// <summary>The stored payload; <see langword="null"/> where there is none.</summary>
    Task<ReadOnlyMemory<byte>?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken);
}

/// <summary>How grains deliver their outboxes.</summary>
public sealed class DeliveryOptions
{
    /// <summary>How long one delivery may take before it counts as failed and is made again.</summary>
    public TimeSpan Bound { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a gateway may take before its answer counts as lost.</summary>
    public TimeSpan GatewayBound { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The first wait after a failed delivery; it doubles.</summary>
    public TimeSpan FirstRetry { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest wait between deliveries.</summary>
    public TimeSpan LongestRetry { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>The first wait after a notice that was not taken; it doubles.</summary>
    public TimeSpan FirstNoticeRetry { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The longest wait between tries of a notice.</summary>
    public TimeSpan LongestNoticeRetry { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long acknowledgements wait for another write to ride on. On a test clock they do not wait: the clock waits for them.</summary>
    public TimeSpan TrimAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Whether grains wake themselves by timer and reminder. Off, only sweepers and clocks wake them.</summary>
    public bool WakeUps { get; set; } = true;
}

/// <summary>The names of reminders.</summary>
public static class ReminderNames
{
    /// <summary>A grain's earliest deadline.</summary>
    public const string Due = "due";
}
