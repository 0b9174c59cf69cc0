namespace Billing.Embedded.Storage;

/// <summary>
/// Where the embedded engine keeps grain state: one row a grain, keyed by state name and the whole grain key, with an
/// optimistic version. PostgreSQL and memory implement it with the same observable behaviour.
/// </summary>
/// <remarks>
/// Implementation note: a payload is the envelope of <c>docs/architecture.md</c> in UTF-8 JSON. The engine never looks
/// into it; the index and event tables are kept by the store itself, in the same transaction as the row.
/// </remarks>
public interface IGrainStateStore
{
    /// <summary>The stored row, or <see langword="null"/> where there is none.</summary>
    Task<StoredRow?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken = default);

    /// <summary>
    /// Writes the row when <paramref name="expectedVersion"/> is the stored version (<c>null</c>: there must be no row).
    /// </summary>
    /// <returns>The new version, one more than the last.</returns>
    /// <exception cref="Orleans.Storage.InconsistentStateException">The stored version is another one; nothing was written.</exception>
    Task<int> WriteAsync(string stateName, string grainKey, ReadOnlyMemory<byte> payload, int? expectedVersion, CancellationToken cancellationToken = default);
}

/// <summary>A stored grain state.</summary>
/// <param name="Payload">UTF-8 JSON.</param>
/// <param name="Version">Counts writes, from 1.</param>
public sealed record StoredRow(ReadOnlyMemory<byte> Payload, int Version);
