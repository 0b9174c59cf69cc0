using System.Collections.Concurrent;
using Billing.Grains.Interfaces.Webhooks;
using NodaTime;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Silo.Postgres;

/// <summary>Keeps attempts in <c>webhook_deliveries</c> of <c>db/008</c>.</summary>
/// <param name="dataSource">A migrated database.</param>
/// <param name="serviceId">Whose endpoints.</param>
public sealed class PostgresDeliveryLog(NpgsqlDataSource dataSource, string serviceId) : IDeliveryLog
{
    /// <summary>Old rows are let go when so many are new, not with each of them.</summary>
    private const int TrimAfter = 100;

    private readonly ConcurrentDictionary<string, int> _sinceTrim = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public async Task AppendAsync(string endpoint, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken = default)
    {
        await using (var command = dataSource.CreateCommand(
            """
            INSERT INTO webhook_deliveries (service_id, endpoint, seq, account, type, attempt, at, took_ms, status, error)
            SELECT $1, $2, a.* FROM unnest($3::bigint[], $4::text[], $5::text[], $6::int[], $7::timestamptz[], $8::int[], $9::int[], $10::text[]) a
            """))
        {
            command.Parameters.Add(Text(serviceId));
            command.Parameters.Add(Text(endpoint));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Bigint, attempt => attempt.Seq));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Text, attempt => attempt.Account));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Text, attempt => attempt.Type));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Integer, attempt => attempt.Attempt));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.TimestampTz, attempt => attempt.At.ToDateTimeUtc()));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Integer, attempt => (int)Math.Min(attempt.Took.TotalMilliseconds, int.MaxValue)));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Integer, attempt => attempt.Status));
            command.Parameters.Add(Array(attempts, NpgsqlDbType.Text, attempt => attempt.Error));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        if (_sinceTrim.AddOrUpdate(endpoint, attempts.Count, (_, count) => count + attempts.Count) < TrimAfter) return;
        _sinceTrim[endpoint] = 0;
        await using var trim = dataSource.CreateCommand(
            """
            DELETE FROM webhook_deliveries WHERE service_id = $1 AND endpoint = $2 AND id <= (
                SELECT id FROM webhook_deliveries WHERE service_id = $1 AND endpoint = $2 ORDER BY id DESC OFFSET $3 LIMIT 1)
            """);
        trim.Parameters.Add(Text(serviceId));
        trim.Parameters.Add(Text(endpoint));
        trim.Parameters.Add(new NpgsqlParameter<int> { TypedValue = IDeliveryLog.Kept });
        await trim.ExecuteNonQueryAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<DeliveryPage> ReadAsync(string endpoint, int limit, long? before, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand(
            """
            SELECT id, seq, account, type, attempt, at, took_ms, status, error FROM webhook_deliveries
            WHERE service_id = $1 AND endpoint = $2 AND id < $3 ORDER BY id DESC LIMIT $4
            """);
        command.Parameters.Add(Text(serviceId));
        command.Parameters.Add(Text(endpoint));
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = before ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = limit + 1 });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var attempts = new List<DeliveryAttempt>();
        while (await reader.ReadAsync(cancellationToken))
        {
            if (attempts.Count == limit) return new DeliveryPage(attempts, attempts[^1].Id);
            attempts.Add(new DeliveryAttempt(
                reader.GetInt64(0), reader.GetInt64(1), reader.IsDBNull(2) ? null : reader.GetString(2), reader.GetString(3), reader.GetInt32(4),
                Instant.FromDateTimeUtc(reader.GetDateTime(5)), Duration.FromMilliseconds(reader.GetInt32(6)), reader.IsDBNull(7) ? null : reader.GetInt32(7), reader.IsDBNull(8) ? null : reader.GetString(8)));
        }

        return new DeliveryPage(attempts, Next: null);
    }

    /// <inheritdoc/>
    public async Task TrimAsync(Instant before, CancellationToken cancellationToken = default)
    {
        await using var command = dataSource.CreateCommand("DELETE FROM webhook_deliveries WHERE service_id = $1 AND at < $2");
        command.Parameters.Add(Text(serviceId));
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = before.ToDateTimeUtc() });
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter Array<T>(IReadOnlyList<DeliveryAttempt> attempts, NpgsqlDbType type, Func<DeliveryAttempt, T> value) =>
        new() { NpgsqlDbType = NpgsqlDbType.Array | type, Value = attempts.Select(value).ToArray() };
}
