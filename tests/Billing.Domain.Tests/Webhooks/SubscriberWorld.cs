using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain.Tests.Webhooks;

/// <summary>
/// A log, an endpoint and a subscriber. The sender is as careless as the rules allow: it reads parts of any size, tells late, twice
/// or never, and forgets everything when its process dies; what it sends is always what the lanes say.
/// </summary>
internal sealed class SubscriberWorld
{
    private const string Wanted = "payment.succeeded";
    private static readonly WebhookSchedule s_schedule = WebhookSchedule.Standard;

    private readonly int _accounts;
    private readonly int _failing;
    private readonly List<(long Seq, string Lane, string Type)> _log = [];
    private readonly Dictionary<string, List<long>> _arrived = new(StringComparer.Ordinal);
    private readonly HashSet<long> _all = [];
    private readonly List<WebhookAttempt> _untold = [];
    private readonly HashSet<string> _sending = new(StringComparer.Ordinal);
    private readonly Dice _dice;
    private WebhookState _state = new();
    private Instant _now = Days.Start;
    private long _checkedTo;

    public SubscriberWorld(int seed)
    {
        _dice = new Dice(seed);
        // Sometimes more accounts than lanes; sometimes one account alone.
        _accounts = _dice.Of(1, 3, 12, WebhookLimits.Lanes + 20);
        _failing = _dice.Of(0, 20, 33, 80);
        Tell(new PutWebhookEndpoint("https://example.com", ["payment.*"], Enabled: null, new WebhookSecret("whsec_AAAA", null), Head: 0));
    }

    /// <summary>What is done to the state after each decision, to see that the checks see.</summary>
    public Func<WebhookState, WebhookState> Sabotage { get; init; } = state => state;

    public bool Run()
    {
        for (var step = 0; step < 150; step++) Step();
        Finish();
        foreach (var lane in _log.Where(IsWanted).GroupBy(met => met.Lane)) Assert.Equal(lane.Select(met => met.Seq), _arrived[lane.Key]);
        return true;
    }

    private void Step()
    {
        switch (_dice.Below(12))
        {
            case <= 2:
                Append(_dice.Below(8));
                break;
            case <= 5:
                Read(1 + _dice.Below(20));
                break;
            case <= 8:
                Send(isWell: false);
                break;
            case 9:
                TellWhatEnded();
                break;
            case 10:
                Wait(_dice.Of(1, 10, 400, 40_000));
                break;
            default:
                Disturb(_dice.Below(8));
                break;
        }
    }

    private void Disturb(int kind)
    {
        switch (kind)
        {
            case <= 2:
                // The process dies: what arrived and was not told will be sent again.
                _untold.Clear();
                _sending.Clear();
                Tell(new Recover());
                break;
            case 3 when _untold.Count > 0:
                // Nobody knows whether a write took: it is told again.
                var told = _untold.ToArray();
                Tell(new WebhookProgress(_state.Run, [.. told], null));
                break;
            case 4:
                Tell(new PutWebhookEndpoint(null, null, Enabled: _state.Disabled is not null, new WebhookSecret("whsec_AAAA", null), 0));
                break;
            case 5:
                Tell(new PutWebhookEndpoint($"https://example.com/{_dice.Below(1_000_000)}", null, null, new WebhookSecret("whsec_AAAA", null), 0));
                break;
            default:
                Tell(new WebhookProgress(_state.Run - 1, [new WebhookAttempt(LaneOf(0), long.MaxValue, WebhookOutcome.Delivered, null, 0)], null));
                break;
        }
    }

    /// <summary>All is well again: whatever is left arrives.</summary>
    private void Finish()
    {
        for (var round = 0; _state.Cursor < _log.Count; round++)
        {
            Assert.True(round < 10_000, "It does not come to an end.");
            if (_state.Disabled is not null) Tell(new PutWebhookEndpoint(null, null, Enabled: true, new WebhookSecret("whsec_AAAA", null), 0));
            Read(50);
            Send(isWell: true);
            TellWhatEnded();
            if (_untold.Count == 0 && _sending.Count == 0) Wait(86_400);
        }
    }

    private void Append(int count)
    {
        for (var i = 0; i < count; i++) _log.Add((_log.Count + 1, LaneOf(_dice.Below(_accounts)), _dice.Below(4) == 0 ? "invoice.paid" : Wanted));
    }

