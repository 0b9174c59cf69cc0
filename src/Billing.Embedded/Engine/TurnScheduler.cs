using Orleans.Runtime;

namespace Billing.Embedded.Engine;

/// <summary>
/// The task scheduler of one activation: its tasks run one after the other, in the order they came. Inside grain code it is
/// <see cref="TaskScheduler.Current"/>, so every <c>await</c> comes back to it.
/// </summary>
/// <remarks>
/// Implementation note: it outlives its activation, because a plain task that grain code started may still be on its way;
/// nobody waits for such a task.
/// </remarks>
internal sealed class TurnScheduler(IDispatcher dispatcher, IGrainContext context) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>Turns on one thread before others in the pool have theirs.</summary>
    private const int TurnsInARow = 32;

    private readonly Lock _lock = new();
    private readonly Queue<Task> _turns = new();
    private bool _dispatched;
    private int _here;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>The activation whose code is running here, if any is.</summary>
    public static IGrainContext? CurrentContext => (Current as TurnScheduler)?.Context;

    /// <summary>Whose turns they are.</summary>
    public IGrainContext Context { get; } = context;

    /// <summary>Runs the oldest turn.</summary>
    /// <returns>Whether there is another one.</returns>
    public bool RunTurn()
    {
        Task turn;
        lock (_lock)
        {
            turn = _turns.Dequeue();
        }

        TryExecuteTask(turn);
        lock (_lock)
        {
            return _dispatched = _turns.Count > 0;
        }
    }

    /// <summary>
    /// Runs a turn on the calling thread, where no turn is running or ready: a question that is answered at once then costs
    /// no change of threads.
    /// </summary>
    /// <returns>Whether it was run.</returns>
    public bool TryRunHere(Task turn)
    {
        lock (_lock)
        {
            if (_dispatched) return false;
            _dispatched = true;
        }

        Volatile.Write(ref _here, Environment.CurrentManagedThreadId);
        turn.RunSynchronously(this);
        Volatile.Write(ref _here, 0);
        lock (_lock)
        {
            _dispatched = _turns.Count > 0;
            if (!_dispatched) return true;
        }

        dispatcher.Dispatch(this);
        return true;
    }

    void IThreadPoolWorkItem.Execute()
    {
        for (var turn = 0; turn < TurnsInARow; turn++)
        {
            if (!RunTurn()) return;
        }

        dispatcher.Dispatch(this);
    }

    protected override void QueueTask(Task task)
    {
        lock (_lock)
        {
            _turns.Enqueue(task);
            if (_dispatched) return;
            _dispatched = true;
        }

        dispatcher.Dispatch(this);
    }

    // Only from within a turn of this very activation, or as one; anything else would overlap with one.
    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && (Current == this || Volatile.Read(ref _here) == Environment.CurrentManagedThreadId) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_lock)
        {
            return [.. _turns];
        }
    }
}
