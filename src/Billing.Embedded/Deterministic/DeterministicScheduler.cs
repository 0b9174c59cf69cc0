using Billing.Embedded.Engine;

namespace Billing.Embedded.Deterministic;

/// <summary>
/// Everything that is ready to run, on one thread, one step at a time, in an order that a seed chooses. A step is the code
/// between two awaits: a turn of a grain, a tick of a timer, an answer on its way, a write reaching the store.
/// </summary>
/// <remarks>
/// Implementation note: it is used by the thread that made it and by no other. What another thread brings would make a run
/// depend on luck, so it is refused and the next step says so (<see cref="EscapedException"/>).
/// </remarks>
/// <param name="seed">The same seed and the same calls give the same run, step by step.</param>
public sealed class DeterministicScheduler(int seed)
{
    private const ulong FnvOffset = 14695981039346656037;
    private const ulong FnvPrime = 1099511628211;

    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly List<Item> _ready = [];
    private string? _escaped;

    /// <summary>The run's one source of chance.</summary>
    public Random Random { get; } = new(seed);

    /// <summary>Counts the steps.</summary>
    public long Steps { get; private set; }

    /// <summary>A hash over every step so far and its place in the order: equal for equal runs.</summary>
    public ulong TraceHash { get; private set; } = FnvOffset;

    /// <summary>Whether nothing is ready: only time, or somebody from outside, can make anything happen.</summary>
    public bool IsQuiet => _ready.Count == 0;

    /// <summary>Takes each step's name, for whoever looks for a fault.</summary>
    public Action<string>? Trace { get; set; }

    /// <summary>Makes a step ready that belongs to the world outside of every process: no crash drops it.</summary>
    /// <param name="what">Its name in traces.</param>
    /// <param name="step">What it does.</param>
    public void Post(string what, Action step) => Add(new Item(null, what, null, step));

    /// <summary>Runs one of the ready steps.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="EscapedException">Another thread brought a step.</exception>
    public bool Step()
    {
        if (_escaped is not null) throw new EscapedException(_escaped);
        if (_ready.Count == 0) return false;
        var at = Random.Next(_ready.Count);
        var item = _ready[at];
        _ready[at] = _ready[^1];
        _ready.RemoveAt(_ready.Count - 1);
        Steps++;
        Fold((ulong)at);
        Fold(item.What);
        Trace?.Invoke(item.What);
        Run(item);
        return true;
    }

    /// <summary>Runs until nothing is ready.</summary>
    /// <param name="most">So many steps at most: more of them without time moving is a loop.</param>
    /// <exception cref="InvalidOperationException">It does not come to rest.</exception>
    public void RunUntilQuiet(int most = 200_000)
    {
        for (var i = 0; Step(); i++)
        {
            if (i >= most) throw new InvalidOperationException($"After {most} steps at one instant there is still more to do, such as {_ready[0].What}.");
        }
    }

    internal void Post(SimulatedProcess process, string what, Action step) => Add(new Item(process, what, null, step));

    internal void Add(SimulatedProcess process, TurnScheduler ready) => Add(new Item(process, ready.Context.Key, ready, null));

    internal void Fold(string text)
    {
        foreach (var c in text) TraceHash = (TraceHash ^ c) * FnvPrime;
    }

    internal void Fold(ulong number) => TraceHash = (TraceHash ^ number) * FnvPrime;

    internal void Drop(SimulatedProcess process) => _ready.RemoveAll(item => item.Process == process);

    private void Add(Item item)
    {
        if (item.Process is { IsDead: true }) return;
        if (Environment.CurrentManagedThreadId == _thread) _ready.Add(item);
        else Interlocked.CompareExchange(ref _escaped, $"'{item.What}' came from another thread:{Environment.NewLine}{Environment.StackTrace}", null);
    }

    private void Run(Item item)
    {
        var outer = SynchronizationContext.Current;

        // Within a turn an await comes back to the activation's scheduler, everywhere else to this one.
        SynchronizationContext.SetSynchronizationContext(item.Turn is null ? item.Process?.Context : null);
        try
        {
            if (item.Turn is not { } turn) item.Step!();
            else if (turn.RunTurn()) Add(item);
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private readonly record struct Item(SimulatedProcess? Process, string What, TurnScheduler? Turn, Action? Step);
}

/// <summary>Code under the deterministic scheduler has left it: it went on on another thread.</summary>
/// <param name="message">Which step, and from where.</param>
public sealed class EscapedException(string message) : InvalidOperationException(message);
