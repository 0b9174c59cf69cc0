using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Billing.Sandbox;

/// <summary>Brings the sandbox's schema up to date before any other service starts.</summary>
/// <remarks>Implementation note: many processes may start at once; the advisory lock lets one migrate while the others wait, and then find nothing to do.</remarks>
internal sealed class SandboxSchema(SandboxDatabase database) : IHostedLifecycleService
{
    /// <summary>The lock of this schema's migrations; any number that nobody else of this database uses.</summary>
    private const long MigrationLock = 7_263_982_650_013_371;

    private const string Prefix = "Migrations/";

    /// <summary>Applies what is not applied yet, in one transaction.</summary>
    public async Task ApplyAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await ExecuteAsync(connection, string.Create(CultureInfo.InvariantCulture, $"select pg_advisory_xact_lock({MigrationLock})"), cancellationToken);
        await ExecuteAsync(connection, "create schema if not exists sandbox", cancellationToken);
        await ExecuteAsync(
            connection, "create table if not exists sandbox.migrations (name text primary key, applied_at timestamptz not null default now())", cancellationToken);
        var applied = await AppliedAsync(connection, cancellationToken);
        foreach (var (name, sql) in Migrations().Where(migration => !applied.Contains(migration.Name)))
        {
            await ExecuteAsync(connection, sql, cancellationToken);
            await using var note = new NpgsqlCommand("insert into sandbox.migrations (name) values ($1)", connection) { Parameters = { new() { Value = name } } };
            await note.ExecuteNonQueryAsync(cancellationToken);
        }

        await transaction.CommitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public Task StartingAsync(CancellationToken cancellationToken) => ApplyAsync(cancellationToken);

    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static IEnumerable<(string Name, string Sql)> Migrations()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var resource in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            yield return (resource[Prefix.Length..], reader.ReadToEnd());
        }
    }

    private static async Task<HashSet<string>> AppliedAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        await using var command = new NpgsqlCommand("select name from sandbox.migrations", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken)) names.Add(reader.GetString(0));
        return names;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
