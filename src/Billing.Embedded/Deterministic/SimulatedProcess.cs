using Billing.Embedded.Engine;
using Billing.Embedded.Reminders;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Orleans;

namespace Billing.Embedded.Deterministic;

/// <summary>
/// One run of the engine under the deterministic scheduler: the real catalog, activations, timers and reminders. It ends by
/// <see cref="Crash"/>, which leaves nothing of it: no activation, no call in flight, no timer. The next one starts on what
/// was stored.
/// </summary>
public sealed class SimulatedProcess : IDispatcher
{
    private readonly DeterministicScheduler _scheduler;
    private readonly Catalog _catalog;
    private readonly EmbeddedEngine _engine;

    /// <summary>Starts the engine.</summary>
    /// <param name="scheduler">Runs it.</param>
    /// <param name="time">Its clock.</param>
    /// <param name="classes">The grain classes.</param>
    /// <param name="options">How the engine runs; its clock and its assemblies are not looked at.</param>
    /// <param name="services">What grains get by their constructors, the store and the serializer among it, each by its type.</param>
    public SimulatedProcess(
        DeterministicScheduler scheduler, VirtualTime time, SimulatedGrains classes, EngineOptions options, Func<SimulatedProcess, IReadOnlyDictionary<Type, object>> services)
    {
        ArgumentNullException.ThrowIfNull(classes);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(services);
        _scheduler = scheduler;
        Context = new ProcessContext(this);
        Time = new ProcessTime(this, time);
        options.TimeProvider = Time;
        var given = services(this);
        var provider = new SimulatedServices(given);
        var logs = given.TryGetValue(typeof(ILoggerFactory), out var factory) ? (ILoggerFactory)factory : NullLoggerFactory.Instance;
        _catalog = new Catalog(Options.Create(options), provider, this, logs.CreateLogger<EmbeddedEngine>());
        Grains = new GrainFactory(classes.Classes, _catalog);
        provider.Add(typeof(IGrainFactory), Grains);
        _engine = new EmbeddedEngine(_catalog, classes.Classes, given.TryGetValue(typeof(IReminderSeed), out var seed) ? [(IReminderSeed)seed] : []);
        var started = _engine.StartAsync(CancellationToken.None);
        if (!started.IsCompletedSuccessfully) throw new InvalidOperationException("A simulated process starts at once: its reminder seed must not wait.", started.Exception);
    }

    /// <summary>Makes references to its grains, for callers from outside too.</summary>
    public IGrainFactory Grains { get; }

    /// <summary>Its view of the clock: a crash drops the timers that were made with it.</summary>
    public TimeProvider Time { get; }

    /// <summary>Whether it has crashed.</summary>
    public bool IsDead { get; private set; }

    /// <summary>How many activations are in memory.</summary>
    public int ActivationCount => _engine.ActivationCount;

    /// <summary>How many reminders are set.</summary>
    public int ReminderCount => _engine.ReminderCount;

    /// <summary>How many times a grain has set one since the start, those that are gone included.</summary>
    public int RemindersRegistered => _engine.RemindersRegistered;

    internal SynchronizationContext Context { get; }

    bool IDispatcher.LetsCallersRun => false;

    TaskCreationOptions IDispatcher.AnswerOptions => TaskCreationOptions.None;

    /// <summary>Makes a step ready that ends with this process: a crash before it drops it.</summary>
    /// <param name="what">Its name in traces.</param>
    /// <param name="step">What it does.</param>
    public void Post(string what, Action step) => _scheduler.Post(this, what, step);

    /// <summary>Ends every activation that does nothing and was not called for so long.</summary>
    public void CollectIdle(TimeSpan unusedFor) => _ = _engine.CollectIdleAsync(unusedFor);

    /// <summary>Ends it between two steps.</summary>
    public void Crash()
    {
        IsDead = true;
        _scheduler.Drop(this);
    }

    void IDispatcher.Dispatch(TurnScheduler ready) => _scheduler.Add(this, ready);

    void IDispatcher.Tell(Request request) => _scheduler.Post(this, "answer", request.Tell);

    /// <summary>Where code outside of the activations comes back to after an await.</summary>
    private sealed class ProcessContext(SimulatedProcess process) : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => process.Post("continuation", () => d(state));

        public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nobody waits under the deterministic scheduler.");
    }

    private sealed class ProcessTime(SimulatedProcess process, VirtualTime time) : TimeProvider
    {
        public override long TimestampFrequency => time.TimestampFrequency;

        public override DateTimeOffset GetUtcNow() => time.GetUtcNow();

        public override long GetTimestamp() => time.GetTimestamp();

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            time.Create(process, callback, state, dueTime, period);
    }
}
