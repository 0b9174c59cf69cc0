using Billing.Silo.Postgres;
using Billing.Testing;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

/// <summary>Two databases never form one cluster, and the silos of one database always do.</summary>
public sealed class ClusterNamesTests
{
    private const string Service = "billing";

    [PostgresFact]
    public async Task Name_IsTheSameForEverySiloOfADatabase_AndForItsApiHosts()
    {
        await using var database = await MakeAsync("names_same");
        Assert.Null(await ClusterNames.FindAsync(database, Service, Service));
        var names = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ClusterNames.GiveAsync(database, Service, Service, isRestored: false)));
        var name = Assert.Single(names.Distinct(StringComparer.Ordinal));
        Assert.StartsWith(Service + "-", name, StringComparison.Ordinal);
        Assert.Equal(name, await ClusterNames.FindAsync(database, Service, Service));
        Assert.NotEqual(name, await ClusterNames.GiveAsync(database, "another", "another", isRestored: false));
    }

    [PostgresTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Name_OnACopyOfTheDatabase_IsAnother(bool isRestored)
    {
        var from = await PostgresCluster.CreateDatabaseAsync($"names_from_{isRestored}");
        string original;
        await using (var source = NpgsqlDataSource.Create(from)) original = await ClusterNames.GiveAsync(source, Service, Service, isRestored: false);
        await using var copy = NpgsqlDataSource.Create(await CopyAsync(from, $"names_copy_{isRestored}".ToLowerInvariant()));

        Assert.Null(await ClusterNames.FindAsync(copy, Service, Service));
        var name = await ClusterNames.GiveAsync(copy, Service, Service, isRestored);
        Assert.NotEqual(original, name);
        Assert.Equal(name, await ClusterNames.GiveAsync(copy, Service, Service, isRestored));
        Assert.Equal(name, await ClusterNames.FindAsync(copy, Service, Service));
    }

    /// <summary>To PostgreSQL a base backup is the same database: the operator says that it is not.</summary>
    [PostgresFact]
    public async Task Name_OfABaseBackup_IsAnotherWhereItIsSaidToBeRestored_AndTheSameForAllWhoStartOnIt()
    {
        var connectionString = await PostgresCluster.CreateDatabaseAsync("names_restored");
        await using var database = NpgsqlDataSource.Create(connectionString);
        var original = await ClusterNames.GiveAsync(database, Service, Service, isRestored: false);
        await ExecuteAsync(database, "UPDATE cluster_names SET named_at = named_at - interval '1 hour'");
        Assert.Equal(original, await ClusterNames.GiveAsync(database, Service, Service, isRestored: false));

        var names = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ClusterNames.GiveAsync(database, Service, Service, isRestored: true)));
        var name = Assert.Single(names.Distinct(StringComparer.Ordinal));
        Assert.NotEqual(original, name);

        // One that comes much later finds the first one at work.
        await using var held = await LockAsync(connectionString);
        await ExecuteAsync(database, "UPDATE cluster_names SET named_at = named_at - interval '1 hour'");
        Assert.Equal(name, await ClusterNames.GiveAsync(database, Service, Service, isRestored: true));
    }

    /// <summary>The silos of an older build are called as configured, and know nothing of a table of names.</summary>
    [PostgresFact]
    public async Task Name_BesideSilosOfAnOlderBuild_IsTheirs_UntilAllHaveStopped()
    {
        var connectionString = await PostgresCluster.CreateDatabaseAsync("names_upgrade");
        await using var database = NpgsqlDataSource.Create(connectionString);
        await using (await LockAsync(connectionString)) Assert.Equal(Service, await ClusterNames.GiveAsync(database, Service, Service, isRestored: false));
        Assert.Equal(Service, await ClusterNames.GiveAsync(database, Service, Service, isRestored: false));

        await ExecuteAsync(database, "DROP TABLE cluster_names");
        Assert.Equal(Service, await ClusterNames.FindAsync(database, Service, Service));
    }

    [PostgresFact]
    public async Task Name_IsGivenByAUserWhoMayOnlyUseTheTable()
    {
        var connectionString = await PostgresCluster.CreateDatabaseAsync("names_user");
        await using var owner = NpgsqlDataSource.Create(connectionString);
        await ExecuteAsync(owner, "CREATE ROLE names_user LOGIN PASSWORD 'names'; GRANT SELECT, INSERT, UPDATE ON cluster_names TO names_user");
        await using var user = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString) { Username = "names_user", Password = "names" }.ConnectionString);
        Assert.Equal(await ClusterNames.GiveAsync(user, Service, Service, isRestored: false), await ClusterNames.GiveAsync(owner, Service, Service, isRestored: false));
    }

    private static async Task<NpgsqlDataSource> MakeAsync(string name) => NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync(name));

    /// <summary>The same rows in another database.</summary>
    private static async Task<string> CopyAsync(string from, string name)
    {
        var source = new NpgsqlConnectionStringBuilder(from);
        NpgsqlConnection.ClearAllPools();
        await using var server = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(from) { Database = "postgres" }.ConnectionString);
        await ExecuteAsync(server, $"CREATE DATABASE {name} TEMPLATE \"{source.Database}\"");
        return new NpgsqlConnectionStringBuilder(from) { Database = name }.ConnectionString;
    }

    /// <summary>A silo at work, as the others see it.</summary>
    private static async Task<NpgsqlConnection> LockAsync(string connectionString)
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand($"SELECT pg_advisory_lock_shared({DatabaseLock.LockKey})", connection);
        await command.ExecuteNonQueryAsync();
        return connection;
    }

    private static async Task ExecuteAsync(NpgsqlDataSource database, string sql)
    {
        await using var command = database.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
