using System.Collections.Concurrent;
using System.Threading.Channels;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;
using Microsoft.Extensions.Logging;

namespace Billing.Grains.Webhooks;

/// <summary>
/// Sends what an endpoint has decided to send, and tells it what came of that and what more is in the log. One for an
/// activation.
/// </summary>
/// <remarks>
/// Implementation note: a plain task on the activation's scheduler, for which no turn waits; the attempts run on the thread pool. It
/// decides nothing and writes nothing. What ended while the endpoint was writing is told together, so that the writes become
/// fewer the faster the subscriber is. It sends only what an acknowledged write says is being sent; a lane that it is sending already is
/// never sent twice at a time, whatever the write says.
/// </remarks>
internal sealed partial class DeliveryLoop(string endpoint, Func<WebhookState> stored, Func<WebhookProgress, Task> tell, WebhookPorts ports, GrainServices services)
{
    private readonly ILogger _logger = services.Logs.CreateLogger(typeof(DeliveryLoop));
    private readonly FeedReader _feed = new(ports.Events);
    private readonly LaneSender _sender = new(ports);
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentQueue<LaneAttempt> _ended = new();
    private readonly HashSet<string> _sending = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _stop = new();
    private long _head;

    /// <summary>The log has grown. From any thread.</summary>
    public void Nudge(long head)
    {
        for (var known = Volatile.Read(ref _head); known < head; known = Volatile.Read(ref _head))
        {
            if (Interlocked.CompareExchange(ref _head, head, known) == known) Wake();
        }
    }

    /// <summary>There may be something to do. From any thread.</summary>
    public void Wake() => _signals.Writer.TryWrite(true);

    /// <summary>Ends it: what is on its way is given up, and the next activation sends it again.</summary>
    public Task CloseAsync() => _stop.CancelAsync();

    /// <summary>Runs until it is closed.</summary>
    public async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (_head == 0) Nudge(await ports.Events.HeadAsync(_stop.Token));
                await StepAsync();
                await _signals.Reader.ReadAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                LogStepFailed(_logger, endpoint, failure);
                await Task.Delay(services.Options.FirstRetry, services.Time);
                Wake();
            }
        }
    }

    /// <summary>Sends and tells until there is nothing to tell.</summary>
    private async Task StepAsync()
    {
        LaneAttempt[] told = [];
        while (!_stop.IsCancellationRequested)
        {
            var state = stored();
            _feed.Follow(state);
            Send(state);
            // After the next ones are on their way: nobody waits for what is only noted.
            await NoteAsync(told);
            var ended = _ended.ToArray();
            var page = await _feed.ReadAsync(state, RoomAfter(state, ended), Volatile.Read(ref _head), services.Time.GetInstant(), _stop.Token);
            if (ended.Length == 0 && page is null) return;

            var results = ended.Where(attempt => attempt.Run == state.Run).Select(attempt => attempt.Result).OfType<WebhookAttempt>();
            await tell(new WebhookProgress(state.Run, [.. results], page));
            Settle(ended);
            told = ended;
        }
    }

    /// <summary>Sends every lane that is to be sent and is not.</summary>
    private void Send(WebhookState state)
    {
        if (!state.IsEnabled) return;
        foreach (var lane in state.Lanes.Where(lane => lane.IsSending && _sending.Add(lane.Id)))
        {
            var known = _feed.RowsOf(lane, state.Run);
            _ = Task.Run(() => SendAsync(state, lane, known));
        }
    }

    private async Task SendAsync(WebhookState state, WebhookLane lane, IReadOnlyList<EventRow> known)
    {
        try
        {
            _ended.Enqueue(await _sender.SendAsync(state, lane, known, _stop.Token));
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception failure)
        {
            // Our own trouble, such as a database that does not answer, is none of the subscriber's: it is no attempt.
            LogNotSent(_logger, endpoint, lane.Id, failure);
            await Task.Delay(services.Options.Bound, services.Time);
            _ended.Enqueue(LaneAttempt.NotMade(lane, state.Run));
        }

        Wake();
    }

    /// <summary>How many lanes are free once what has ended is taken.</summary>
    private static int RoomAfter(WebhookState state, LaneAttempt[] ended) => WebhookLimits.Lanes - state.Lanes.Length + ended.Count(attempt =>
        attempt.Result is { Outcome: WebhookOutcome.Delivered or WebhookOutcome.NothingLeft } result && attempt.Run == state.Run && state.Lanes.Find(result.Lane) is { } lane && result.Seq >= lane.Last);

    /// <summary>What was told may be forgotten, and its lanes may be sent again.</summary>
    private void Settle(LaneAttempt[] ended)
    {
        foreach (var attempt in ended)
        {
            _ended.TryDequeue(out _);
            _sending.Remove(attempt.Lane.Id);
            _feed.Keep(attempt);
        }
    }

    /// <summary>Notes attempts for people to look at; nothing depends on it.</summary>
    private async Task NoteAsync(LaneAttempt[] ended)
    {
        try
        {
            var made = ended.Select(attempt => attempt.Note).OfType<DeliveryAttempt>().ToArray();
            if (made.Length > 0) await ports.Attempts.AppendAsync(endpoint, made, _stop.Token);
        }
        catch (Exception failure) when (!_stop.IsCancellationRequested)
        {
            LogNotNoted(_logger, endpoint, failure);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook endpoint {Endpoint}: a step of its deliveries failed; it is made again.")]
    private static partial void LogStepFailed(ILogger logger, string endpoint, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook endpoint {Endpoint}: an event of {Account} could not be read; it is sent later.")]
    private static partial void LogNotSent(ILogger logger, string endpoint, string account, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Webhook endpoint {Endpoint}: attempts could not be noted in the delivery log.")]
    private static partial void LogNotNoted(ILogger logger, string endpoint, Exception failure);
}
