namespace Billing.Embedded.Engine;

/// <summary>One call of a grain's method, and the answer that its caller awaits.</summary>
internal sealed class GrainCall<T> : Request
{
    private readonly TaskCompletionSource<T> _answer;
    private readonly Catalog _catalog;
    private readonly GrainAddress _address;
    private readonly GrainMethod<T> _method;
    private readonly object?[] _arguments;
    private ITimer? _deadline;
    private T? _result;
    private Exception? _failure;

    private GrainCall(Catalog catalog, GrainAddress address, GrainMethod<T> method, object?[] arguments)
    {
        _answer = new(catalog.Dispatcher.AnswerOptions);
        _catalog = catalog;
        _address = address;
        _method = method;
        _arguments = arguments;
    }

    public override bool Interleaves => _method.Interleaves;

    public override bool IsAbandoned => _answer.Task.IsCompleted;

    public static Task<T> SendAsync(Catalog catalog, GrainAddress address, GrainMethod<T> method, object?[] arguments)
    {
        var call = new GrainCall<T>(catalog, address, method, arguments);
        var isRunning = catalog.TryRunHere(address, call);
        if (call._answer.Task.IsCompleted) return call._answer.Task;
        call._deadline = catalog.Time.CreateTimer(
            static state => ((GrainCall<T>)state!).OnTimeout(), call, method.Timeout ?? catalog.Options.ResponseTimeout, Timeout.InfiniteTimeSpan);
        if (!isRunning) catalog.Send(address, call);
        return call._answer.Task;
    }

    public override void Reroute() => _catalog.Send(_address, this);

    public override void Fail(Exception exception)
    {
        _deadline?.Dispose();
        _failure = exception;
        _catalog.Dispatcher.Tell(this);
    }

    public override void Tell()
    {
        if (_failure is null) _answer.TrySetResult(_result!);
        else _answer.TrySetException(_failure);
    }

    protected override async Task InvokeAsync(object grain) => _result = await _method.Body(grain, _arguments);

    protected override void Succeed()
    {
        _deadline?.Dispose();
        _catalog.Dispatcher.Tell(this);
    }

    private void OnTimeout() => Fail(new TimeoutException(
        $"{_address} did not answer {_method.Name} in {_method.Timeout ?? _catalog.Options.ResponseTimeout}. The call may still be running; its outcome is unknown."));
}
