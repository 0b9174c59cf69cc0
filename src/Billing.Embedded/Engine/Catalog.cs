using System.Collections.Concurrent;
using Billing.Embedded.Reminders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans;
using Orleans.Runtime;

namespace Billing.Embedded.Engine;

/// <summary>The activations of the process: finds or makes the one that a request is for, and bounds how many there are.</summary>
internal sealed class Catalog
{
    private readonly ConcurrentDictionary<GrainAddress, Activation> _activations = new();
    private int _live;
    private int _collectAbove;
    private int _collecting;
    private volatile bool _stopping;

    public Catalog(IOptions<EngineOptions> options, IServiceProvider services, IDispatcher dispatcher, ILogger<EmbeddedEngine> log, TimeProvider? time = null)
    {
        Options = options.Value;
        Services = services;
        Dispatcher = dispatcher;
        Log = log;
        Time = Options.TimeProvider ?? time ?? TimeProvider.System;
        Reminders = new ReminderService(this);
        _collectAbove = Options.MaxActivations;
    }

    public EngineOptions Options { get; }

    public IServiceProvider Services { get; }

    public IDispatcher Dispatcher { get; }

    public ILogger Log { get; }

    public TimeProvider Time { get; }

    public ReminderService Reminders { get; }

    /// <summary>How many activations there are, those that are ending included.</summary>
    public int Count => _activations.Count;

    /// <summary>How many activations there are of each class.</summary>
    public IReadOnlyDictionary<Type, int> CountByClass() => _activations.Keys.GroupBy(address => address.Class.Type).ToDictionary(group => group.Key, group => group.Count());

    public void Send(GrainAddress address, Request request)
    {
        while (!_stopping)
        {
            if (!_activations.TryGetValue(address, out var activation)) activation = Add(address);
            if (activation.TryAccept(request)) return;
        }

        if (_activations.TryGetValue(address, out var draining) && draining.TryAccept(request)) return;
        request.Fail(new SiloUnavailableException("The engine is stopping."));
    }

    /// <summary>Answers an interleaving request of a caller from outside at once, on its own thread; <see langword="false"/> where it has to be sent.</summary>
    public bool TryRunHere(GrainAddress address, Request request) =>
        request.Interleaves && !_stopping && Dispatcher.LetsCallersRun && TurnScheduler.CurrentContext is null
        && _activations.TryGetValue(address, out var activation) && activation.TryRunHere(request);

    public void OnDeactivating() => Interlocked.Decrement(ref _live);

    public void Remove(Activation activation) => _activations.TryRemove(KeyValuePair.Create(activation.Address, activation));

    /// <summary>Ends what was not called for this long.</summary>
    public Task CollectAsync(TimeSpan unusedFor)
    {
        var unusedSince = Time.GetTimestamp() - (long)(unusedFor.TotalSeconds * Time.TimestampFrequency);
        var idle = _activations.Values.Where(activation => activation.TryDeactivateIdle(unusedSince));
        return Task.WhenAll(idle.Select(activation => activation.Gone));
    }

    /// <summary>Ends everything. Running requests finish first, as long as the drain may take; waiting ones fail.</summary>
    public async Task DrainAsync(CancellationToken cancellationToken)
    {
        _stopping = true;
        using var limit = new CancellationTokenSource(Options.DrainTimeout, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            // Again, because a call that was on its way may have made one more.
            while (!_activations.IsEmpty)
            {
                var ending = _activations.Values.ToArray();
                foreach (var activation in ending) activation.Deactivate(new(DeactivationReasonCode.ShuttingDown, "The process stops."), CancellationToken.None);
                await Task.WhenAll(ending.Select(activation => activation.Gone)).WaitAsync(either.Token);
            }
        }
        catch (OperationCanceledException)
        {
            Log.DrainTimedOut(Count, Options.DrainTimeout);
        }
    }

    private Activation Add(GrainAddress address)
    {
        var made = new Activation(this, address);
        var activation = _activations.GetOrAdd(address, made);
        if (activation != made) return activation;
        var live = Interlocked.Increment(ref _live);
        made.Start();
        if (live > Volatile.Read(ref _collectAbove)) CollectLeastUsed(live);
        return activation;
    }

    // Where most are busy it would find little and be called again and again; so its next run is a tenth away.
    private void CollectLeastUsed(int live)
    {
        if (Interlocked.Exchange(ref _collecting, 1) == 1) return;
        var tenth = Math.Max(1, Options.MaxActivations / 10);
        var ended = 0;
        foreach (var activation in _activations.Values.OrderBy(activation => activation.LastUsed))
        {
            if (live - ended <= Options.MaxActivations - tenth + 1) break;
            if (activation.TryDeactivateIdle(long.MaxValue)) ended++;
        }

        Volatile.Write(ref _collectAbove, Math.Max(Options.MaxActivations, live - ended + tenth - 1));
        Volatile.Write(ref _collecting, 0);
    }
}
