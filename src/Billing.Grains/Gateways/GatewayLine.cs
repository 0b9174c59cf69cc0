using Billing.Gateways;
using NodaTime;

namespace Billing.Grains.Gateways;

/// <summary>What a request is, to whoever stands in line with it.</summary>
public enum Lane
{
    /// <summary>It goes on with what has begun: a confirm, a question, a cancel, a refund. It goes first, or what has begun would never end.</summary>
    GoOn,

    /// <summary>It begins something new.</summary>
    Begin,
}

/// <summary>
/// The line before one gateway, in one process. First come, first served within a lane; at most so many requests are under
/// way, and at most so many begin in any second; a gateway that asks to be left alone is.
/// </summary>
/// <remarks>
/// Implementation note: memory is bounded by those who can be served while they wait. Whoever would wait for longer is not
/// kept: it is told when its turn is thought to come, and comes again with the instant at which it first came, by which it
/// then goes before all who came later. So the line is as long as it has to be, and lives in the payments' own rows.
/// </remarks>
public sealed class GatewayLine
{
    private static readonly Duration Second = Duration.FromSeconds(1);
    private static readonly Duration Patience = PaymentSchedule.SendWithin;

    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly GatewayLimits _limits;
    private readonly Queue<Instant> _begun = [];
    private readonly SortedSet<Waiter> _waiting = new(Comparer<Waiter>.Create((left, right) => left.Place.CompareTo(right.Place)));
    private readonly ITimer _timer;
    private Instant _slowUntil = Instant.MinValue;
    private Instant _lastTurn = Instant.MinValue;
    private int _inFlight;
    private long _arrivals;
    private double _held;
    private double _requestsPerBegin = 1;
    private int _requestsSinceBegin;

    /// <summary>A line, empty.</summary>
    public GatewayLine(GatewayLimits limits, TimeProvider time)
    {
        (_limits, _time) = (limits, time);
        _timer = time.CreateTimer(_ => Pump(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Capacity = limits.MaxPerSecond == 0 ? GatewayLimits.Highest : Math.Min(GatewayLimits.Highest, (int)(limits.MaxPerSecond * Patience.TotalSeconds));
    }

    /// <summary>At most so many wait here; those behind them come again.</summary>
    public int Capacity { get; }

    /// <summary>How many requests are under way.</summary>
    public int InFlight => _inFlight;

    /// <summary>How many wait here.</summary>
    public int Waiting => _waiting.Count;

    /// <summary>Waits for a turn, but not longer than until <paramref name="until"/>. Dispose of a turn that has come.</summary>
    /// <param name="lane">What the request is.</param>
    /// <param name="since">When it first came; who came earlier goes first.</param>
    /// <param name="until">Later it must not be sent.</param>
    public Task<Turn> EnterAsync(Lane lane, Instant since, Instant until)
    {
        lock (_gate)
        {
            var now = _time.GetInstant();
            var waiter = new Waiter(lane, since, ++_arrivals, until);
            if (until < now) return Task.FromResult(Postpone(waiter, now));
            if (_waiting.Count == 0 && MayBeginAt(now) <= now) return Task.FromResult(Begin(waiter, now));
            _waiting.Add(waiter);
            if (_waiting.Count > Capacity) Leave(_waiting.Max!, now);
            // What cannot be served in time is told at once; a place that is held for nothing is somebody else's.
            else if (lane == Lane.Begin && ReferenceEquals(_waiting.Max, waiter) && Expected(_waiting.Count - 1, now) > until) Leave(waiter, now);
            PumpLocked(now);
            return waiter.Came.Task;
        }
    }

    /// <summary>The gateway wants to be left alone: nothing begins before.</summary>
    public void SlowFor(Duration wait)
    {
        lock (_gate)
        {
            var now = _time.GetInstant();
            _slowUntil = Instant.Max(_slowUntil, now + wait);
            PumpLocked(now);
        }
    }

    private void Pump()
    {
        lock (_gate) PumpLocked(_time.GetInstant());
    }

    private void PumpLocked(Instant now)
    {
        while (_waiting.Min is { } first && MayBeginAt(now) <= now)
        {
            _waiting.Remove(first);
            first.Came.SetResult(Begin(first, now));
        }

        foreach (var late in _waiting.Where(waiter => waiter.Until < now).ToArray()) Leave(late, now);
        if (_waiting.Count == 0) return;
        var next = Instant.Min(MayBeginAt(now), _waiting.Min(waiter => waiter.Until) + Duration.FromMilliseconds(1));
        var wait = next - now;
        _timer.Change(wait > Duration.Zero ? TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)) : TimeSpan.FromMilliseconds(1), Timeout.InfiniteTimeSpan);
    }

