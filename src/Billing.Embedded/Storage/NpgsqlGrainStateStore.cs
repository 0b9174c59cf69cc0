using Npgsql;
using NpgsqlTypes;
using Orleans.Storage;

namespace Billing.Embedded.Storage;

/// <summary>
/// Grain state in PostgreSQL: the same table and the same write function as the cluster's storage provider uses, so that
/// a database can move from one engine to the other with nothing to migrate.
/// </summary>
/// <remarks>
/// Implementation note: one statement a call and no transaction of ours. The trigger of <c>db/004</c> keeps the index and
/// the events in the statement's own transaction. The texts are constant, so that Npgsql prepares them by itself.
/// </remarks>
public sealed class NpgsqlGrainStateStore : IGrainStateStore
{
    private const string ReadSql =
        "SELECT payload, version FROM grain_state WHERE service_id = $1 AND state_name = $2 AND grain_key = $3";

    private const string WriteSql = "SELECT grain_state_write($1, $2, $3, $4, $5)";

    private readonly NpgsqlDataSource _dataSource;
    private readonly string _serviceId;

    /// <summary>Creates the store.</summary>
    /// <param name="dataSource">A migrated database; the store does not dispose of it.</param>
    /// <param name="serviceId">Keeps several services of one database apart; the cluster's service id.</param>
    public NpgsqlGrainStateStore(NpgsqlDataSource dataSource, string serviceId)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        ArgumentException.ThrowIfNullOrEmpty(serviceId);
        _dataSource = dataSource;
        _serviceId = serviceId;
    }

    /// <inheritdoc/>
    public async Task<StoredRow?> ReadAsync(string stateName, string grainKey, CancellationToken cancellationToken = default)
    {
        await using var command = _dataSource.CreateCommand(ReadSql);
        AddKey(command, stateName, grainKey);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new StoredRow(reader.GetFieldValue<byte[]>(0), reader.GetInt32(1))
            : null;
    }

    /// <inheritdoc/>
    public async Task<int> WriteAsync(
        string stateName, string grainKey, ReadOnlyMemory<byte> payload, int? expectedVersion, CancellationToken cancellationToken = default)
    {
        await using var command = _dataSource.CreateCommand(WriteSql);
        AddKey(command, stateName, grainKey);
        command.Parameters.Add(new NpgsqlParameter { NpgsqlDbType = NpgsqlDbType.Integer, Value = (object?)expectedVersion ?? DBNull.Value });
        command.Parameters.Add(new NpgsqlParameter<ReadOnlyMemory<byte>> { NpgsqlDbType = NpgsqlDbType.Bytea, TypedValue = payload });
        return await command.ExecuteScalarAsync(cancellationToken) is int written
            ? written
            : throw new InconsistentStateException(
                $"Version conflict: {stateName} {grainKey} is not of version {expectedVersion?.ToString() ?? "none"}; nothing was written.");
    }

    private void AddKey(NpgsqlCommand command, string stateName, string grainKey)
    {
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = _serviceId });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = stateName });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = grainKey });
    }
}
