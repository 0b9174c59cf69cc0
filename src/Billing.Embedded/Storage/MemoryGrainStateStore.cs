using Orleans.Storage;

namespace Billing.Embedded.Storage;

/// <summary>
/// The in-memory twin of <see cref="NpgsqlGrainStateStore"/>: same versions, same conflicts, same index and events. For
/// the simulator, for tests, and for a first try where there is no server. What it holds ends with the process.
/// </summary>
/// <remarks>
/// Implementation note: one lock, and every call completes before it returns, so a deterministic scheduler sees no
/// thread of ours. A payload that cannot be read as an envelope fails the write before anything is changed.
/// </remarks>
/// <param name="timeProvider">Real time, for the <c>recorded_at</c> of an envelope that brings none.</param>
public sealed class MemoryGrainStateStore(TimeProvider timeProvider) : IGrainStateStore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string StateName, string GrainKey), StoredRow> _rows = [];
    private readonly MemoryIndex _index = new();
    private readonly MemoryEventLog _events = new();

    /// <inheritdoc/>
    public Task<StoredRow?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken = default)
    {
        lock (_lock)
            return Task.FromResult(_rows.GetValueOrDefault((stateName, grainKey)));
    }

    /// <inheritdoc/>
    public Task<int> WriteAsync(
        string stateName, string grainKey, ReadOnlyMemory<byte> payload, int? expectedVersion, CancellationToken cancellationToken = default)
    {
        try
        {
            return Task.FromResult(Write((stateName, grainKey), payload.ToArray(), expectedVersion));
        }
        catch (Exception e)
        {
            return Task.FromException<int>(e);
        }
    }

    /// <summary>Asks the index; the function must neither keep the index nor call the store.</summary>
    public T QueryIndex<T>(Func<MemoryIndex, T> query)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
            return query(_index);
    }

    /// <summary>Asks the event log; the function must neither keep the log nor call the store.</summary>
    public T QueryEvents<T>(Func<MemoryEventLog, T> query)
    {
        ArgumentNullException.ThrowIfNull(query);
        lock (_lock)
            return query(_events);
    }

    private int Write((string StateName, string GrainKey) key, byte[] payload, int? expectedVersion)
    {
        var envelope = Envelope.Read(payload);
        lock (_lock)
        {
            var stored = _rows.GetValueOrDefault(key);
            if (stored?.Version != expectedVersion)
            {
                throw new InconsistentStateException(
                    $"Version conflict: {key.StateName} {key.GrainKey} is not of version {expectedVersion?.ToString() ?? "none"}; nothing was written.");
            }

            var version = (stored?.Version ?? 0) + 1;
            _rows[key] = new StoredRow(payload, version);
            if (envelope is not null)
            {
                _index.Put(key.GrainKey, version, envelope);
                _events.Append(envelope.At ?? Now(), envelope.Events);
            }
            return version;
        }
    }

    private DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(timeProvider.GetUtcNow().ToUnixTimeMilliseconds());
}
