using Billing.Grains.Interfaces.Index;
using NodaTime;

namespace Billing.Grains.Webhooks;

/// <summary>
/// Reads the log ahead of an endpoint: matching events after <see cref="WebhookState.Read"/>, until they are taken. It keeps what it read in
/// memory only; where nothing matches, it goes on without a write.
/// </summary>
internal sealed class FeedReader(IEventLog log)
{
    private const int PageSize = 500;

    /// <summary>The most events that are told at once.</summary>
    private const int MostTold = 200;

    /// <summary>So far it reads without a write where nothing matches; a new activation reads that again.</summary>
    private const long UntoldDistance = 10_000;

    private readonly List<EventRow> _rows = [];
    private readonly Dictionary<string, IReadOnlyList<EventRow>> _ofLanes = new(StringComparer.Ordinal);
    private long _run = -1;
    private long _completeTo;

    /// <summary>Follows the endpoint, before anything else is asked: forgets what is of another run, and hands what was taken to the lanes that it has opened.</summary>
    public void Follow(WebhookState state)
    {
        if (state.Run != _run)
        {
            (_run, _completeTo) = (state.Run, state.Read);
            _rows.Clear();
            _ofLanes.Clear();
        }

        var taken = _rows.TakeWhile(row => row.Seq <= state.Read).ToArray();
        _rows.RemoveRange(0, taken.Length);
        _completeTo = Math.Max(_completeTo, state.Read);
        foreach (var ofLane in taken.GroupBy(row => row.Account ?? "", StringComparer.Ordinal))
        {
            // Only of a lane that begins with them: what an older lane has before these is not in memory.
            if (state.Lanes.Find(ofLane.Key) is { } lane && lane.Delivered == ofLane.First().Seq - 1) _ofLanes[lane.Id] = [.. ofLane];
        }
    }

    /// <summary>What can be told the endpoint; <see langword="null"/> where there is nothing worth a write, or no room for it.</summary>
    /// <param name="state">The endpoint.</param>
    /// <param name="room">How many lanes are free.</param>
    /// <param name="head">The number up to which the log was complete before this.</param>
    /// <param name="now">The instant.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<FeedPage?> ReadAsync(WebhookState state, int room, long head, Instant now, CancellationToken cancellationToken)
    {
        if (!state.IsEnabled || room <= 0 || state.IsQuiet(now)) return null;
        while (_rows.Count == 0 && _completeTo < head && _completeTo - state.Read < UntoldDistance) await ReadAheadAsync(state, head, cancellationToken);
        if (_rows.Count == 0) return _completeTo - state.Read < UntoldDistance ? null : new FeedPage(state.Read, _completeTo, []);
        var told = _rows.Take(MostTold).Select(row => new FeedEvent(row.Seq, row.Account ?? "")).ToArray();
        return new FeedPage(state.Read, told.Length == _rows.Count ? _completeTo : told[^1].Seq, [.. told]);
    }

    /// <summary>The events of a lane that are in memory: its first ones after what it has delivered, without a gap, or none.</summary>
    public IReadOnlyList<EventRow> RowsOf(WebhookLane lane, long run)
    {
        if (run != _run || !_ofLanes.Remove(lane.Id, out var rows)) return [];
        return rows;
    }

    /// <summary>Keeps what an attempt read beyond its own event, for the lane's next one.</summary>
    public void Keep(LaneAttempt attempt)
    {
        if (attempt.Run == _run && attempt.Rest.Count > 0) _ofLanes[attempt.Lane.Id] = attempt.Rest;
    }

    private async Task ReadAheadAsync(WebhookState state, long head, CancellationToken cancellationToken)
    {
        var page = await log.ReadAsync(_completeTo, account: null, WebhookFilter.Types(state.Events), PageSize, cancellationToken);
        _rows.AddRange(page.Events.Where(row => WebhookFilter.Matches(state.Events, row.Type)));
        // A page that is not full has everything that matches up to the head, which was read before it.
        _completeTo = page.HasMore ? page.Next : Math.Max(page.Next, head);
    }
}
