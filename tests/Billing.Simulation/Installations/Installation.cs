using System.Reflection;
using Billing.Domain;
using Billing.Embedded.Deterministic;
using Billing.Embedded.Engine;
using Billing.Embedded.Reminders;
using Billing.Embedded.Storage;
using Billing.Gateways;
using Billing.Grains.Accounts;
using Billing.Grains.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Sweeping;
using Billing.Silo;
using Billing.Silo.Memory;
using Billing.Simulation.Mutations;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Storage;

namespace Billing.Simulation.Installations;

/// <summary>
/// The whole house in memory and on one thread: the real grains on the real engine, a store and a gateway that outlive every
/// crash, and a time that moves only when all is quiet.
/// </summary>
internal sealed class Installation
{
    public const string PolicyId = "p";

    /// <summary>What is idle for so long goes away; a longer quiet time begins with that.</summary>
    private static readonly Duration s_idleAfter = Duration.FromMinutes(15);

    private static readonly Duration s_sweepEvery = Duration.FromMinutes(1);
    private static readonly Duration s_sweepLateness = Duration.FromSeconds(30);

    private readonly MemoryGrainStateStore _store;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, object> _read = new(StringComparer.Ordinal);
    private readonly List<(string What, Task Task, Action Then, SimulatedProcess Process)> _calls = [];
    private readonly bool _hasWakeUps;
    private readonly int _faultsPerMille;
    private Instant _lastSweep;
    private int _sweepsInARow;

