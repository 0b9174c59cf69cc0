using Microsoft.Extensions.Logging;

namespace Billing.Embedded.Engine;

/// <summary>What the engine tells its operator.</summary>
internal static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Error, "{Grain} did not wake; its callers fail and the next call tries again.")]
    public static partial void ActivationFailed(this ILogger logger, Exception exception, GrainAddress grain);

    [LoggerMessage(2, LogLevel.Error, "{Grain} failed while its activation ended; it has ended all the same.")]
    public static partial void DeactivationFailed(this ILogger logger, Exception exception, GrainAddress grain);

    [LoggerMessage(3, LogLevel.Warning, "A timer of {Grain} failed; it keeps ticking.")]
    public static partial void TimerFailed(this ILogger logger, Exception exception, GrainAddress grain);

    [LoggerMessage(4, LogLevel.Warning, "Reminder {Reminder} of {Grain} failed; its next tick comes all the same.")]
    public static partial void ReminderFailed(this ILogger logger, Exception exception, string reminder, GrainAddress grain);

    [LoggerMessage(5, LogLevel.Information, "The engine has started with {Reminders} reminders.")]
    public static partial void Started(this ILogger logger, int reminders);

    [LoggerMessage(6, LogLevel.Warning, "The engine stopped while {Count} activations were still busy after {Timeout}.")]
    public static partial void DrainTimedOut(this ILogger logger, int count, TimeSpan timeout);
}
