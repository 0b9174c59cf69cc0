using System.Security.Cryptography;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>
/// What the cluster on a database is called. Processes are one cluster where they have one name, and a name belongs to one
/// database: whoever works on a copy of it never finds the silos of the original, nor they him.
/// </summary>
/// <remarks>
/// <para>Implementation note: a name is stored beside the database that it is for, as PostgreSQL tells databases apart (the
/// server's own number and the database's). A dump that is loaded elsewhere brings the row along, and there it is about
/// another database. A base backup is the same database to PostgreSQL: <c>Billing:Restored</c> names its cluster anew.</para>
/// <para>While another silo holds the lock of this database nothing is named anew, because that silo goes by what is there. What
/// an older build did has no row: its cluster was called as configured.</para>
/// </remarks>
internal static class ClusterNames
{
    private const long LockKey = 0x6269_6C6C_696E_6703;

    /// <summary>
    /// A name that was given since then was given by a silo that starts together with this one and has no lock yet. A base
    /// backup takes longer.
    /// </summary>
    private const int StartSeconds = 60;

    /// <summary>Finds the name, or gives one.</summary>
    /// <param name="database">The database.</param>
    /// <param name="serviceId">Whose cluster.</param>
    /// <param name="configured">What its name begins with.</param>
    /// <param name="isRestored">Whether the database is a restored one, as an operator says.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<string> GiveAsync(NpgsqlDataSource database, string serviceId, string configured, bool isRestored, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        var here = await IdentifyAsync(connection, cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, "SELECT pg_advisory_xact_lock($1)", cancellationToken, LockKey);
        var given = await ReadAsync(connection, serviceId, configured, cancellationToken);
        var hasOthers = await HasSilosAsync(connection, cancellationToken);
        var name = given switch
        {
            _ when hasOthers => given?.Name ?? configured,
            { } known when known.Database == here && (!isRestored || known.IsNew) => known.Name,
            _ => $"{configured}-{RandomNumberGenerator.GetHexString(16, lowercase: true)}",
        };
        if (given?.Name != name || given.Database != here)
        {
            await ExecuteAsync(
                connection,
                """
                INSERT INTO cluster_names (service_id, configured, database, name) VALUES ($1, $2, $3, $4)
                ON CONFLICT (service_id, configured) DO UPDATE SET database = excluded.database, name = excluded.name, named_at = excluded.named_at
                """,
                cancellationToken, serviceId, configured, here, name);
        }

        await transaction.CommitAsync(cancellationToken);
        return name;
    }

    /// <summary>The name; <see langword="null"/> where no silo has given one to the cluster on this database yet.</summary>
    public static async Task<string?> FindAsync(NpgsqlDataSource database, string serviceId, string configured, CancellationToken cancellationToken = default)
    {
        await using var connection = await database.OpenConnectionAsync(cancellationToken);
        try
        {
            var given = await ReadAsync(connection, serviceId, configured, cancellationToken);
            return given is not null && given.Database == await IdentifyAsync(connection, cancellationToken) ? given.Name : null;
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
        {
            // The silos are those of an older build.
            return configured;
        }
    }

    private static async Task<Given?> ReadAsync(NpgsqlConnection connection, string serviceId, string configured, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand("SELECT name, database, named_at > clock_timestamp() - make_interval(secs => $3) FROM cluster_names WHERE (service_id, configured) = ($1, $2)", connection);
        command.Parameters.AddWithValue(serviceId);
        command.Parameters.AddWithValue(configured);
        command.Parameters.AddWithValue((double)StartSeconds);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? new Given(reader.GetString(0), reader.GetString(1), reader.GetBoolean(2)) : null;
    }

    /// <summary>Which database this is. A server that keeps its own number to itself is left out of it.</summary>
    private static async Task<string> IdentifyAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        try
        {
            return await TextAsync(connection, "SELECT format('%s/%s', system_identifier, (SELECT oid FROM pg_database WHERE datname = current_database())) FROM pg_control_system()", cancellationToken);
        }
        catch (PostgresException refused) when (refused.SqlState == PostgresErrorCodes.InsufficientPrivilege)
        {
            return await TextAsync(connection, "SELECT format('%s/%s', oid, datname) FROM pg_database WHERE datname = current_database()", cancellationToken);
        }
    }

    private static async Task<bool> HasSilosAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND objsubid = 1 AND mode = 'ShareLock' AND (classid::bigint << 32) | objid::bigint = $1
                  AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))
            """,
            connection);
        command.Parameters.AddWithValue(DatabaseLock.LockKey);
        return await command.ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task<string> TextAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (string)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken, params object[] values)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.AddWithValue(value);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed record Given(string Name, string Database, bool IsNew);
}
