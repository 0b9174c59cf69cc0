using Orleans.Concurrency;

namespace Billing.Grains.Tests.EngineContract.Grains;

/// <summary>Shows how turns and requests follow each other.</summary>
[Alias("test.turn")]
public interface ITurnGrain : IGrainWithStringKey
{
    /// <summary>Ordinary: sets <c>{gate}:held</c>, awaits the gate.</summary>
    [Alias("hold")]
    Task Hold(string gate);

    /// <summary>The same, for a caller who waits a quarter of a second only; sets <c>{gate}:done</c> at its end.</summary>
    [Alias("hold-briefly")]
    [ResponseTimeout("00:00:00.250")]
    Task HoldBriefly(string gate);

    /// <summary>Ordinary, and done at once.</summary>
    [Alias("pass")]
    Task Pass();

    /// <summary>What happened in this activation so far.</summary>
    [Alias("log")]
    [AlwaysInterleave]
    Task<string[]> Log();

    /// <summary>Awaits many times, and counts how often it found somebody else in the middle of a turn.</summary>
    [Alias("overlaps")]
    [AlwaysInterleave]
    Task<int> Overlaps(int turns);

    /// <summary>Whether code after an <c>await</c> is where it was before.</summary>
    [Alias("stays")]
    Task<bool> StaysOnItsScheduler();

    /// <summary>Calls <see cref="Pass"/> through a reference to itself, and goes on without the answer.</summary>
    [Alias("call-self")]
    Task CallSelf();
}

/// <inheritdoc/>
public sealed class TurnGrain(Probe probe) : Grain, ITurnGrain
{
    private readonly List<string> _log = [];
    private int _inside;

    public async Task Hold(string gate)
    {
        _log.Add("hold");
        probe.Set($"{gate}:held");
        await probe.Until(gate);
        _log.Add("held");
    }

    public async Task HoldBriefly(string gate)
    {
        await Hold(gate);
        probe.Set($"{gate}:done");
    }

    public Task Pass()
    {
        _log.Add("pass");
        return Task.CompletedTask;
    }

    public Task<string[]> Log() => Task.FromResult<string[]>([.. _log]);

    public async Task<int> Overlaps(int turns)
    {
        var overlaps = 0;
        for (var turn = 0; turn < turns; turn++)
        {
            if (Interlocked.Increment(ref _inside) != 1) overlaps++;
            Thread.SpinWait(200);
            Interlocked.Decrement(ref _inside);
            await Task.Yield();
        }

        return overlaps;
    }

    public async Task<bool> StaysOnItsScheduler()
    {
        var mine = TaskScheduler.Current;
        var stays = mine != TaskScheduler.Default && SynchronizationContext.Current is null;
        await Task.Yield();
        stays &= TaskScheduler.Current == mine;
        await Task.Run(static () => { });
        stays &= TaskScheduler.Current == mine;
        await GrainFactory.GetGrain<ITurnGrain>(this.GetPrimaryKeyString() + "/other").Pass();
        return stays && TaskScheduler.Current == mine && SynchronizationContext.Current is null;
    }

    public async Task CallSelf()
    {
        _log.Add("call");
        _ = this.AsReference<ITurnGrain>().Pass();
        await Task.Yield();
        _log.Add("called");
    }
}
