using Billing.Grains.Interfaces;
using Billing.Grains.Sweeping;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>Casts the safety net from the first moment of the process on.</summary>
public sealed partial class SweeperService(IGrainFactory grains, SweeperOptions options, TimeProvider time, ILogger<SweeperService> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var sweeper = grains.GetGrain<ISweeperGrain>("sweep/0");
        using var timer = new PeriodicTimer(options.Every, time);
        do
        {
            try
            {
                // A full net may have left some behind: cast again after a second instead of a whole round.
                while (await sweeper.Sweep() >= options.PerSecond) await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep failed; the next one makes up for it.")]
    private partial void LogSweepFailed(Exception failure);
}
