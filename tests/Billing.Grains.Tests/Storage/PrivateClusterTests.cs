using System.Diagnostics;
using Billing.Silo.Postgres;
using Billing.Testing;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

public sealed class PrivateClusterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("billing-tests-cluster-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [PostgresFact]
    public async Task Start_MakesAServerThatOnlyThePasswordOpens_AndStopsItAtTheEnd()
    {
        PrivateCluster cluster;
        await using (cluster = await StartAsync())
        {
            Assert.Equal((true, false), (cluster.IsOwner, cluster.IsAdopted));
            Assert.NotNull(cluster.ServerProcessId);
            var settings = new NpgsqlConnectionStringBuilder(cluster.ConnectionString);
            Assert.Equal("", await ScalarAsync(cluster.ConnectionString, "SHOW listen_addresses"));
            Assert.Equal("on", await ScalarAsync(cluster.ConnectionString, "SHOW fsync"));
            Assert.Equal("on", await ScalarAsync(cluster.ConnectionString, "SHOW synchronous_commit"));
            Assert.Equal("700", Mode(settings.Host!));
            Assert.Equal("600", Mode(Directory.GetFiles(_folder, "password", SearchOption.AllDirectories).Single()));
            settings.Password = "another";
            var refused = await Assert.ThrowsAsync<PostgresException>(() => ScalarAsync(settings.ConnectionString, "SELECT 1"));
            Assert.Equal(PostgresErrorCodes.InvalidPassword, refused.SqlState);
        }
        Assert.Null(cluster.ServerProcessId);
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => ScalarAsync(cluster.ConnectionString, "SELECT 1"));
    }

    [PostgresFact]
    public async Task Start_Again_FindsTheData()
    {
        await using (var cluster = await StartAsync())
            await ScalarAsync(cluster.ConnectionString, "CREATE TABLE kept AS SELECT 1 AS a");
        await using (var cluster = await StartAsync())
            Assert.Equal(1, await ScalarAsync(cluster.ConnectionString, "SELECT a FROM kept"));
    }

    [PostgresFact]
    public async Task Start_AfterTheServerWasKilled_ReplacesIt()
    {
        await using (var cluster = await StartAsync())
        {
            await ScalarAsync(cluster.ConnectionString, "CREATE TABLE kept AS SELECT 1 AS a");
            using var server = Process.GetProcessById(cluster.ServerProcessId!.Value);
            server.Kill();
        }
        await using (var cluster = await StartAsync())
            Assert.Equal(1, await ScalarAsync(cluster.ConnectionString, "SELECT a FROM kept"));
    }

    [PostgresFact]
    public async Task Start_BesideARunningServer_UsesIt_AndLeavesItToItsOwner()
    {
        await using var owner = await StartAsync();
        await using (var guest = await StartAsync())
        {
            Assert.Equal((false, true), (guest.IsOwner, guest.IsAdopted));
            Assert.Equal(owner.ServerProcessId, guest.ServerProcessId);
        }
        Assert.Equal(1, await ScalarAsync(owner.ConnectionString, "SELECT 1"));
    }

    // What a killed process leaves: the server runs, and nobody holds the lock.
    [PostgresFact]
    public async Task Start_WithAServerLeftBehind_AdoptsItAndStopsItAtTheEnd()
    {
        var killed = await StartAsync();
        var server = killed.ServerProcessId;
        killed.Abandon();
        await using (var next = await StartAsync())
        {
            Assert.Equal((true, true), (next.IsOwner, next.IsAdopted));
            Assert.Equal(server, next.ServerProcessId);
        }
        Assert.Null(killed.ServerProcessId);
    }

    [PostgresFact]
    public async Task Start_WithHalfAClusterLeftBehind_MakesItAnew()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "postgres", "data.new", "base"));
        await using var cluster = await StartAsync();
        Assert.Equal(1, await ScalarAsync(cluster.ConnectionString, "SELECT 1"));
    }

    [PostgresFact]
    public async Task Start_InAFolderTooDeepForASocket_PutsItUnderTheTemporaryFolder()
    {
        await using var cluster = await StartAsync(Path.Combine(_folder, new string('d', 100)));
        var socket = new NpgsqlConnectionStringBuilder(cluster.ConnectionString).Host!;
        Assert.Equal("700", Mode(socket));
        Assert.Equal(1, await ScalarAsync(cluster.ConnectionString, "SELECT 1"));
        await cluster.DisposeAsync();
        Directory.Delete(socket, recursive: true);
    }

    [PostgresFact]
    public async Task Open_OfAConnectionString_UsesThatServer()
    {
        var given = await PostgresCluster.CreateEmptyDatabaseAsync("store_given");
        await using var store = await BillingStore.OpenAsync(new PostgresOptions { ConnectionString = given, DataFolder = _folder }, TimeProvider.System);
        Assert.Null(store.Explanation);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_folder));
        await using var command = store.DataSource!.CreateCommand("SELECT count(*) FROM schema_migrations");
        Assert.Equal((long)Migrations.Shipped.Count, await command.ExecuteScalarAsync());
    }

    [Fact]
    public async Task Open_WithNoServerToBeFound_SaysTheThreeWaysOn()
    {
        await using var store = await BillingStore.OpenAsync(new PostgresOptions { DataFolder = _folder, BinaryFolders = [_folder] }, TimeProvider.System);
        Assert.Null(store.DataSource);
        Assert.Matches("^No PostgreSQL server was found: install it \\(.+\\), or set ConnectionStrings:Billing .+, or run `docker compose up`\\.$", store.Explanation);
    }

    [Fact]
    public void Tune_KeepsWhatTheStringSays()
    {
        var tuned = new NpgsqlConnectionStringBuilder(BillingStore.Tune("Host=h;Command Timeout=30"));
        Assert.Equal((30, 20, true), (tuned.CommandTimeout, tuned.MaxAutoPrepare, tuned.NoResetOnClose));
        Assert.Equal(5, new NpgsqlConnectionStringBuilder(BillingStore.Tune("Host=h")).CommandTimeout);
        Assert.Equal(BillingStore.MaxConnections, new NpgsqlConnectionStringBuilder(BillingStore.Tune("Host=h")).MaxPoolSize);
        Assert.Equal(15, new NpgsqlConnectionStringBuilder(BillingStore.Tune("Host=h;Maximum Pool Size=15")).MaxPoolSize);
    }

    private Task<PrivateCluster> StartAsync(string? folder = null) => PrivateCluster.StartAsync(
        PostgresBinaries.Find() ?? throw new InvalidOperationException(PostgresBinaries.Missing()), folder ?? _folder, TimeProvider.System);

    private static string Mode(string path) => OperatingSystem.IsWindows() ? "no mode" : Convert.ToString((int)File.GetUnixFileMode(path), 8);

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
