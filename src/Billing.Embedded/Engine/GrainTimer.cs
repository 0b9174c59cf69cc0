using Orleans.Runtime;

namespace Billing.Embedded.Engine;

/// <summary>A timer of an activation. A tick is a request; the next one is timed when it is done.</summary>
internal sealed class GrainTimer : IGrainTimer
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _disposed = new();
    private readonly Activation _activation;
    private readonly Func<CancellationToken, Task> _callback;
    private readonly GrainTimerCreationOptions _options;
    private readonly ITimer _timer;
    private TimeSpan _next;
    private TimeSpan _period;
    private bool _ticking;

    public GrainTimer(Activation activation, Func<CancellationToken, Task> callback, GrainTimerCreationOptions options, TimeProvider time)
    {
        _activation = activation;
        _callback = callback;
        _options = options;
        _period = options.Period;
        using (ExecutionContext.SuppressFlow())
        {
            _timer = time.CreateTimer(static timer => ((GrainTimer)timer!).OnDue(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        _timer.Change(options.DueTime, Timeout.InfiniteTimeSpan);
    }

    public void Change(TimeSpan dueTime, TimeSpan period)
    {
        lock (_lock)
        {
            (_next, _period) = (dueTime, period);
            if (!_ticking) _timer.Change(dueTime, Timeout.InfiniteTimeSpan);
        }
    }

    public void Dispose()
    {
        _disposed.Cancel();
        _timer.Dispose();
        _activation.OnTimerDisposed(this);
    }

    private void OnDue()
    {
        lock (_lock)
        {
            if (_ticking || _disposed.IsCancellationRequested) return;
            _ticking = true;
            _next = _period;
        }

        _activation.TryAccept(new Tick(this));
    }

    private void OnTicked()
    {
        lock (_lock)
        {
            _ticking = false;
            if (!_disposed.IsCancellationRequested) _timer.Change(_next, Timeout.InfiniteTimeSpan);
        }
    }

    private sealed class Tick(GrainTimer timer) : Request
    {
        public override bool Interleaves => timer._options.Interleave;

        public override bool KeepsAlive => timer._options.KeepAlive;

        public override bool IsAbandoned => timer._disposed.IsCancellationRequested;

        public override void Reroute()
        {
            // A timer ends with its activation.
        }

        public override void Tell()
        {
            // Nobody waits for a tick.
        }

        public override void Fail(Exception exception)
        {
            timer._activation.LogTimerFailure(exception);
            timer.OnTicked();
        }

        protected override Task InvokeAsync(object grain) => timer._callback(timer._disposed.Token);

        protected override void Succeed() => timer.OnTicked();
    }
}
