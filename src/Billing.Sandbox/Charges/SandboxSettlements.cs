using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Sandbox;

/// <summary>
/// Ends the charges of real time that end by themselves, precise to about a second. Charges on a test clock wait for
/// <see cref="SandboxGateway.AdvanceAsync"/>.
/// </summary>
internal sealed partial class SandboxSettlements(SandboxGateway gateway, TimeProvider time, ILogger<SandboxSettlements> logger) : BackgroundService
{
    /// <summary>Every process looks, by index: whichever comes first ends the charge.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            do
            {
                await SettleAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The host stops; what is due is ended after the next start.
        }
    }

    private async Task SettleAsync(CancellationToken stoppingToken)
    {
        try
        {
            await gateway.SettleAsync(clock: null, time.Now(), stoppingToken);
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogFailed(logger, exception);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "The sandbox could not end what is due; it tries again in a second.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
