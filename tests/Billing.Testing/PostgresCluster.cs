using System.Collections.Concurrent;
using Billing.Silo.Postgres;
using Npgsql;

namespace Billing.Testing;

/// <summary>
/// The PostgreSQL server of a test run: one private cluster a process, started by the first test that needs it, in a
/// folder of its own under the temporary folder, and gone with the process.
/// </summary>
/// <remarks>Implementation note: a test host may be killed before its end is handled, so a run clears what others left.</remarks>
public static class PostgresCluster
{
    private const string Prefix = "billing-tests-";

    private static readonly ConcurrentDictionary<string, Lazy<Task<string>>> Databases = new(StringComparer.Ordinal);
    private static readonly Lazy<Task<PrivateCluster>> Cluster = new(StartAsync);

    /// <summary>Why tests that need a server cannot run here; <see langword="null"/> where they can.</summary>
    public static string? Missing { get; } = PostgresBinaries.Find() is null ? PostgresBinaries.Missing() : null;

    /// <summary>Whether a missing server is a failure and not a reason to skip.</summary>
    public static bool IsRequired { get; } = Environment.GetEnvironmentVariable("CI") is { Length: > 0 } ci && ci is not ("false" or "0");

    /// <summary>A migrated database of this name, made at the first call; one a test class keeps classes apart.</summary>
    /// <param name="name">Letters, digits and underscores, at most 63.</param>
    /// <returns>Its connection string.</returns>
    public static Task<string> CreateDatabaseAsync(string name) => OnceAsync(name, migrate: true);

    /// <summary>An empty database of this name, made at the first call.</summary>
    /// <returns>Its connection string.</returns>
    public static Task<string> CreateEmptyDatabaseAsync(string name) => OnceAsync(name, migrate: false);

    private static Task<string> OnceAsync(string name, bool migrate)
    {
        name = name.ToLowerInvariant();
        return Databases.GetOrAdd(name, _ => new Lazy<Task<string>>(() => MakeAsync(name, migrate))).Value;
    }

    private static async Task<string> MakeAsync(string name, bool migrate)
    {
        var cluster = await Cluster.Value;
        await using (var server = NpgsqlDataSource.Create(cluster.ConnectionString))
        await using (var command = server.CreateCommand($"CREATE DATABASE \"{name}\" TEMPLATE template0"))
            await command.ExecuteNonQueryAsync();
        var connectionString = BillingStore.Tune(new NpgsqlConnectionStringBuilder(cluster.ConnectionString) { Database = name, MaxPoolSize = 15 }.ConnectionString);
        if (migrate)
        {
            await using var dataSource = NpgsqlDataSource.Create(connectionString);
            await Migrations.ApplyAsync(dataSource);
        }
        return connectionString;
    }

    private static async Task<PrivateCluster> StartAsync()
    {
        var binaries = PostgresBinaries.Find() ?? throw new InvalidOperationException(PostgresBinaries.Missing());
        await ClearAsync(binaries);
        var folder = Directory.CreateTempSubdirectory(Prefix).FullName;
        var cluster = await PrivateCluster.StartAsync(binaries, folder, TimeProvider.System);
        // After the handler that stops the server, which was added first.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        return cluster;
    }

    private static async Task ClearAsync(PostgresBinaries binaries)
    {
        foreach (var folder in Directory.EnumerateDirectories(Path.GetTempPath(), Prefix + "*"))
        {
            try
            {
                if (!IsLeftBehind(folder))
                    continue;
                if (Directory.EnumerateFiles(folder, "postmaster.pid", SearchOption.AllDirectories).Any())
                    await (await PrivateCluster.StartAsync(binaries, folder, TimeProvider.System)).DisposeAsync();
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or InvalidOperationException)
            {
                // Another user's, or another run is clearing it too.
            }
        }
    }

    // Whoever uses a folder holds its lock; one that has no lock file yet is being made.
    private static bool IsLeftBehind(string folder)
    {
        var path = Path.Combine(folder, "postgres.lock");
        if (!File.Exists(path))
            return false;
        using var held = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        return true;
    }
}
