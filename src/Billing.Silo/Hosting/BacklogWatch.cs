using System.Diagnostics.Metrics;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>Shows how far the installation is behind as gauges. Every silo shows the same, so an alarm takes the greatest.</summary>
public sealed partial class BacklogWatch : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    private readonly IBacklog _backlog;
    private readonly TimeProvider _time;
    private readonly ILogger<BacklogWatch> _logger;
    private readonly Meter _meter = new(BillingMeter.Name);
    private volatile Backlog? _last;

    /// <summary>Creates the gauges.</summary>
    public BacklogWatch(IBacklog backlog, TimeProvider time, ILogger<BacklogWatch> logger)
    {
        (_backlog, _time, _logger) = (backlog, time, logger);
        Gauge("billing.sweeper.overdue", "{grain}", "Grains past a deadline.", last => last.Overdue);
        Gauge("billing.sweeper.lag", "s", "For how long the most overdue grain is.", last => Since(last.OverdueSince));
        Gauge("billing.outbox.depth", "{grain}", "Grains with a message or a gateway call open.", last => last.Open);
        Gauge("billing.outbox.age", "s", "For how long the oldest of them is.", last => Since(last.OpenSince));
        Gauge("billing.outbox.stuck", "{grain}", "Grains with a message that keeps failing.", last => last.Stuck);
        Gauge("billing.feed.lag", "s", "For how long a writer holds the event feed back.", last => last.FeedHeldBack.TotalSeconds);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _meter.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, _time);
        do
        {
            try
            {
                _last = await _backlog.ReadAsync(_time.GetInstant(), stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnread(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Gauge(string name, string unit, string what, Func<Backlog, double> read) => _meter.CreateObservableGauge<double>(name, () => _last is { } last ? [new Measurement<double>(read(last))] : Array.Empty<Measurement<double>>(), unit, what);

    private double Since(NodaTime.Instant? at) => at is { } since ? Math.Max(0, (_time.GetInstant() - since).TotalSeconds) : 0;

    [LoggerMessage(Level = LogLevel.Warning, Message = "How far the installation is behind could not be read.")]
    private partial void LogUnread(Exception failure);
}
