namespace Billing.Testing;

/// <summary>A clock that a test moves, timers and all. While it stands nothing falls due, except what is not to wait at all.</summary>
/// <param name="start">Where it stands at first.</param>
public sealed class ManualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _scheduled = [];
    private readonly SemaphoreSlim _created = new(0);
    private DateTimeOffset _now = start;

    /// <summary>A clock that stands on 1 March 2026.</summary>
    public ManualTime() : this(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero))
    {
    }

    /// <summary>Where it stood at first.</summary>
    public DateTimeOffset Start { get; } = start;

    /// <inheritdoc />
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    /// <inheritdoc />
    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    /// <inheritdoc />
    public override long GetTimestamp() => GetUtcNow().Ticks;

    /// <inheritdoc />
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(this, () => callback(state));
        timer.Change(dueTime, period);
        _created.Release();
        return timer;
    }

    /// <summary>Time passes: each timer fires at its own instant, in order.</summary>
    public void Advance(TimeSpan by)
    {
        var until = GetUtcNow() + by;
        while (TakeNext(until) is { } timer) timer.Fire();
    }

    /// <summary>Time has passed while nobody looked, as for a process that was held up: each timer that fell due meanwhile fires once, at the new time.</summary>
    public void Jump(TimeSpan by)
    {
        Timer[] due;
        lock (_lock)
        {
            _now += by;
            due = [.. _scheduled.Where(timer => timer.DueAt <= _now).OrderBy(timer => timer.DueAt)];
            foreach (var timer in due) timer.Schedule(timer.Period);
        }

        foreach (var timer in due) timer.Fire();
    }

    /// <summary>Ends when some timer is due at exactly this time after the start.</summary>
    public Task ScheduledAsync(TimeSpan afterStart) => Eventually.UntilAsync(Waits, waits => waits.Contains(afterStart), $"A timer is due at {afterStart}");

    /// <summary>Ends when one more timer has been made, so that a test never moves time before a loop waits for it.</summary>
    public async Task TimerCreatedAsync()
    {
        if (!await _created.WaitAsync(Eventually.Bound)) throw new TimeoutException("No timer was made.");
    }

    /// <summary>When the timers are due, after the start.</summary>
    private TimeSpan[] Waits()
    {
        lock (_lock) return [.. _scheduled.Select(timer => timer.DueAt - Start)];
    }

    /// <summary>The next timer that is due until then, at its instant; <see langword="null"/> when there is none, and it is then.</summary>
    private Timer? TakeNext(DateTimeOffset until)
    {
        lock (_lock)
        {
            var next = _scheduled.Where(timer => timer.DueAt <= until).MinBy(timer => timer.DueAt);
            if (next is null) _now = until;
            else if (next.DueAt > _now) _now = next.DueAt;
            next?.Schedule(next.Period);
            return next;
        }
    }

    private sealed class Timer(ManualTime time, Action fire) : ITimer
    {
        /// <summary>When it fires next, if it is scheduled.</summary>
        public DateTimeOffset DueAt { get; private set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (time._lock)
            {
                Period = period > TimeSpan.Zero ? period : Timeout.InfiniteTimeSpan;
                Schedule(dueTime == TimeSpan.Zero ? Period : dueTime);
            }

            if (dueTime == TimeSpan.Zero) ThreadPool.QueueUserWorkItem(_ => fire());
            return true;
        }

        public void Schedule(TimeSpan wait)
        {
            time._scheduled.Remove(this);
            if (wait == Timeout.InfiniteTimeSpan) return;
            DueAt = time._now + wait;
            time._scheduled.Add(this);
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
