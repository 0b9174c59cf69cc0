#if EMBEDDED
using System.Text.Json;
using Billing.Embedded.Storage;
using Billing.Grains.Interfaces.Index;
using NodaTime;

namespace Billing.Silo.Memory;

/// <summary>Reads the event log of the in-memory store; answers as the one of PostgreSQL does.</summary>
/// <param name="store">The store.</param>
public sealed class MemoryEventLogReader(MemoryGrainStateStore store) : IEventLog
{
    private static readonly JsonElement Empty = JsonElement.Parse("{}");

    /// <inheritdoc/>
    public Task<EventPage> ReadAsync(
        long after, string? account, IReadOnlyCollection<string>? types, int limit, CancellationToken cancellationToken = default)
    {
        var events = store.QueryEvents(log => log.After(after, account)
            .Where(x => types is null || types.Contains(x.Type, StringComparer.Ordinal))
            .Take(limit)
            .Select(ToRow)
            .ToList());
        return Task.FromResult(new EventPage(events, events.Count > 0 ? events[^1].Seq : after, events.Count == limit));
    }

    /// <inheritdoc/>
    public Task<long> HeadAsync(CancellationToken cancellationToken = default) => Task.FromResult(store.QueryEvents(log => log.Head));

    private static EventRow ToRow(MemoryEvent e) => new(
        e.Seq, e.Account, e.AccountSeq, e.Type,
        Instant.FromDateTimeOffset(e.OccurredAt), Instant.FromDateTimeOffset(e.EffectiveAt), Instant.FromDateTimeOffset(e.RecordedAt),
        e.Data.ValueKind == JsonValueKind.Undefined ? Empty : e.Data);
}
#endif
