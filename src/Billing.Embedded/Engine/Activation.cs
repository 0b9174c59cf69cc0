using Billing.Embedded.Reminders;
using Microsoft.Extensions.DependencyInjection;
using Orleans;
using Orleans.Runtime;
using Orleans.Storage;

namespace Billing.Embedded.Engine;

/// <summary>One grain in memory: from its first call until it is idle, fails a write or the process stops.</summary>
/// <remarks>
/// Implementation note: order is kept on two levels. <see cref="Scheduler"/> never runs two turns at once; this class, above it,
/// never starts a request while another one is unfinished, unless it interleaves. Ending waits for requests and ticks, never
/// for a plain task of the grain: two grains whose tasks wait for each other would hold each other up.
/// </remarks>
internal sealed class Activation : IGrainContext
{
    private readonly Lock _lock = new();
    private readonly Catalog _catalog;
    private readonly Queue<Request> _waiting = new();
    private readonly Queue<Request> _interleaving = new();
    private readonly HashSet<GrainTimer> _timers = [];
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Phase _phase = Phase.Activating;
    private AsyncServiceScope _services;
    private int _running = 1; // waking counts
    private Request? _blocking;
    private long _lastUsed;
    private object? _grain;
    private bool _woke;
    private DeactivationReason _reason;
    private Exception? _failure;

    public Activation(Catalog catalog, GrainAddress address)
    {
        _catalog = catalog;
        Address = address;
        Scheduler = new TurnScheduler(catalog.Dispatcher, this);
        _lastUsed = catalog.Time.GetTimestamp();
    }

    private enum Phase
    {
        Activating,
        Valid,
        Deactivating,
        Gone,
    }

    public GrainAddress Address { get; }

    public TurnScheduler Scheduler { get; }

    public object Grain => _grain!;

    /// <summary>When this activation has ended.</summary>
    public Task Gone => _gone.Task;

    /// <summary>A timestamp of the engine's clock.</summary>
    public long LastUsed => Volatile.Read(ref _lastUsed);

    public IServiceProvider ActivationServices => _services.ServiceProvider;

    string IGrainTarget.Key => Address.Key;

    ReminderService IGrainContext.Reminders => _catalog.Reminders;

    public void Start() => Run(WakeAsync);

    /// <summary>Takes a request, to be started when it may be; <see langword="false"/> when this activation has ended.</summary>
    public bool TryAccept(Request request)
    {
        lock (_lock)
        {
            if (_phase == Phase.Gone) return false;
            (request.Interleaves ? _interleaving : _waiting).Enqueue(request);
            StartWhatMay();
            return true;
        }
    }

    /// <summary>Runs an interleaving request on the calling thread; <see langword="false"/> where it has to be queued.</summary>
    public bool TryRunHere(Request request)
    {
        lock (_lock)
        {
            if (_phase != Phase.Valid) return false;
            _running++;
        }

        if (request.TryStartHere(this)) return true;
        lock (_lock)
        {
            _running--;
            StartWhatMay();
        }

        return false;
    }

    public void OnCompleted(Request request)
    {
        lock (_lock)
        {
            _running--;
            if (_blocking == request) _blocking = null;
            if (request.KeepsAlive) Volatile.Write(ref _lastUsed, _catalog.Time.GetTimestamp());
            StartWhatMay();
        }
    }

    /// <summary>A conflict that leaves a grain shows that its memory is stale. A caller that lets it pass is not stale itself.</summary>
    public void OnFailure(Exception exception)
    {
        if (exception is not InconsistentStateException { IsSourceActivation: true } conflict) return;
        conflict.IsSourceActivation = false;
        Deactivate(new(DeactivationReasonCode.ApplicationError, exception, "The state was written by somebody else."));
    }

