namespace Billing.Embedded.Engine;

/// <summary>Decides when and on which thread a ready activation runs its next turn. The one seam for a scheduler that is not the thread pool.</summary>
internal interface IDispatcher
{
    /// <summary>Takes an activation that became ready. It calls <see cref="TurnScheduler.RunTurn"/>, one thread at a time, until that says no.</summary>
    void Dispatch(TurnScheduler ready);

    /// <summary>Whether a caller from outside the grains may run the turn of its own call, where nothing stands in the way.</summary>
    bool LetsCallersRun { get; }

    /// <summary>How the task is made that a caller awaits.</summary>
    TaskCreationOptions AnswerOptions { get; }

    /// <summary>Lets a request tell its caller (<see cref="Request.Tell"/>).</summary>
    void Tell(Request request);
}

/// <summary>Runs turns on the thread pool, as they come.</summary>
internal sealed class ThreadPoolDispatcher : IDispatcher
{
    public bool LetsCallersRun => true;

    public TaskCreationOptions AnswerOptions => TaskCreationOptions.RunContinuationsAsynchronously;

    public void Tell(Request request) => request.Tell();

    public void Dispatch(TurnScheduler ready) => ThreadPool.UnsafeQueueUserWorkItem(ready, preferLocal: false);
}
