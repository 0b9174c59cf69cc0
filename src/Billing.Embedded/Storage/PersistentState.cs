using System.Globalization;
using Orleans.Runtime;
using Orleans.Storage;

namespace Billing.Embedded.Storage;

/// <summary>The stored state of one activation, over the engine's store.</summary>
/// <remarks>
/// Implementation note: the state is serialized when a write is asked for, not when its turn comes, so that it holds what the
/// grain meant. Reads and writes go one after the other, because an interleaving request may read while a write is on its way.
/// </remarks>
internal sealed class PersistentState<TState>(IGrainStateStore store, IGrainStorageSerializer serializer, string stateName, string grainKey)
    : IPersistentState<TState>
{
    private readonly SemaphoreSlim _oneAtATime = new(1, 1);
    private int? _version;

    public TState State { get; set; } = Activator.CreateInstance<TState>();

    public string? Etag => _version?.ToString(CultureInfo.InvariantCulture);

    public bool RecordExists => _version is not null;

    public Task ReadStateAsync() => InTurnAsync(async () =>
    {
        var row = await store.ReadAsync(stateName, grainKey);
        State = row is null ? Activator.CreateInstance<TState>() : serializer.Deserialize<TState>(new BinaryData(row.Payload))!;
        _version = row?.Version;
    });

    public Task WriteStateAsync()
    {
        var payload = serializer.Serialize(State).ToMemory();
        return InTurnAsync(async () => _version = await store.WriteAsync(stateName, grainKey, payload, _version));
    }

    private async Task InTurnAsync(Func<Task> work)
    {
        await _oneAtATime.WaitAsync();
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is not OrleansException)
        {
            // As Orleans does it, so that callers handle one type of failure on both engines.
            throw new OrleansException($"State {stateName} of {grainKey} could not be read or written: {exception.Message}", exception);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