    public void Deactivate(DeactivationReason deactivationReason, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (_phase is Phase.Deactivating or Phase.Gone) return;
            _phase = Phase.Deactivating;
            _reason = deactivationReason;
            _catalog.OnDeactivating();
            StartWhatMay();
        }
    }

    /// <summary>Ends the activation if it does nothing and was last used at or before this timestamp.</summary>
    public bool TryDeactivateIdle(long unusedSince)
    {
        lock (_lock)
        {
            if (_phase != Phase.Valid || _running > 0 || _waiting.Count > 0 || LastUsed > unusedSince) return false;
            Deactivate(new(DeactivationReasonCode.ActivationIdle, "Nobody called it for a while."));
            return true;
        }
    }

    public IGrainTimer StartTimer(Func<CancellationToken, Task> callback, GrainTimerCreationOptions options)
    {
        var timer = new GrainTimer(this, callback, options, _catalog.Time);
        lock (_lock)
        {
            _timers.Add(timer);
        }

        return timer;
    }

    public void OnTimerDisposed(GrainTimer timer)
    {
        lock (_lock)
        {
            _timers.Remove(timer);
        }
    }

    public void LogTimerFailure(Exception exception) => _catalog.Log.TimerFailed(exception, Address);

    object IGrainTarget.ReferenceAs(Type interfaceType) => GrainProxy.Create(_catalog, Address, interfaceType);

    private void StartWhatMay()
    {
        if (_phase == Phase.Deactivating && _running == 0)
        {
            _running = 1;
            Run(EndAsync);
        }

        if (_phase != Phase.Valid) return;
        while (_interleaving.TryDequeue(out var request))
        {
            if (!request.IsAbandoned) Begin(request);
        }

        while (_blocking is null && _waiting.TryDequeue(out var request))
        {
            if (request.IsAbandoned) continue;
            _blocking = request;
            Begin(request);
        }
    }

    private void Begin(Request request)
    {
        _running++;
        request.Start(this);
    }

    // Not on behalf of whoever called first.
    private void Run(Func<Task> lifecycle)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Factory.StartNew(lifecycle, CancellationToken.None, TaskCreationOptions.None, Scheduler);
        }
    }

    private async Task WakeAsync()
    {
        try
        {
            using var limit = new CancellationTokenSource(_catalog.Options.ActivationTimeout, _catalog.Time);
            _services = _catalog.Services.CreateAsyncScope();
            (_grain, var states) = Address.Class.Make(ActivationServices, Address.Key);
            foreach (var state in states) await state.ReadStateAsync().WaitAsync(limit.Token);
            if (_grain is IGrainBase grain) await grain.OnActivateAsync(limit.Token).WaitAsync(limit.Token);
            _woke = true;
        }
        catch (Exception exception)
        {
            _failure = exception;
            _catalog.Log.ActivationFailed(exception, Address);
            Deactivate(new(DeactivationReasonCode.ActivationFailed, exception, "The activation failed."));
        }

        lock (_lock)
        {
            _running--;
            if (_phase == Phase.Activating) _phase = Phase.Valid;
            StartWhatMay();
        }
    }

    private async Task EndAsync()
    {
        await AnywayAsync(SleepAsync);
        await AnywayAsync(DisposeAsync);

        Request[] left;
        lock (_lock)
        {
            _phase = Phase.Gone;
            _catalog.Remove(this);
            left = [.. _interleaving, .. _waiting];
        }

        _gone.SetResult();
        foreach (var request in left)
        {
            if (_failure is { } failure) request.Fail(failure);
            else request.Reroute();
        }
    }

    private async Task SleepAsync()
    {
        GrainTimer[] timers;
        lock (_lock)
        {
            timers = [.. _timers];
        }

        foreach (var timer in timers) timer.Dispose();
        using var limit = new CancellationTokenSource(_catalog.Options.DeactivationTimeout, _catalog.Time);
        if (_woke && _grain is IGrainBase grain) await grain.OnDeactivateAsync(_reason, limit.Token).WaitAsync(limit.Token);
    }

    private async Task DisposeAsync()
    {
        if (_grain is IAsyncDisposable disposable) await disposable.DisposeAsync();
        else (_grain as IDisposable)?.Dispose();
        await _services.DisposeAsync();
    }

    private async Task AnywayAsync(Func<Task> step)
    {
        try
        {
            await step();
        }
        catch (Exception exception)
        {
            _catalog.Log.DeactivationFailed(exception, Address);
        }
    }
}
