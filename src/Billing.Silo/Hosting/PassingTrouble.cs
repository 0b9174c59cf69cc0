using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>
/// Tells of something that is done again and again and fails for a while, such as a read of a database that is away: the first failure
/// whole, then a line a minute, then that it works again. One turn after the other.
/// </summary>
/// <param name="what">What fails, as the log says it.</param>
/// <param name="time">Real time.</param>
/// <param name="logger">Where it is told.</param>
public sealed partial class PassingTrouble(string what, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan SayEvery = TimeSpan.FromMinutes(1);

    private long? _since;
    private long _said;

    /// <summary>It has failed.</summary>
    public void Fails(Exception failure)
    {
        ArgumentNullException.ThrowIfNull(failure);
        var now = time.GetTimestamp();
        if (_since is not { } since)
        {
            (_since, _said) = (now, now);
            LogFirst(what, failure);
        }
        else if (time.GetElapsedTime(_said, now) >= SayEvery)
        {
            _said = now;
            LogStill(what, (long)time.GetElapsedTime(since, now).TotalSeconds, failure.Message);
        }
    }

    /// <summary>It has worked.</summary>
    public void Works()
    {
        if (_since is not { } since) return;
        _since = null;
        LogOver(what, (long)time.GetElapsedTime(since).TotalSeconds);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} failed; it is tried again, and told at most once a minute.")]
    private partial void LogFirst(string what, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} has failed for {Seconds} s: {Reason}")]
    private partial void LogStill(string what, long seconds, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "{What} works again after {Seconds} s.")]
    private partial void LogOver(string what, long seconds);
}
