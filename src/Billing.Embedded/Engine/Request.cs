namespace Billing.Embedded.Engine;

/// <summary>Something an activation is to do: a call or a tick of a timer. Its first part, up to an <c>await</c>, is one turn.</summary>
internal abstract class Request
{
    // Made here and not when it is started, so that the caller's execution context flows (traces), not that of the request before.
    private readonly Task _turn;
    private Activation? _activation;

    protected Request() => _turn = new Task(static request => _ = ((Request)request!).RunAsync(), this);

    /// <summary>Whether it may start while another request awaits.</summary>
    public abstract bool Interleaves { get; }

    /// <summary>Whether it counts as use of the activation.</summary>
    public virtual bool KeepsAlive => true;

    /// <summary>Whether nobody waits for it any more; then it is not started.</summary>
    public virtual bool IsAbandoned => false;

    public void Start(Activation activation)
    {
        _activation = activation;
        _turn.Start(activation.Scheduler);
    }

    /// <summary>Starts on the calling thread, where the activation is free.</summary>
    public bool TryStartHere(Activation activation)
    {
        _activation = activation;
        return activation.Scheduler.TryRunHere(_turn);
    }

    /// <summary>The activation ended before this was started.</summary>
    public abstract void Reroute();

    /// <summary>It cannot be done, or failed.</summary>
    public abstract void Fail(Exception exception);

    /// <summary>Tells who waits what came of it, if anybody does.</summary>
    public abstract void Tell();

    /// <summary>Does it, and keeps the result.</summary>
    protected abstract Task InvokeAsync(object grain);

    /// <summary>It is done: tells who waits.</summary>
    protected abstract void Succeed();

    private async Task RunAsync()
    {
        var activation = _activation!;
        Exception? failure = null;
        try
        {
            await InvokeAsync(activation.Grain);
        }
        catch (Exception exception)
        {
            failure = exception;
            activation.OnFailure(exception);
        }

        // First over, then answered: whoever has the answer finds the activation ready for the next request, or idle.
        activation.OnCompleted(this);
        if (failure is null) Succeed();
        else Fail(failure);
    }
}
