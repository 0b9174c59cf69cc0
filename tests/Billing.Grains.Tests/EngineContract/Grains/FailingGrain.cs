namespace Billing.Grains.Tests.EngineContract.Grains;

/// <summary>Fails in various ways.</summary>
[Alias("test.failing")]
public interface IFailingGrain : IGrainWithStringKey
{
    [Alias("before")]
    Task<int> FailBeforeItAwaits();

    [Alias("after")]
    Task FailAfterItAwaited();

    [Alias("value")]
    ValueTask<int> FailWithoutATask();

    /// <summary>What it gets, so that it can be seen that a call without a result and one with <see cref="ValueTask{T}"/> work too.</summary>
    [Alias("echo")]
    ValueTask<string> Echo(string text, int times);

    [Alias("nothing")]
    ValueTask Nothing();

    /// <summary>Lets the failure of another grain pass through.</summary>
    [Alias("pass-on")]
    Task PassOn(string other);
}

/// <summary>A refusal of the tests.</summary>
[GenerateSerializer, Alias("test.refused")]
public sealed class RefusedException(string message) : Exception(message);

/// <inheritdoc/>
public sealed class FailingGrain : Grain, IFailingGrain
{
    public Task<int> FailBeforeItAwaits() => throw new RefusedException("before");

    public async Task FailAfterItAwaited()
    {
        await Task.Yield();
        throw new RefusedException("after");
    }

    public ValueTask<int> FailWithoutATask() => throw new InvalidOperationException("value");

    public ValueTask<string> Echo(string text, int times) => new(string.Concat(Enumerable.Repeat(text, times)));

    public ValueTask Nothing() => default;

    public Task PassOn(string other) => GrainFactory.GetGrain<IFailingGrain>(other).FailAfterItAwaited();
}
