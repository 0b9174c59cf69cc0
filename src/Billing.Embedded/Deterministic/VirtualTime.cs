namespace Billing.Embedded.Deterministic;

/// <summary>
/// A clock that stands still until it is moved. Timers that are due become steps of the scheduler, which orders them among
/// each other and with everything else.
/// </summary>
/// <param name="scheduler">Runs the timers.</param>
/// <param name="start">The first instant.</param>
public sealed class VirtualTime(DeterministicScheduler scheduler, DateTimeOffset start) : TimeProvider
{
    private readonly PriorityQueue<(VirtualTimer Timer, int Setting), (long At, long Order)> _timers = new();
    private readonly DeterministicScheduler _scheduler = scheduler;
    private long _now = start.UtcTicks;
    private long _order;

    /// <inheritdoc/>
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <summary>When the next timer is due; <see langword="null"/> where there is none.</summary>
    public DateTimeOffset? NextAt
    {
        get
        {
            while (_timers.TryPeek(out var next, out var due))
            {
                if (next.Timer.IsSet(next.Setting)) return new DateTimeOffset(Math.Max(due.At, _now), TimeSpan.Zero);
                _timers.Dequeue();
            }

            return null;
        }
    }

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(_now, TimeSpan.Zero);

    /// <inheritdoc/>
    public override long GetTimestamp() => _now;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Create(null, callback, state, dueTime, period);

    /// <summary>Moves to the next timer's instant, or to the limit where none is due by then.</summary>
    /// <returns>Whether a timer was due.</returns>
    public bool MoveToNext(DateTimeOffset limit)
    {
        var next = NextAt;
        JumpTo(next is { } at && at <= limit ? at : limit);
        return next <= limit;
    }

    /// <summary>Moves to an instant at once. What was due on the way is late.</summary>
    public void JumpTo(DateTimeOffset to)
    {
        _now = Math.Max(_now, to.UtcTicks);
        _scheduler.Fold((ulong)_now);
        while (_timers.TryPeek(out var next, out var due) && due.At <= _now)
        {
            _timers.Dequeue();
            if (next.Timer.IsSet(next.Setting)) next.Timer.Fire();
        }
    }

    internal ITimer Create(SimulatedProcess? process, TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, process, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class VirtualTimer(VirtualTime time, SimulatedProcess? process, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;
        private TimeSpan _period;

        public bool IsSet(int setting) => setting == _setting && process is not { IsDead: true };

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            _period = period;
            Set(dueTime);
            return true;
        }

        public void Fire()
        {
            var setting = _setting;
            if (process is null) time._scheduler.Post("timer", () => Run(setting));
            else time._scheduler.Post(process, "timer", () => Run(setting));
        }

        public void Dispose() => _setting++;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }

        private void Run(int setting)
        {
            // Changed or disposed of while it waited for its turn.
            if (setting != _setting) return;
            Set(_period == TimeSpan.Zero ? Timeout.InfiniteTimeSpan : _period);
            callback(state);
        }

        private void Set(TimeSpan wait)
        {
            _setting++;
            if (wait == Timeout.InfiniteTimeSpan) return;
            if (wait == TimeSpan.Zero) Fire();
            else time._timers.Enqueue((this, _setting), (time._now + wait.Ticks, ++time._order));
        }
    }
}
