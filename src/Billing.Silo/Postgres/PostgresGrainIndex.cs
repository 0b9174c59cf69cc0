using System.Globalization;
using System.Text;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces.Index;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Silo.Postgres;

/// <summary>Reads the index of grains from <c>grain_index</c>; its indexes are those of <c>db/004</c> and <c>db/005</c>.</summary>
/// <param name="dataSource">A migrated database.</param>
/// <param name="serviceId">Whose grains.</param>
public sealed class PostgresGrainIndex(NpgsqlDataSource dataSource, string serviceId) : IGrainIndex
{
    private const string Columns = "SELECT kind, key, due, pending_since, clock, summary, created_seq FROM grain_index WHERE service_id = $1";

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> OverdueAsync(Instant before, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(Columns + " AND clock IS NULL AND due IS NOT NULL AND due < $2 ORDER BY due, created_seq LIMIT $3", [At(before), Int(limit)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> RemindedAsync(int limit, CancellationToken cancellationToken = default) => ReadAsync(
        Columns + " AND clock IS NULL AND due IS NOT NULL AND summary ->> 'remind' IS DISTINCT FROM 'false' ORDER BY due, created_seq LIMIT $2", [Int(limit)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> UnremindedAsync(Instant until, int shard, int shards, int limit, CancellationToken cancellationToken = default) => ReadAsync(
        Columns + """
             AND clock IS NULL AND due IS NOT NULL AND kind = 'account' AND summary ->> 'remind' = 'false' AND due <= $2
             AND (hashtext(key) & 2147483647) % $4 = $3 ORDER BY due, created_seq LIMIT $5
            """,
        [At(until), Int(shard), Int(shards), Int(limit)],
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> StaleAsync(string? clock, IReadOnlyDictionary<string, int> inForce, int limit, CancellationToken cancellationToken = default) => ReadAsync(
        """
        SELECT kind, key, due, pending_since, clock, summary, created_seq
        FROM unnest($2::text[], $3::int[]) policy (id, version)
        JOIN grain_index ON service_id = $1 AND kind = 'account' AND summary ->> 'policy' = policy.id AND (summary ->> 'policy_version')::int < policy.version
        WHERE clock IS NOT DISTINCT FROM $4 LIMIT $5
        """,
        [
            new NpgsqlParameter<string[]> { TypedValue = [.. inForce.Keys] },
            new NpgsqlParameter<int[]> { TypedValue = [.. inForce.Values] },
            new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = clock is null ? DBNull.Value : clock },
            Int(limit),
        ],
        cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> WaitingAsync(PauseKind pause, int limit, CancellationToken cancellationToken = default)
    {
        var field = AccountRules.WaitsFor(pause);
        return ReadAsync(Columns + $" AND kind = 'account' AND summary ->> '{field}' = 'true' ORDER BY created_seq LIMIT $2", [Int(limit)], cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> AwaitingPullAsync(string gateway, Instant begun, int limit, CancellationToken cancellationToken = default) => ReadAsync(
        Columns + $" AND kind = 'account' AND summary ->> '{AccountRules.WaitsForPull}' = $2 AND (summary ->> '{AccountRules.WaitsForPullAfter}')::bigint < $3 ORDER BY (summary ->> '{AccountRules.WaitsForPullAfter}')::bigint, created_seq LIMIT $4",
        [Text(gateway), Long(begun.ToUnixTimeMilliseconds()), Int(limit)],
        cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> AnyPendingAsync(string kind, Instant before, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            "SELECT EXISTS (SELECT FROM grain_index WHERE service_id = $1 AND pending_since IS NOT NULL AND pending_since < $3 AND kind = $2 AND clock IS NULL AND summary ->> 'stuck' IS DISTINCT FROM 'true')",
            [Text(kind), At(before)]);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> PendingAsync(Instant before, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(Columns + " AND pending_since IS NOT NULL AND pending_since < $2 AND summary ->> 'stuck' IS DISTINCT FROM 'true' ORDER BY pending_since, created_seq LIMIT $3", [At(before), Int(limit)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> StuckAsync(string after, int limit, CancellationToken cancellationToken = default) =>
        ReadAsync(Columns + " AND summary ->> 'stuck' = 'true' AND key > $2 COLLATE \"C\" ORDER BY key COLLATE \"C\" LIMIT $3", [Text(after), Int(limit)], cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<IndexEntry>> DueAsync(string clock, Instant until, CancellationToken cancellationToken = default) =>
        ReadAsync(Columns + " AND clock IS NOT NULL AND due IS NOT NULL AND clock = $2 AND due <= $3 ORDER BY due, created_seq", [Text(clock), At(until)], cancellationToken);

    /// <inheritdoc/>
    public async Task<bool> AnyPendingAsync(string clock, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            "SELECT EXISTS (SELECT FROM grain_index WHERE service_id = $1 AND clock IS NOT NULL AND pending_since IS NOT NULL AND clock = $2)", [Text(clock)]);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    /// <inheritdoc/>
    public async Task<Instant?> EarliestDueAsync(string clock, CancellationToken cancellationToken = default)
    {
        await using var command = Command(
            "SELECT min(due) FROM grain_index WHERE service_id = $1 AND clock IS NOT NULL AND due IS NOT NULL AND clock = $2", [Text(clock)]);
        return await command.ExecuteScalarAsync(cancellationToken) is DateTime due ? Instant.FromDateTimeUtc(due) : null;
    }

    /// <inheritdoc/>
    public async Task<IndexPage> ListAsync(IndexQuery query, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(query);
        // The kind stands in the text, so that a partial index can serve; its form is checked like a field's.
        var sql = new StringBuilder(Columns).Append(" AND kind = '").Append(IndexCursor.Name(query.Kind)).Append("' AND created_seq < $2");
        var parameters = new List<NpgsqlParameter> { Long(IndexCursor.Read(query.After)) };
        foreach (var (field, value) in query.Where.OrderBy(x => x.Key, StringComparer.Ordinal))
        {
            parameters.Add(Text(value));
            sql.Append(CultureInfo.InvariantCulture, $" AND summary ->> '{IndexCursor.Name(field)}' = ${parameters.Count + 1}");
        }
        foreach (var (field, text) in new[] { ("tags", query.Tag), ("gateway_references", query.GatewayReference) })
        {
            if (text is null) continue;
            parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Jsonb, Value = JsonSerializer.Serialize(new[] { text }) });
            sql.Append(CultureInfo.InvariantCulture, $" AND summary -> '{field}' <> '[]' AND summary -> '{field}' @> ${parameters.Count + 1}");
        }
        parameters.Add(Int(query.Limit + 1));
        sql.Append(CultureInfo.InvariantCulture, $" ORDER BY created_seq DESC LIMIT ${parameters.Count + 1}");

        return await PageAsync(sql.ToString(), parameters, query.Limit, cancellationToken);
    }

    /// <inheritdoc/>
    public Task<IndexPage> AttentionAsync(int limit, string? after, CancellationToken cancellationToken = default) => PageAsync(
        Columns + " AND created_seq < $2 AND summary -> 'attention' <> '[]' ORDER BY created_seq DESC LIMIT $3",
        [Long(IndexCursor.Read(after)), Int(limit + 1)],
        limit,
        cancellationToken);

    private async Task<IndexPage> PageAsync(string sql, IEnumerable<NpgsqlParameter> parameters, int limit, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<IndexEntry>();
        var last = 0L;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (entries.Count == limit)
                return new IndexPage(entries, IndexCursor.Write(last));
            entries.Add(ReadEntry(reader));
            last = reader.GetInt64(6);
        }
        return new IndexPage(entries, Next: null);
    }

    private async Task<IReadOnlyList<IndexEntry>> ReadAsync(string sql, NpgsqlParameter[] parameters, CancellationToken cancellationToken)
    {
        await using var command = Command(sql, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var entries = new List<IndexEntry>();
        while (await reader.ReadAsync(cancellationToken))
            entries.Add(ReadEntry(reader));
        return entries;
    }

    private NpgsqlCommand Command(string sql, IEnumerable<NpgsqlParameter> parameters)
    {
        var command = dataSource.CreateCommand(sql);
        command.Parameters.Add(Text(serviceId));
        foreach (var parameter in parameters)
            command.Parameters.Add(parameter);
        return command;
    }

    private static IndexEntry ReadEntry(NpgsqlDataReader reader) => new(
        reader.GetString(0), reader.GetString(1), ReadAt(reader, 2), ReadAt(reader, 3), reader.IsDBNull(4) ? null : reader.GetString(4), PostgresJson.Read(reader, 5));

    private static Instant? ReadAt(NpgsqlDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : Instant.FromDateTimeUtc(reader.GetDateTime(column));

    private static NpgsqlParameter<DateTime> At(Instant value) => new() { TypedValue = value.ToDateTimeUtc() };

    private static NpgsqlParameter<int> Int(int value) => new() { TypedValue = value };

    private static NpgsqlParameter<long> Long(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };
}