    public Installation(int seed, Mutation mutation, bool hasWakeUps, bool closesKeys, int faultsPerMille)
    {
        Mutation = mutation;
        _hasWakeUps = hasWakeUps;
        _faultsPerMille = faultsPerMille;
        Scheduler = new DeterministicScheduler(seed);
        Time = new VirtualTime(Scheduler, new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        _store = new MemoryGrainStateStore(Time);
        Gateway = new SimulatedGateway(this, closesKeys);
        Notices = new NoticeBox(this);
        Process = Start();
    }

    public DeterministicScheduler Scheduler { get; }

    public VirtualTime Time { get; }

    public Mutation Mutation { get; }

    public SimulatedGateway Gateway { get; }

    public NoticeBox Notices { get; }

    public KnownPolicies Policies { get; } = new();

    public FailureLog Failures { get; } = new();

    public SimulatedProcess Process { get; private set; }

    /// <summary>Takes a line for each thing that happens.</summary>
    public Action<string>? Trace { get; set; }

    /// <summary>Whether deadlines wake grains; else the sweepers alone find them.</summary>
    public bool HasWakeUps => _hasWakeUps;

    /// <summary>Whether the process is down.</summary>
    public bool IsDown => Process.IsDead;

    /// <summary>The keys that were written since the checks looked.</summary>
    public HashSet<string> Written { get; } = new(StringComparer.Ordinal);

    public IEnumerable<string> Keys => _rows.Keys;

    /// <summary>The index, as a process of the product reads it at its start and while it sweeps.</summary>
    public IGrainIndex Index => new MemoryGrainIndex(_store);

    public Instant Now => Time.GetInstant();

    public int Crashes { get; private set; }

    /// <summary>Whether nothing is on its way anywhere, in time neither.</summary>
    public bool IsSettled => Scheduler.IsQuiet && Gateway.UnderWay == 0 && _store.QueryIndex(index => !index.Pending(DateTimeOffset.MaxValue).Any());

    public void Note(string line) => Trace?.Invoke($"{Now} {line}");

    public AccountState Account(string id) => Read<AccountState>(GrainKeys.Account(id));

    public InvoiceState Invoice(string id) => Read<InvoiceState>(GrainKeys.Invoice(id));

    public IEnumerable<PaymentState> Payments => Keys.Where(key => key.StartsWith("pay/", StringComparison.Ordinal)).Select(key => Payment(GrainKeys.Id(key)));

    public PaymentState Payment(string id) => Read<PaymentState>(GrainKeys.Payment(id));

    public MemoryEvent[] Events(string? account = null, long after = 0) => _store.QueryEvents(log => log.After(after, account).ToArray());

    /// <summary>Sends a command; its answer comes while steps are run, or never.</summary>
    public void Tell(string key, Message message, Action<Reply?>? then = null)
    {
        if (Trace is not null) Note($"command to {key}: {message}");
        Ask($"{message.GetType().Name} to {key}", () => Process.Grains.ByKey(key).Execute(new Call(message, Now)), reply =>
        {
            Note($"    {message.GetType().Name} to {key} → {reply?.ToString() ?? "nobody knows"}");
            if (reply is Refused { Detail: var detail } && detail.Contains("does not take", StringComparison.Ordinal)) throw new CheckFailedException(detail);
            then?.Invoke(reply);
        });
    }

    /// <summary>Calls a grain from outside. Whoever asks a process that dies never hears; that is told as no reply.</summary>
    public void Ask<T>(string what, Func<Task<T>> call, Action<T?> then) where T : class
    {
        if (IsDown)
        {
            then(null);
            return;
        }

        var task = call();
        _calls.Add((what, task, () => then(task.IsCompletedSuccessfully ? task.Result : null), Process));
    }

    /// <summary>A step of the world outside, later.</summary>
    public void After(Duration wait, string what, Action step)
    {
        if (wait <= Duration.Zero) Scheduler.Post(what, step);
        else Time.CreateTimer(_ => step(), null, TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds)), Timeout.InfiniteTimeSpan);
    }

    /// <summary>Runs some steps, or all that are ready.</summary>
    public void Run(int? steps = null)
    {
        for (var i = 0; i < (steps ?? 100_000); i++)
        {
            if (Scheduler.Step())
            {
                if (_calls.Count > 0) Hear();
                continue;
            }

            Hear();
            if (Scheduler.IsQuiet) return;
        }

        if (steps is null) throw new CheckFailedException("it does not come to rest");
    }

    /// <summary>Time passes, and what falls due happens at its instant.</summary>
    public void Advance(Duration by)
    {
        var until = Now + by;
        for (var moves = 0; ; moves++)
        {
            if (moves > 50_000) throw new CheckFailedException($"after {moves} instants it is {Now}, and {until} is not reached; {WhatIsDue()}");
            Run();
            var next = Next();
            if (next is { } far && far - Now > s_idleAfter && !IsDown && Process.ActivationCount > 0)
            {
                Process.CollectIdle(TimeSpan.Zero);
                Run();
                next = Next();
            }

            if (next is not { } at || at > until) break;
            Time.JumpTo(at.ToDateTimeOffset());
            if (NextSweep() <= Now) Sweep(s_sweepLateness);
        }

        Time.JumpTo(until.ToDateTimeOffset());
        Run();
    }

    /// <summary>Time passes while something holds the process up: whatever was due on the way is late, and in any order.</summary>
    public void Jump(Duration by)
    {
        Time.JumpTo((Now + by).ToDateTimeOffset());
        Sweep(s_sweepLateness);
    }

    /// <summary>The process dies between two steps.</summary>
    public void Crash()
    {
        if (IsDown) return;
        Crashes++;
        Note("crash");
        Process.Crash();
        Hear();
    }

    /// <summary>A process starts on what is stored.</summary>
    public void Restart()
    {
        if (!IsDown) return;
        Note("restart");
        Process = Start();
        Sweep(Duration.Zero);
    }

    private Instant? Next()
    {
        var timer = Time.NextAt is { } at ? Instant.FromDateTimeOffset(at) : (Instant?)null;
        var sweep = NextSweep();
        return timer is null || sweep < timer ? sweep : timer;
    }

    /// <summary>A sweeper casts its net each minute; only a cast that finds something makes a difference.</summary>
    private Instant? NextSweep()
    {
        if (IsDown) return null;
        var (due, pending) = _store.QueryIndex(index => (index.Overdue(DateTimeOffset.MaxValue).FirstOrDefault()?.Due, index.Pending(DateTimeOffset.MaxValue).FirstOrDefault()?.PendingSince));
        var earliest = due is null || pending < due ? pending : due;
        if (earliest is not { } from) return null;
        var at = Instant.FromDateTimeOffset(from) + s_sweepLateness + Duration.FromMilliseconds(1);
        return Instant.Max(at, _lastSweep + s_sweepEvery * (_sweepsInARow < 10 ? 1 : 60));
    }

    private string WhatIsDue() =>
        _store.QueryIndex(index => string.Join(", ", index.Overdue(DateTimeOffset.MaxValue).Take(3).Select(entry => $"{entry.Key} is due since {entry.Due:O}")));

    private void Sweep(Duration lateness)
    {
        if (IsDown) return;
        _sweepsInARow = Now - _lastSweep <= s_sweepEvery * 61 ? _sweepsInARow + 1 : 0;
        _lastSweep = Now;
        _ = Process.Grains.GetGrain<ISweeperGrain>("sweep/0").Sweep(new SweepCall(lateness));
    }

    private void Hear()
    {
        for (var i = 0; i < _calls.Count; i++)
        {
            var (what, task, then, process) = _calls[i];
            if (!task.IsCompleted && !process.IsDead) continue;
            _calls.RemoveAt(i--);
            if (task.IsFaulted && !FailureLog.IsOfTheWorld(task.Exception.InnerException!)) throw new CheckFailedException($"{what} failed: {task.Exception.InnerException}");
            then();
        }
    }

    private SimulatedProcess Start()
    {
        var options = new EngineOptions { CollectEvery = TimeSpan.FromDays(3650), ReminderConcurrency = int.MaxValue };
        return new SimulatedProcess(Scheduler, Time, Mutation.Grains, options, process =>
        {
            var store = new SimulatedStore(process, _store, Fault, OnWritten);
            var index = new MemoryGrainIndex(_store);
            var delivery = new DeliveryOptions { WakeUps = _hasWakeUps };
            return new Dictionary<Type, object>
            {
                [typeof(IGrainStateStore)] = store,
                [typeof(IGrainStorageSerializer)] = new GrainSerializer(),
                [typeof(GrainServices)] = new GrainServices(process.Time, Policies, new NoCrashPoints(), new RowReader(store), delivery, Failures),
                [typeof(LocalAccounts)] = new LocalAccounts(),
                [typeof(PaymentGateways)] = new PaymentGateways([Gateway], new Dictionary<string, GatewayLimits>(StringComparer.Ordinal), process.Time),
                [typeof(INoticeSender)] = Notices,
                [typeof(IGrainIndex)] = index,
                [typeof(IGatewayInbox)] = new NoInbox(),
                [typeof(SweeperOptions)] = new SweeperOptions(),
                [typeof(ILoggerFactory)] = Failures,
                [typeof(IReminderSeed)] = new DeadlineSeed(_store),
                [typeof(Mutation)] = Mutation,
            };
        });
    }

    private WriteFault Fault(string key)
    {
        if (_faultsPerMille == 0 || Gateway.IsCalm || Scheduler.Random.Next(1000) >= _faultsPerMille) return WriteFault.None;
        var fault = Scheduler.Random.Next(2) == 0 ? WriteFault.FailsBefore : WriteFault.FailsAfter;
        Note($"the write of {key} {fault}");
        return fault;
    }

    private void OnWritten(string key, ReadOnlyMemory<byte> payload)
    {
        _rows[key] = payload;
        _read.Remove(key);
        Written.Add(key);
        if (Trace is not null) Note($"wrote {key}");
    }

    private TState Read<TState>(string key) where TState : class, new()
    {
        if (_read.TryGetValue(key, out var known)) return (TState)known;
        if (!_rows.TryGetValue(key, out var row)) return new TState();
        var state = StoredPayload.Read<Stored<TState>>(row.Span)!.State;
        _read[key] = state;
        return state;
    }
}

/// <summary>The net has caught something.</summary>
internal sealed class CheckFailedException(string message) : Exception(message);
