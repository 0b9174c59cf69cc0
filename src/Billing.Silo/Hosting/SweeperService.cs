using System.Globalization;
using Billing.Grains.Interfaces;
using Billing.Grains.Sweeping;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Silo;

/// <summary>Casts the safety net from the first moment of the process on.</summary>
public sealed partial class SweeperService(IGrainFactory grains, SweeperOptions options, TimeProvider time, ILogger<SweeperService> logger) : BackgroundService
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(Enumerable.Range(0, options.Shards).Select(shard => SweepAsync(shard, stoppingToken)));

    private async Task SweepAsync(int shard, CancellationToken stoppingToken)
    {
        var sweeper = grains.GetGrain<ISweeperGrain>(string.Create(CultureInfo.InvariantCulture, $"sweep/{shard}"));
        // What is under way when a process starts was left by another: it is not waited for.
        var call = new SweepCall(Duration.Zero, shard);
        var trouble = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            var pause = options.Every;
            try
            {
                // A full net may have left some behind: cast again after a second instead of a whole round.
                while (await sweeper.Sweep(call) >= options.PerSecond) await Task.Delay(TimeSpan.FromSeconds(1), time, stoppingToken);
                call = new SweepCall(Duration.FromTimeSpan(options.Lateness), shard);
                trouble = 0;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogSweepFailed(failure);
                // Right after a start its grain may still be thought to be on a silo that has died: soon again, not a whole round later.
                var soon = FirstPause * Math.Pow(2, Math.Min(trouble++, 10));
                if (soon < pause) pause = soon;
            }

            await Task.Delay(pause, time, stoppingToken);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "A sweep failed; the next one makes up for it.")]
    private partial void LogSweepFailed(Exception failure);
}
