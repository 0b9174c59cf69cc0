using Billing.Grains.Interfaces.Index;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Silo.Postgres;

/// <summary>Reads the event log through <c>events_read</c> of <c>db/004</c>, which shows a row only when none before it can still come.</summary>
/// <param name="dataSource">A migrated database.</param>
/// <param name="serviceId">Whose events.</param>
public sealed class PostgresEventLog(NpgsqlDataSource dataSource, string serviceId) : IEventLog
{
    private const string ReadSql =
        "SELECT seq, account, account_seq, type, occurred_at, effective_at, recorded_at, data FROM events_read($1, $2, $3, $4, $5)";

    /// <inheritdoc/>
    public async Task<EventPage> ReadAsync(
        long after, string? account, IReadOnlyCollection<string>? types, int limit, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand(ReadSql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = serviceId });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Text, Value = (object?)account ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter
        {
            NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
            Value = types is null ? DBNull.Value : types.ToArray(),
        });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var events = new List<EventRow>();
        while (await reader.ReadAsync(cancellationToken))
        {
            events.Add(new EventRow(
                reader.GetInt64(0),
                reader.IsDBNull(1) ? null : reader.GetString(1),
                reader.IsDBNull(2) ? null : reader.GetInt64(2),
                reader.GetString(3),
                At(reader, 4),
                At(reader, 5),
                At(reader, 6),
                PostgresJson.Read(reader, 7)));
        }
        return new EventPage(events, events.Count > 0 ? events[^1].Seq : after, events.Count == limit);
    }

    /// <inheritdoc/>
    public async Task<long> HeadAsync(CancellationToken cancellationToken = default)
    {
        // A sequence never used shows its first number as its last.
        await using var command = dataSource.CreateCommand("SELECT CASE WHEN is_called THEN events_complete_to() ELSE 0 END FROM events_seq");
        return await command.ExecuteScalarAsync(cancellationToken) is long head ? head : 0;
    }

    private static Instant At(NpgsqlDataReader reader, int column) => Instant.FromDateTimeUtc(reader.GetDateTime(column));
}
