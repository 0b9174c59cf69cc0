#if EMBEDDED
using System.Text.Json;
using Billing.Embedded.Storage;
using Billing.Grains.Interfaces.Index;
using NodaTime;

namespace Billing.Silo.Memory;

/// <summary>What is behind in the in-memory store.</summary>
/// <param name="store">The store.</param>
public sealed class MemoryBacklog(MemoryGrainStateStore store) : IBacklog
{
    /// <inheritdoc/>
    public Task<Backlog> ReadAsync(Instant now, CancellationToken cancellationToken = default) => Task.FromResult(store.QueryIndex(index =>
    {
        var overdue = index.Overdue(now.ToDateTimeOffset()).ToList();
        var open = index.Pending(DateTimeOffset.MaxValue).ToList();
        var stuck = index.Kinds.SelectMany(kind => index.Newest(kind, long.MaxValue)).Count(IsStuck);
        return new Backlog(overdue.Count, At(overdue.FirstOrDefault()?.Due), open.Count, At(open.FirstOrDefault()?.PendingSince), stuck, Duration.Zero);
    }));

    private static Instant? At(DateTimeOffset? at) => at is { } known ? Instant.FromDateTimeOffset(known) : null;

    private static bool IsStuck(MemoryIndexEntry entry) =>
        entry.Summary.ValueKind == JsonValueKind.Object && entry.Summary.TryGetProperty("stuck", out var stuck) && stuck.ValueKind == JsonValueKind.True;
}
#endif
