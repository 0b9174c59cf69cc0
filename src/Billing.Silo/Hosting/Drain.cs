using Microsoft.Extensions.Hosting;

namespace Billing.Silo;

/// <summary>
/// The order in which a process leaves: first it says that it is not ready, and serves on for as long as a load balancer
/// takes to notice; then it takes no new connection, ends what runs, and gives its grains away.
/// </summary>
public sealed class Drain(BillingOptions options, TimeProvider time) : IHostedLifecycleService
{
    private volatile bool _hasBegun;

    /// <summary>Whether the process is leaving.</summary>
    public bool HasBegun => _hasBegun;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        _hasBegun = true;
        return options.Drain is { } wait && wait > TimeSpan.Zero ? WaitAsync(wait, cancellationToken) : Task.CompletedTask;
    }

    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    Task IHostedLifecycleService.StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task WaitAsync(TimeSpan wait, CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(wait, time, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Whoever stops the host has no more patience; it goes on without the wait.
        }
    }
}
