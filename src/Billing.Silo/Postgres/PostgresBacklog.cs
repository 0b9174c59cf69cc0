using Billing.Grains.Interfaces.Index;
using NodaTime;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>Reads from <c>grain_index</c> what is behind, and from the marks of <c>db/004</c> what holds the feed back.</summary>
/// <param name="dataSource">A migrated database.</param>
/// <param name="serviceId">Whose grains.</param>
public sealed class PostgresBacklog(NpgsqlDataSource dataSource, string serviceId) : IBacklog
{
    private const string Sql =
        """
        SELECT
            overdue.count, overdue.since, open.count, open.since,
            (SELECT count(*) FROM grain_index WHERE service_id = $1 AND summary ->> 'stuck' = 'true'),
            (SELECT coalesce(max(extract(epoch FROM clock_timestamp() - writer.xact_start)), 0)::float8
             FROM pg_locks mark JOIN pg_stat_activity writer USING (pid)
             WHERE mark.locktype = 'advisory' AND mark.classid = 1161967222 AND mark.objsubid = 2
               AND mark.database = (SELECT oid FROM pg_database WHERE datname = current_database()))
        FROM
            (SELECT count(*), min(due) AS since FROM grain_index WHERE service_id = $1 AND clock IS NULL AND due IS NOT NULL AND due < $2) overdue,
            (SELECT count(*), min(pending_since) AS since FROM grain_index WHERE service_id = $1 AND pending_since IS NOT NULL) open
        """;

    /// <inheritdoc/>
    public async Task<Backlog> ReadAsync(Instant now, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand(Sql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceId });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = now.ToDateTimeUtc() });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new Backlog(reader.GetInt64(0), ReadAt(reader, 1), reader.GetInt64(2), ReadAt(reader, 3), reader.GetInt64(4), Duration.FromSeconds(Math.Max(0, reader.GetDouble(5))));
    }

    private static Instant? ReadAt(NpgsqlDataReader reader, int column) => reader.IsDBNull(column) ? null : Instant.FromDateTimeUtc(reader.GetDateTime(column));
}
