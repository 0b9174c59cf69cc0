using Orleans.Concurrency;

namespace Billing.Grains.Tests.EngineContract.Grains;

/// <summary>Keeps a sum, in the pattern of every grain: one write a command, and a failed write ends the activation.</summary>
[Alias("test.stored")]
public interface IStoredGrain : IGrainWithStringKey
{
    [Alias("add")]
    Task<int> Add(int amount);

    /// <summary>Adds without the pattern: what the write throws just leaves the grain.</summary>
    [Alias("add-bare")]
    Task<int> AddBare(int amount);

    [Alias("view")]
    [AlwaysInterleave]
    Task<SumView> View();
}

/// <summary>What is stored.</summary>
public sealed record Sum
{
    public int Total { get; init; }
}

/// <summary>What a caller sees of it.</summary>
/// <param name="Activation">A number of this activation's own.</param>
[GenerateSerializer, Immutable, Alias("test.sum-view")]
public sealed record SumView([property: Id(0)] int Total, [property: Id(1)] bool RecordExists, [property: Id(2)] string? Etag, [property: Id(3)] int Activation);

/// <inheritdoc/>
public sealed class StoredGrain([PersistentState(StoredGrain.StateName)] IPersistentState<Sum> state, Probe probe) : Grain, IStoredGrain
{
    public const string StateName = "sum";
    private readonly int _activation = probe.Next();

    public async Task<int> Add(int amount)
    {
        try
        {
            return await AddBare(amount);
        }
        catch
        {
            DeactivateOnIdle();
            throw;
        }
    }

    public async Task<int> AddBare(int amount)
    {
        state.State = new Sum { Total = state.State.Total + amount };
        await state.WriteStateAsync();
        return state.State.Total;
    }

    public Task<SumView> View() => Task.FromResult(new SumView(state.State.Total, state.RecordExists, state.Etag, _activation));
}
