using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Clocks;

/// <summary>What test clocks log.</summary>
internal static partial class ClockLog
{
    [LoggerMessage(Level = LogLevel.Warning, Message = "Test clock {Clock}: a step from {At} failed; it is made again.")]
    public static partial void StepFailed(ILogger logger, string clock, Instant at, Exception failure);

    [LoggerMessage(Level = LogLevel.Error, Message = "Test clock {Clock}: {Grain} is due at {At} and stays so after {Times} wake-ups; it is left.")]
    public static partial void StaysDue(ILogger logger, string clock, string grain, Instant at, int times);
}
