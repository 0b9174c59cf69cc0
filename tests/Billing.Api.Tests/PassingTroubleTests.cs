using Billing.Silo;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What fails for a while is told once whole, then once a minute, and at its end.</summary>
public sealed class PassingTroubleTests
{
    private readonly List<(LogLevel Level, string Text, bool HasStack)> _lines = [];

    [Fact]
    public void Failure_ThatLasts_IsToldWholeOnce_ThenOnceAMinute_ThenThatItIsOver()
    {
        var time = new HandTime();
        var trouble = new PassingTrouble("Reading", time, new Kept(_lines));
        trouble.Works();
        for (var second = 0; second < 150; second++)
        {
            trouble.Fails(new TimeoutException("nobody is there"));
            time.Seconds++;
        }

        trouble.Works();
        trouble.Works();
        trouble.Fails(new TimeoutException("again"));

        Assert.Equal(
            [
                (LogLevel.Warning, "Reading failed; it is tried again, and told at most once a minute.", true),
                (LogLevel.Warning, "Reading has failed for 60 s: nobody is there", false),
                (LogLevel.Warning, "Reading has failed for 120 s: nobody is there", false),
                (LogLevel.Information, "Reading works again after 150 s.", false),
                (LogLevel.Warning, "Reading failed; it is tried again, and told at most once a minute.", true),
            ],
            _lines);
    }

    private sealed class HandTime : TimeProvider
    {
        public long Seconds { get; set; }

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => Seconds;
    }

    private sealed class Kept(List<(LogLevel, string, bool)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => lines.Add((logLevel, formatter(state, exception), exception is not null));
    }
}
