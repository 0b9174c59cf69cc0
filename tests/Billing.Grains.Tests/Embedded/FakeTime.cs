namespace Billing.Grains.Tests.Embedded;

/// <summary>A clock that a test moves. It jumps: what is due in between fires once, at the new time.</summary>
internal sealed class FakeTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<FakeTimer> _timers = [];
    private readonly List<(DateTimeOffset At, TaskCompletionSource Scheduled)> _waiting = [];
    private DateTimeOffset _now = Start;

    public static DateTimeOffset Start { get; } = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock)
        {
            return _now;
        }
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new FakeTimer(this, () => callback(state));
        timer.Change(dueTime, period);
        return timer;
    }

    public void Advance(TimeSpan by)
    {
        FakeTimer[] due;
        lock (_lock)
        {
            _now += by;
            due = [.. _timers.Where(timer => timer.DueAt <= _now).OrderBy(timer => timer.DueAt)];
            foreach (var timer in due) timer.Schedule(timer.Period);
        }

        foreach (var timer in due) timer.Fire();
    }

    /// <summary>Awaits that some timer is due at exactly this time after the start.</summary>
    public Task UntilScheduled(TimeSpan afterStart)
    {
        var at = Start + afterStart;
        lock (_lock)
        {
            if (_timers.Exists(timer => timer.DueAt == at)) return Task.CompletedTask;
            var scheduled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((at, scheduled));
            return scheduled.Task.WaitAsync(TimeSpan.FromSeconds(20));
        }
    }

    private sealed class FakeTimer(FakeTime time, Action fire) : ITimer
    {
        public DateTimeOffset? DueAt { get; private set; }

        public TimeSpan Period { get; private set; }

        public void Fire() => fire();

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            var now = false;
            lock (time._lock)
            {
                Period = period;
                now = dueTime == TimeSpan.Zero;
                Schedule(now ? period : dueTime);
            }

            if (now) ThreadPool.QueueUserWorkItem(_ => fire());
            return true;
        }

        public void Schedule(TimeSpan wait)
        {
            time._timers.Remove(this);
            DueAt = wait == Timeout.InfiniteTimeSpan ? null : time._now + wait;
            if (DueAt is not { } at) return;
            time._timers.Add(this);
            foreach (var (_, scheduled) in time._waiting.Where(waiting => waiting.At == at)) scheduled.TrySetResult();
        }

        public void Dispose() => Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return default;
        }
    }
}
