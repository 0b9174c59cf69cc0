namespace Billing.Mail.Tests;

/// <summary>A time in which nothing is late until a test says that everything is.</summary>
internal sealed class ManualTime : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<Timer> _timers = [];
    private bool _isLate;

    public override DateTimeOffset GetUtcNow() => new(2026, 3, 6, 9, 30, 0, TimeSpan.Zero);

    /// <summary>Every timer fires, and each that is made from now on at once.</summary>
    public void BeLate()
    {
        Timer[] timers;
        lock (_lock)
        {
            _isLate = true;
            timers = [.. _timers];
        }

        foreach (var timer in timers) timer.Fire();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new Timer(callback, state);
        bool isLate;
        lock (_lock)
        {
            isLate = _isLate && dueTime != Timeout.InfiniteTimeSpan;
            if (!_isLate) _timers.Add(timer);
        }

        if (isLate) ThreadPool.QueueUserWorkItem(_ => timer.Fire());
        return timer;
    }

    private sealed class Timer(TimerCallback callback, object? state) : ITimer
    {
        private volatile bool _isOver;

        public void Fire()
        {
            if (!_isOver) callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period) => true;

        public void Dispose() => _isOver = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
