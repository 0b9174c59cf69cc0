using Billing.Domain;
using Billing.Grains.Gateways;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>Begins the pulls of the configured gateways when a process starts; from then on each wakes itself.</summary>
public sealed partial class PullService(IGrainFactory grains, PaymentGateways gateways, TimeProvider time, ILogger<PullService> logger) : BackgroundService
{
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(gateways.Names.Select(gateway => BeginAsync(gateway, stoppingToken)));

    private async Task BeginAsync(string gateway, CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await grains.Pull(gateway).Execute(new Call(new BeginPull(), time.GetInstant()));
                return;
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotBegun(gateway, failure);
                await Task.Delay(TryAgain, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The pull of {Gateway}'s books could not begin; it is tried again.")]
    private partial void LogNotBegun(string gateway, Exception failure);
}
