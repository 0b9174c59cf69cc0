using System.Globalization;
using System.Net.Http.Headers;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Sandbox;

/// <summary>
/// Posts the sandbox's events to the door of its webhook, each until a 2xx, those of one charge in order. Like the webhook
/// of any provider it may send one twice: the receiver goes by the event's id.
/// </summary>
/// <remarks>
/// Implementation note: every process may send; a claim is a short lease, so what a crashed one held is sent again when
/// the lease is over, and the next event of a charge is not taken before the one before it is gone.
/// </remarks>
internal sealed partial class SandboxWebhookSender(
    ISandboxOutbox outbox, SandboxWake wake, SandboxOptions options, IHttpClientFactory clients, TimeProvider time, ILogger<SandboxWebhookSender> logger)
    : BackgroundService
{
    /// <summary>The name of its HTTP client.</summary>
    public const string ClientName = "billing-sandbox-webhook";

    /// <summary>How many deliveries one process has in flight.</summary>
    public const int MaxInFlight = 32;

    /// <summary>How long the receiver may take.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a claim holds: longer than the receiver may take, so that nobody else sends it meanwhile.</summary>
    public static readonly Duration Lease = Duration.FromSeconds(7);

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LookAfterTrouble = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FirstRetryAfter = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(5);

    private bool _failed;
    private int _inFlight;

    /// <summary>How long after the n-th failed try the next one comes: 100 ms, doubled each time, at most 5 s.</summary>
    public static TimeSpan RetryAfter(int tries) =>
        tries > 6 ? LongestRetryAfter : TimeSpan.FromMilliseconds(FirstRetryAfter.TotalMilliseconds * (1 << (tries - 1)));

    /// <summary>Sends what is due by now, and what follows from it, and waits for all of it. How many were acknowledged.</summary>
    internal async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var acknowledged = 0;
        while (await ClaimAsync(MaxInFlight, cancellationToken) is { Length: > 0 } claimed)
        {
            var heard = await Task.WhenAll(claimed.Select(pending => DeliverAsync(pending, cancellationToken)));
            acknowledged += heard.Count(one => one);
        }

        return acknowledged;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var deliveries = new List<Task>();
        try
        {
            while (true)
            {
                var pause = Interlocked.Exchange(ref _failed, false) ? FirstRetryAfter : LookEvery;
                deliveries.RemoveAll(delivery => delivery.IsCompleted);
                if (!await StartDueAsync(deliveries, stoppingToken)) pause = LookAfterTrouble;
                await wake.WaitAsync(pause, time, stoppingToken);
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await Task.WhenAll(deliveries);
        }
    }

    private async Task<bool> StartDueAsync(List<Task> deliveries, CancellationToken stoppingToken)
    {
        var free = MaxInFlight - Volatile.Read(ref _inFlight);
        if (free == 0) return true;
        try
        {
            foreach (var pending in await ClaimAsync(free, stoppingToken)) deliveries.Add(DeliverAndWakeAsync(pending, stoppingToken));
            return true;
        }
        catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
        {
            LogClaimFailed(logger, exception);
            return false;
        }
    }

    private async Task<PendingEvent[]> ClaimAsync(int limit, CancellationToken cancellationToken)
    {
        if (options.WebhookUrl() is null) return [];
        var now = time.Now();
        return [.. await outbox.ClaimAsync(now, now + Lease, limit, cancellationToken)];
    }

    private async Task DeliverAndWakeAsync(PendingEvent pending, CancellationToken stoppingToken)
    {
        Interlocked.Increment(ref _inFlight);
        try
        {
            if (!await DeliverAsync(pending, stoppingToken)) Volatile.Write(ref _failed, true);
        }
        catch (Exception exception)
        {
            // The outbox could not be written, or the host stops: the lease brings the event back.
            if (!stoppingToken.IsCancellationRequested) LogNotRecorded(logger, pending.Event.Id, exception);
        }

        // A place is free, and the charge's next event may go; or the next try is soon.
        Interlocked.Decrement(ref _inFlight);
        wake.Signal();
    }

    private async Task<bool> DeliverAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        if (await PostAsync(pending, cancellationToken))
        {
            await outbox.DeliveredAsync(pending, cancellationToken);
            return true;
        }

        await outbox.PostponeAsync(pending, time.Now() + Duration.FromTimeSpan(RetryAfter(pending.Tries)), cancellationToken);
        return false;
    }

    private async Task<bool> PostAsync(PendingEvent pending, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var request = Request(pending);
            using var response = await clients.CreateClient(ClientName).SendAsync(request, either.Token);
            if (response.IsSuccessStatusCode) return true;
            LogNotAcknowledged(logger, pending.Event.Id, pending.Tries, (int)response.StatusCode);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotReached(logger, pending.Event.Id, pending.Tries, exception.Message);
        }

        return false;
    }

    private HttpRequestMessage Request(PendingEvent pending)
    {
        var body = SandboxEvent.Of(pending).Write();
        var timestamp = time.GetUtcNow().ToUnixTimeSeconds();
        var request = new HttpRequestMessage(HttpMethod.Post, options.WebhookUrl()) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add(SandboxSignature.IdHeader, pending.Event.Id);
        request.Headers.Add(SandboxSignature.TimestampHeader, timestamp.ToString(CultureInfo.InvariantCulture));
        request.Headers.Add(SandboxSignature.SignatureHeader, SandboxSignature.Sign(options.WebhookSecret, pending.Event.Id, timestamp, body));
        return request;
    }
}
