using Billing.Mail.Storage;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Mail.Sending;

/// <summary>Removes mails that were kept long enough: they hold personal data.</summary>
internal sealed partial class MailCleanUp(MailOptions options, IMailStore store, TimeProvider time, ILogger<MailCleanUp> logger) : BackgroundService
{
    private const int AtOnce = 1_000;

    private static readonly TimeSpan Every = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                var before = Instant.FromDateTimeOffset(time.GetUtcNow() - options.KeepFor);
                while (await store.RemoveAsync(before, AtOnce, stoppingToken) == AtOnce)
                {
                }
            }
            catch (Exception failure) when (failure is not OperationCanceledException)
            {
                LogFailed(logger, failure);
            }
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Old mails could not be removed; that is tried again in an hour.")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
