#if EMBEDDED
using System.Text.Json;
using Billing.Embedded.Storage;
using Billing.Domain;
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
    public Task<IReadOnlyList<IndexEntry>> RemindedAsync(int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Overdue(DateTimeOffset.MaxValue).Where(x => !IsUnreminded(x)).Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> UnremindedAsync(Instant until, int shard, int shards, int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Overdue(until.ToDateTimeOffset().AddTicks(1)).Where(x => IsUnreminded(x) && ShardOf(x.Key, shards) == shard).Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> StaleAsync(string? clock, IReadOnlyDictionary<string, int> inForce, int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Newest("account", long.MaxValue).Where(x => string.Equals(x.Clock, clock, StringComparison.Ordinal) && IsStale(x.Summary, inForce)).Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> WaitingAsync(PauseKind pause, int limit, CancellationToken cancellationToken = default)
    {
        var field = AccountRules.WaitsFor(pause);
        return Read(index => index.Newest("account", long.MaxValue)
            .Where(x => x.Summary.ValueKind == JsonValueKind.Object && x.Summary.TryGetProperty(field, out var waits) && waits.ValueKind == JsonValueKind.True).Take(limit));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> AwaitingPullAsync(string gateway, Instant begun, int limit, CancellationToken cancellationToken = default) => Read(index => index.Newest("account", long.MaxValue)
        .Where(x => x.Summary.ValueKind == JsonValueKind.Object && x.Summary.TryGetProperty(AccountRules.WaitsForPull, out var waits) && waits.ValueEquals(gateway)
            && x.Summary.GetProperty(AccountRules.WaitsForPullAfter).GetInt64() < begun.ToUnixTimeMilliseconds())
        .Take(limit));

    /// <inheritdoc/>
    public Task<bool> AnyPendingAsync(string kind, Instant before, CancellationToken cancellationToken = default) =>
        Task.FromResult(store.QueryIndex(index => index.Pending(before.ToDateTimeOffset()).Any(x => x.Kind == kind && x.Clock is null && !IsStuck(x))));

    private static bool IsUnreminded(MemoryIndexEntry entry) =>
        entry.Kind == "account" && entry.Summary.ValueKind == JsonValueKind.Object && entry.Summary.TryGetProperty("remind", out var remind) && remind.ValueKind == JsonValueKind.False;

    private static int ShardOf(string key, int shards) => (int)(key.Aggregate(17u, (hash, c) => hash * 31 + c) % (uint)shards);

    private static bool IsStale(JsonElement summary, IReadOnlyDictionary<string, int> inForce) =>
        summary.ValueKind == JsonValueKind.Object && summary.TryGetProperty("policy", out var policy) && summary.TryGetProperty("policy_version", out var version)
        && inForce.TryGetValue(policy.GetString() ?? "", out var current) && version.GetInt32() < current;

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> PendingAsync(Instant before, int limit, CancellationToken cancellationToken = default) =>
        Read(index => index.Pending(before.ToDateTimeOffset()).Where(x => !IsStuck(x)).Take(limit));

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> StuckAsync(string after, int limit, CancellationToken cancellationToken = default) => Read(index => index.Kinds
        .SelectMany(kind => index.Newest(kind, long.MaxValue)).Where(x => IsStuck(x) && string.CompareOrdinal(x.Key, after) > 0).OrderBy(x => x.Key, StringComparer.Ordinal).Take(limit));

    private static bool IsStuck(MemoryIndexEntry entry) =>
        entry.Summary.ValueKind == JsonValueKind.Object && entry.Summary.TryGetProperty("stuck", out var stuck) && stuck.ValueKind == JsonValueKind.True;

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
        return Task.FromResult(Page(found, query.Limit));
    }

    /// <inheritdoc/>
    public Task<IndexPage> AttentionAsync(int limit, string? after, CancellationToken cancellationToken = default)
    {
        var before = IndexCursor.Read(after);
        var found = store.QueryIndex(index => index.Kinds.SelectMany(kind => index.Newest(kind, before)).Where(x => HasAttention(x.Summary))
            .OrderByDescending(x => x.CreatedSeq).Take(limit + 1).ToList());
        return Task.FromResult(Page(found, limit));
    }

    private static IndexPage Page(List<MemoryIndexEntry> found, int limit)
    {
        var page = found.Take(limit).ToList();
        return new IndexPage(page.ConvertAll(ToEntry), found.Count > limit ? IndexCursor.Write(page[^1].CreatedSeq) : null);
    }

    private static bool HasAttention(JsonElement summary) =>
        summary.ValueKind == JsonValueKind.Object && summary.TryGetProperty("attention", out var entries)
        && entries.ValueKind == JsonValueKind.Array && entries.GetArrayLength() > 0;

    private Task<IReadOnlyList<IndexEntry>> Read(Func<MemoryIndex, IEnumerable<MemoryIndexEntry>> query) =>
        Task.FromResult<IReadOnlyList<IndexEntry>>(store.QueryIndex(index => query(index).Select(ToEntry).ToList()));

    private static bool Matches(JsonElement summary, IndexQuery query)
    {
        if (query.Where.Count == 0 && query.Tag is null && query.GatewayReference is null)
            return true;
        return summary.ValueKind == JsonValueKind.Object
            && query.Where.All(x => summary.TryGetProperty(x.Key, out var value) && value.ValueKind != JsonValueKind.Null && value.ToString() == x.Value)
            && (query.Tag is null || Lists(summary, "tags", query.Tag))
            && (query.GatewayReference is null || Lists(summary, "gateway_references", query.GatewayReference));
    }

    private static bool Lists(JsonElement summary, string field, string text) =>
        summary.TryGetProperty(field, out var list) && list.ValueKind == JsonValueKind.Array && list.EnumerateArray().Any(x => x.ValueEquals(text));

    private static IndexEntry ToEntry(MemoryIndexEntry entry) => new(
        entry.Kind, entry.Key, ToInstant(entry.Due), ToInstant(entry.PendingSince), entry.Clock,
        entry.Summary.ValueKind == JsonValueKind.Undefined ? PostgresJson.Null : entry.Summary);

    private static Instant? ToInstant(DateTimeOffset? at) => at is { } value ? Instant.FromDateTimeOffset(value) : null;
}
#endif
