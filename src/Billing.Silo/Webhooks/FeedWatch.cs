using System.Text.Json;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo.Webhooks;

/// <summary>
/// Tells the endpoints that the event log has grown. One cheap look at the log's end a second; the endpoints are found by index, and
/// none is woken that is up to date. On a cluster every process looks, and each endpoint delivers where its grain lives.
/// </summary>
public sealed partial class FeedWatch(IGrainFactory grains, IGrainIndex index, IEventLog log, IDeliveryLog attempts, WebhookOptions options, TimeProvider time, ILogger<FeedWatch> logger)
    : BackgroundService
{
    private const int PageSize = 200;

    /// <summary>So often the endpoints that are behind are told again, though nothing is new: one may have missed it.</summary>
    private static readonly TimeSpan TellAgainEvery = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan TrimEvery = TimeSpan.FromHours(1);

    /// <inheritdoc />
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.WhenAll(
        RepeatAsync(options.LookEvery, LookAsync, stoppingToken),
        RepeatAsync(TrimEvery, stopping => attempts.TrimAsync(time.GetInstant() - IDeliveryLog.KeptFor, stopping), stoppingToken));

    private long _told = -1;
    private long _toldAt;

    private async Task LookAsync(CancellationToken cancellationToken)
    {
        var head = await log.HeadAsync(cancellationToken);
        if (head == _told && time.GetElapsedTime(_toldAt) < TellAgainEvery) return;
        (_told, _toldAt) = (head, time.GetTimestamp());
        string? after = null;
        do
        {
            var page = await index.ListAsync(new IndexQuery("webhook_endpoint") { Limit = PageSize, After = after }, cancellationToken);
            foreach (var entry in page.Entries.Where(entry => IsBehind(entry.Summary, head))) _ = NudgeAsync(entry.Key, head);
            after = page.Next;
        }
        while (after is not null);
    }

    private async Task NudgeAsync(string key, long head)
    {
        try
        {
            await grains.GetGrain<IWebhookEndpointGrain>(key).Nudge(new NudgeCall(head));
        }
        catch (Exception failure)
        {
            LogNudgeFailed(key, failure);
        }
    }

    /// <summary>Behind is also who has something in flight: after a crash nobody else may know.</summary>
    private static bool IsBehind(JsonElement summary, long head) =>
        summary.ValueKind == JsonValueKind.Object && summary.TryGetProperty("enabled", out var enabled) && enabled.ValueKind == JsonValueKind.True
        && summary.GetProperty("cursor").GetInt64() < head;

    private async Task RepeatAsync(TimeSpan every, Func<CancellationToken, Task> step, CancellationToken stoppingToken)
    {
        var trouble = new PassingTrouble("A look at the event log for webhooks", time, logger);
        using var timer = new PeriodicTimer(every, time);
        do
        {
            try
            {
                await step(stoppingToken);
                trouble.Works();
            }
            catch (Exception failure) when (!stoppingToken.IsCancellationRequested)
            {
                trouble.Fails(failure);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Endpoint} could not be told that there are new events; it is told again.")]
    private partial void LogNudgeFailed(string endpoint, Exception failure);
}
