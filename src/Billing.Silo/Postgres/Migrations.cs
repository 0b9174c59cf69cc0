using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Billing.Silo.Postgres;

/// <summary>One numbered script of <c>db/</c>.</summary>
/// <param name="Number">Its place in the order, from 1.</param>
/// <param name="Name">The file's name.</param>
/// <param name="Sql">Its text.</param>
public sealed record Migration(int Number, string Name, string Sql)
{
    /// <summary>The SHA-256 of the text in lower-case hex; line endings do not count.</summary>
    public string Sha256 => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));
}

/// <summary>An applied migration is no longer the one that was applied.</summary>
public sealed class MigrationException(string message) : Exception(message);

/// <summary>
/// Applies the scripts of <c>db/</c> at start, in order, each in a transaction of its own, under an advisory lock; so
/// several processes may start at once and one does the work. What is applied never changes: a later change is a new script.
/// </summary>
public static class Migrations
{
    private const long LockKey = 0x6269_6C6C_696E_6702;
    private const string Prefix = "db/";

    /// <summary>The scripts of this build, in order.</summary>
    public static IReadOnlyList<Migration> Shipped { get; } = ReadShipped();

    /// <summary>Brings a database up to date; does nothing where it is.</summary>
    /// <param name="dataSource">The database.</param>
    /// <param name="migrations">The scripts; <see langword="null"/>: <see cref="Shipped"/>.</param>
    /// <param name="cancellationToken">Gives up; what is applied stays applied.</param>
    /// <returns>How many scripts were applied.</returns>
    /// <exception cref="MigrationException">An applied script has changed since.</exception>
    public static async Task<int> ApplyAsync(
        NpgsqlDataSource dataSource, IReadOnlyList<Migration>? migrations = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dataSource);
        await using var connection = await dataSource.OpenConnectionAsync(cancellationToken);
        await ExecuteAsync(connection, $"SELECT pg_advisory_lock({LockKey.ToString(CultureInfo.InvariantCulture)})", cancellationToken);
        try
        {
            return await ApplyLockedAsync(connection, migrations ?? Shipped, cancellationToken);
        }
        finally
        {
            await ExecuteAsync(connection, $"SELECT pg_advisory_unlock({LockKey.ToString(CultureInfo.InvariantCulture)})", CancellationToken.None);
        }
    }

    private static async Task<int> ApplyLockedAsync(NpgsqlConnection connection, IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        await ExecuteAsync(
            connection,
            """
            CREATE TABLE IF NOT EXISTS schema_migrations (
                number integer PRIMARY KEY, name text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(), sha256 text NOT NULL)
            """,
            cancellationToken);
        var applied = await ReadAppliedAsync(connection, cancellationToken);
        var count = 0;
        foreach (var migration in migrations)
        {
            if (!applied.TryGetValue(migration.Number, out var sha256))
            {
                await ApplyOneAsync(connection, migration, cancellationToken);
                count++;
            }
            else if (sha256 != migration.Sha256)
            {
                throw new MigrationException(
                    $"Migration {migration.Name} has changed since it was applied to this database. Restore the file; a change is a new migration.");
            }
        }
        return count;
    }

    private static async Task ApplyOneAsync(NpgsqlConnection connection, Migration migration, CancellationToken cancellationToken)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, migration.Sql, cancellationToken);
        await using var record = new NpgsqlCommand("INSERT INTO schema_migrations (number, name, sha256) VALUES ($1, $2, $3)", connection, transaction);
        record.Parameters.Add(new NpgsqlParameter<int> { TypedValue = migration.Number });
        record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Name });
        record.Parameters.Add(new NpgsqlParameter<string> { TypedValue = migration.Sha256 });
        await record.ExecuteNonQueryAsync(cancellationToken);
        await transaction.CommitAsync(cancellationToken);
    }

    private static async Task<Dictionary<int, string>> ReadAppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var applied = new Dictionary<int, string>();
        await using var command = new NpgsqlCommand("SELECT number, sha256 FROM schema_migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
            applied.Add(reader.GetInt32(0), reader.GetString(1));
        return applied;
    }

    // A script, or the wait for another process that applies them, may take longer than any ordinary statement.
    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static List<Migration> ReadShipped()
    {
        var assembly = typeof(Migrations).Assembly;
        return [.. assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(Prefix, StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name =>
            {
                using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
                var file = name[Prefix.Length..];
                return new Migration(int.Parse(file.AsSpan(0, 3), NumberStyles.None, CultureInfo.InvariantCulture), file, reader.ReadToEnd());
            })];
    }
}
