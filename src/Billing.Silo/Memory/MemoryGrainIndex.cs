#if EMBEDDED
using System.Text.Json;
using Billing.Embedded.Storage;
using Billing.Grains.Interfaces.Index;
using Billing.Silo.Postgres;
using NodaTime;

namespace Billing.Silo.Memory;

/// <summary>Reads the index of the in-memory store; answers as <see cref="PostgresGrainIndex"/> does.</summary>
/// <param name="store">The store.</param>
public sealed class MemoryGrainIndex(MemoryGrainStateStore store) : IGrainIndex
{
    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> OverdueAsync(Instant before, int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Overdue(before.ToDateTimeOffset()).Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> PendingAsync(Instant before, int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Pending(before.ToDateTimeOffset()).Take(limit));

    /// <inheritdoc/>
    public Task<bool> AnyPendingAsync(string clock, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.QueryIndex(index => index.AnyPending(clock)));

    /// <inheritdoc/>
    public Task<Instant?> EarliestDueAsync(string clock, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.QueryIndex(index => ToInstant(index.Due(clock).FirstOrDefault()?.Due)));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> DueAsync(string clock, Instant until, CancellationToken cancellationToken = default) =>
        Read(index => index.Due(clock).TakeWhile(x => x.Due <= until.ToDateTimeOffset()));

    /// <inheritdoc/>
    public Task<IndexPage> ListAsync(IndexQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        var before = IndexCursor.Read(query.After);
        var kind = IndexCursor.Name(query.Kind);
        foreach (var field in query.Where.Keys)
            IndexCursor.Name(field);
        var found = store.QueryIndex(index => index.Newest(kind, before).Where(x => Matches(x.Summary, query)).Take(query.Limit + 1).ToList());
        var page = found.Take(query.Limit).ToList();
        return Task.FromResult(new IndexPage(
            page.ConvertAll(ToEntry), found.Count > query.Limit ? IndexCursor.Write(page[^1].CreatedSeq) : null));
    }

    private Task<IReadOnlyList<IndexEntry>> Read(Func<MemoryIndex, IEnumerable<MemoryIndexEntry>> query) =>
        Task.FromResult<IReadOnlyList<IndexEntry>>(store.QueryIndex(index => query(index).Select(ToEntry).ToList()));

    private static bool Matches(JsonElement summary, IndexQuery query)
    {
        if (query.Where.Count == 0 && query.Tag is null)
            return true;
        return summary.ValueKind == JsonValueKind.Object
            && query.Where.All(x => summary.TryGetProperty(x.Key, out var value) && value.ValueKind != JsonValueKind.Null && value.ToString() == x.Value)
            && (query.Tag is null || HasTag(summary, query.Tag));
    }

    private static bool HasTag(JsonElement summary, string tag) =>
        summary.TryGetProperty("tags", out var tags) && tags.ValueKind == JsonValueKind.Array && tags.EnumerateArray().Any(x => x.ValueEquals(tag));

    private static IndexEntry ToEntry(MemoryIndexEntry entry) => new(
        entry.Kind, entry.Key, ToInstant(entry.Due), ToInstant(entry.PendingSince), entry.Clock,
        entry.Summary.ValueKind == JsonValueKind.Undefined ? PostgresJson.Null : entry.Summary);

    private static Instant? ToInstant(DateTimeOffset? at) => at is { } value ? Instant.FromDateTimeOffset(value) : null;
}
#endif