    private void Read(int count)
    {
        var after = _state.Read;
        var part = _log.Where(met => met.Seq > after).Take(count).ToArray();
        if (part.Length == 0) return;
        Tell(new WebhookProgress(_state.Run, [], new FeedPage(after, part[^1].Seq, [.. part.Where(IsWanted).Select(met => new FeedEvent(met.Seq, met.Lane))])));
    }

    private void Send(bool isWell)
    {
        foreach (var lane in _state.Lanes.Where(lane => lane.IsSending && (isWell || _dice.Below(2) == 0) && _sending.Add(lane.Id)))
        {
            var next = _log.First(met => met.Lane == lane.Id && met.Seq > lane.Delivered && IsWanted(met));
            Assert.True(next.Seq <= lane.Last);
            _untold.Add(isWell || _dice.Below(100) >= _failing ? Arrive(next.Seq, lane.Id) : Fail(next.Seq, lane.Id));
        }
    }

    private WebhookAttempt Arrive(long seq, string lane)
    {
        if (!_arrived.TryGetValue(lane, out var arrived)) _arrived[lane] = arrived = [];
        if (!_all.Add(seq)) return new WebhookAttempt(lane, seq, WebhookOutcome.Delivered, null, 0);
        Assert.Equal(_log.First(met => met.Lane == lane && IsWanted(met) && (met.Seq == seq || !_all.Contains(met.Seq))).Seq, seq);
        arrived.Add(seq);
        return new WebhookAttempt(lane, seq, WebhookOutcome.Delivered, null, 0);
    }

    private WebhookAttempt Fail(long seq, string lane) => _dice.Below(20) switch
    {
        0 => new WebhookAttempt(lane, seq, WebhookOutcome.Gone, null, 0),
        1 or 2 => new WebhookAttempt(lane, seq, WebhookOutcome.Throttled, Duration.FromSeconds(_dice.Below(5_000)), _dice.Below(1_001)),
        _ => new WebhookAttempt(lane, seq, WebhookOutcome.Failed, _dice.Below(3) == 0 ? Duration.FromDays(_dice.Below(4)) : null, _dice.Below(1_001)),
    };

    private void TellWhatEnded()
    {
        if (_untold.Count == 0) return;
        Tell(new WebhookProgress(_state.Run, [.. _untold], null));
        foreach (var attempt in _untold) _sending.Remove(attempt.Lane);
        _untold.Clear();
    }

    private void Wait(int seconds)
    {
        _now += Duration.FromSeconds(seconds);
        if (WebhookRules.Due(_state) <= _now) Tell(new Wake());
    }

    private void Tell(Message message)
    {
        _state = Sabotage(WebhookRules.Decide(_state, message, _now, "w", s_schedule).State);
        Assert.True(_state.Lanes.Length <= WebhookLimits.Lanes);
        Assert.Equal(_state.Lanes.Length, _state.Lanes.Select(lane => lane.Id).Distinct(StringComparer.Ordinal).Count());
        for (; _checkedTo < _state.Cursor; _checkedTo++) Assert.True(!IsWanted(_log[(int)_checkedTo]) || _all.Contains(_checkedTo + 1), $"The cursor has passed {_checkedTo + 1}.");
        // What is on its way is looked for, and what waits is due: nothing is forgotten.
        Assert.True(!_state.IsEnabled || _state.Lanes.IsEmpty || WebhookRules.Due(_state) is not null);
    }

    private static bool IsWanted((long Seq, string Lane, string Type) met) => met.Type == Wanted;

    private static string LaneOf(int account) => account == 0 ? "" : $"a{account}";

    /// <summary>Numbers from a seed alone, the same on every machine.</summary>
    private sealed class Dice(int seed)
    {
        private ulong _state = (ulong)(uint)seed + 0x9E3779B97F4A7C15;

        public int Below(int limit)
        {
            _state += 0x9E3779B97F4A7C15;
            var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
            mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
            return (int)((mixed ^ (mixed >> 31)) % (ulong)limit);
        }

        public T Of<T>(params ReadOnlySpan<T> choices) => choices[Below(choices.Length)];
    }
}