    /// <summary>When the next request may begin, as far as anybody knows: never earlier.</summary>
    private Instant MayBeginAt(Instant now)
    {
        while (_begun.TryPeek(out var old) && old + Second <= now) _begun.Dequeue();
        var free = _limits.MaxPerSecond > 0 && _begun.Count >= _limits.MaxPerSecond ? _begun.Peek() + Second : now;
        if (_limits.MaxInFlight > 0 && _inFlight >= _limits.MaxInFlight) free = Instant.MaxValue;
        return Instant.Max(free, _slowUntil);
    }

    private Turn Begin(Waiter waiter, Instant now)
    {
        _inFlight++;
        if (_limits.MaxPerSecond > 0) _begun.Enqueue(now);
        _requestsSinceBegin++;
        if (waiter.Lane == Lane.Begin) (_requestsPerBegin, _requestsSinceBegin) = (_requestsPerBegin * 0.95 + Math.Min(4, _requestsSinceBegin) * 0.05, 0);
        return new Turn(this, now);
    }

    private void End(Instant begun)
    {
        lock (_gate)
        {
            var now = _time.GetInstant();
            _inFlight--;
            _held = _held * 0.9 + (now - begun).TotalSeconds * 0.1;
            PumpLocked(now);
        }
    }

    private void Leave(Waiter waiter, Instant now)
    {
        _waiting.Remove(waiter);
        waiter.Came.SetResult(Postpone(waiter, now));
    }

    /// <summary>Whoever is sent away gets the turn after the one that was given away last.</summary>
    private Turn Postpone(Waiter waiter, Instant now)
    {
        var turn = Instant.Max(Expected(_waiting.Count, now), now + Duration.FromMilliseconds(1));
        if (waiter.Lane == Lane.Begin) _lastTurn = turn = Instant.Max(turn, _lastTurn + Pace);
        return new Turn(turn);
    }

    private Instant Expected(int ahead, Instant now) => Instant.Max(now, _slowUntil) + Pace * ahead;

    /// <summary>How long one who begins takes of the line, as things went of late.</summary>
    private Duration Pace
    {
        get
        {
            var byRate = _limits.MaxPerSecond == 0 ? 0 : 1.0 / _limits.MaxPerSecond;
            var byFlight = _limits.MaxInFlight == 0 ? 0 : _held / _limits.MaxInFlight;
            return Duration.FromSeconds(Math.Max(byRate, byFlight) * Math.Max(1, _requestsPerBegin));
        }
    }

    private sealed class Waiter(Lane lane, Instant since, long number, Instant until)
    {
        public Lane Lane { get; } = lane;

        public (Lane Lane, Instant Since, long Number) Place { get; } = (lane, since, number);

        public Instant Until { get; } = until;

        public TaskCompletionSource<Turn> Came { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>A turn at the gateway, or the instant at which it is thought to come.</summary>
    public sealed class Turn : IDisposable
    {
        private GatewayLine? _line;

        internal Turn(GatewayLine line, Instant begun) => (_line, At, HasCome) = (line, begun, true);

        internal Turn(Instant at) => At = at;

        /// <summary>Whether the request may be sent now.</summary>
        public bool HasCome { get; }

        /// <summary>Since when it may be sent; else when to come again.</summary>
        public Instant At { get; }

        /// <summary>The request is over.</summary>
        public void Dispose() => Interlocked.Exchange(ref _line, null)?.End(At);
    }
}
