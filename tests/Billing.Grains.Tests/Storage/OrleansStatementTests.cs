using System.Text;
using Billing.Testing;
using Npgsql;
using NpgsqlTypes;

namespace Billing.Grains.Tests.Storage;

public sealed class OrleansStatementDatabase : IAsyncLifetime
{
    public NpgsqlDataSource DataSource { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresCluster.IsRequired || PostgresCluster.Missing is null)
            DataSource = NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync("orleans_statements"));
    }

    public Task DisposeAsync() => DataSource is null ? Task.CompletedTask : DataSource.DisposeAsync().AsTask();
}

/// <summary>The statements of <c>OrleansQuery</c>, called with the parameters and read by the columns of the cluster's providers.</summary>
public sealed class OrleansStatementTests(OrleansStatementDatabase database) : IClassFixture<OrleansStatementDatabase>
{
    private static readonly DateTime Noon = new(2026, 3, 6, 12, 0, 0, DateTimeKind.Utc);

    [PostgresFact]
    public async Task Keys_AreThoseThatTheProvidersAskFor()
    {
        string[] expected =
        [
            "ClearStorageKey", "ReadFromStorageKey", "WriteToStorageKey",
            "DeleteReminderRowKey", "DeleteReminderRowsKey", "ReadRangeRows1Key", "ReadRangeRows2Key", "ReadReminderRowKey", "ReadReminderRowsKey", "UpsertReminderRowKey",
            "CleanupDefunctSiloEntriesKey", "DeleteMembershipTableEntriesKey", "GatewaysQueryKey", "InsertMembershipKey", "InsertMembershipVersionKey",
            "MembershipReadAllKey", "MembershipReadRowKey", "UpdateIAmAlivetimeKey", "UpdateMembershipKey",
        ];
        var keys = (await QueryAsync("SELECT QueryKey, QueryText FROM OrleansQuery")).ConvertAll(x => (string)x["QueryKey"]!);
        Assert.Equal(expected.Order(StringComparer.Ordinal), keys.Order(StringComparer.Ordinal));
    }

    [PostgresFact]
    public async Task Storage_WritesReadsConflictsAndClears()
    {
        Assert.Empty(await StorageAsync("ReadFromStorageKey", "acct/a"));
        Assert.Equal(1, await WriteAsync("acct/a", null, "{}"));
        Assert.Null(await WriteAsync("acct/a", null, "{\"lost\":1}"));
        Assert.Equal(2, await WriteAsync("acct/a", 1, "{\"b\":1}"));
        Assert.Null(await WriteAsync("acct/a", 1, "{\"lost\":1}"));
        var row = Assert.Single(await StorageAsync("ReadFromStorageKey", "acct/a"));
        Assert.Equal((2, "{\"b\":1}"), ((int)row["Version"]!, Encoding.UTF8.GetString((byte[])row["PayloadBinary"]!)));

        var cleared = Assert.Single(await StorageAsync("ClearStorageKey", "acct/a", ("GrainStateVersion", 2)));
        Assert.Equal(3, cleared.Values.Single());
        row = Assert.Single(await StorageAsync("ReadFromStorageKey", "acct/a"));
        Assert.Null(row["PayloadBinary"]);
        Assert.Equal(4, await WriteAsync("acct/a", 3, "{}"));
    }

    [PostgresFact]
    public async Task Storage_ClearedRow_LeavesTheIndex()
    {
        const string index = "SELECT kind FROM grain_index WHERE key = 'acct/cleared'";
        await WriteAsync("acct/cleared", null, "{\"kind\":\"account\"}");
        Assert.Single(await QueryAsync(index));
        await StorageAsync("ClearStorageKey", "acct/cleared", ("GrainStateVersion", 1));
        Assert.Empty(await QueryAsync(index));
    }

    [PostgresFact]
    public async Task Storage_FirstWritesInARace_HaveOneWinnerEach()
    {
        for (var i = 0; i < 300; i++)
        {
            var key = $"inv/{i}";
            var answers = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => WriteAsync(key, null, "{}"))));
            Assert.Equal([1], answers.Where(x => x is not null));
        }
    }

    [PostgresFact]
    public async Task Reminders_AreUpsertedReadByRangeAndDeletedByVersion()
    {
        foreach (var (grain, hash) in ((string, int)[])[("g/low", -100), ("g/zero", 0), ("g/high", 100)])
            Assert.Equal(1, await UpsertAsync(grain, hash, 60_000));
        Assert.Equal(2, await UpsertAsync("g/zero", 0, 5_000_000_000L));

        Assert.Equal(["g/zero"], await RangeAsync("ReadRangeRows1Key", -100, 99));
        Assert.Equal(["g/high", "g/zero"], await RangeAsync("ReadRangeRows1Key", -100, 100));
        Assert.Equal(["g/high", "g/low"], await RangeAsync("ReadRangeRows2Key", 0, -100));
        Assert.Equal(["g/high", "g/low", "g/zero"], await RangeAsync("ReadRangeRows2Key", 7, 7));

        var row = Assert.Single(await RunAsync("ReadReminderRowKey", ("ServiceId", "s"), ("GrainId", "g/zero"), ("ReminderName", "r")));
        Assert.Equal(("g/zero", "r", Noon, 5_000_000_000L, 2), ((string)row["GrainId"]!, (string)row["ReminderName"]!, (DateTime)row["StartTime"]!, (long)row["Period"]!, (int)row["Version"]!));
        Assert.Single(await RunAsync("ReadReminderRowsKey", ("ServiceId", "s"), ("GrainId", "g/zero")));

        Assert.False(await TrueAsync("DeleteReminderRowKey", ("ServiceId", "s"), ("GrainId", "g/zero"), ("ReminderName", "r"), ("Version", 1)));
        Assert.True(await TrueAsync("DeleteReminderRowKey", ("ServiceId", "s"), ("GrainId", "g/zero"), ("ReminderName", "r"), ("Version", 2)));
        await RunAsync("DeleteReminderRowsKey", ("ServiceId", "s"));
        Assert.Empty(await RangeAsync("ReadRangeRows2Key", 7, 7));
    }

    [PostgresFact]
    public async Task Membership_MovesItsVersionWithEachChange_OrChangesNothing()
    {
        Assert.Empty(await RunAsync("MembershipReadAllKey", ("DeploymentId", "c")));
        Assert.True(await TrueAsync("InsertMembershipVersionKey", ("DeploymentId", "c")));
        Assert.False(await TrueAsync("InsertMembershipVersionKey", ("DeploymentId", "c")));
        var empty = Assert.Single(await RunAsync("MembershipReadAllKey", ("DeploymentId", "c")));
        Assert.Equal((0, null), ((int)empty["Version"]!, empty["StartTime"]));

        Assert.True(await JoinAsync(port: 1, version: 0));
        Assert.False(await JoinAsync(port: 2, version: 0)); // the version has moved
        Assert.False(await JoinAsync(port: 1, version: 1)); // the silo is there
        Assert.True(await JoinAsync(port: 2, version: 1));
        Assert.False(await UpdateAsync(port: 1, status: 3, version: 1));
        Assert.False(await UpdateAsync(port: 9, status: 3, version: 2));
        Assert.True(await UpdateAsync(port: 1, status: 3, version: 2));

        var row = Assert.Single(await RunAsync("MembershipReadRowKey", [("DeploymentId", "c"), .. Silo(1)]));
        Assert.Equal((3, 3, "silo", "host", 30_001, "x,y"), ((int)row["Version"]!, (int)row["Status"]!, (string)row["SiloName"]!, (string)row["HostName"]!, (int)row["ProxyPort"]!, (string)row["SuspectTimes"]!));
        Assert.Equal(2, (await RunAsync("MembershipReadAllKey", ("DeploymentId", "c"))).Count);
        Assert.Null(Assert.Single(await RunAsync("MembershipReadRowKey", [("DeploymentId", "c"), .. Silo(9)]))["Address"]);
        var gateway = Assert.Single(await RunAsync("GatewaysQueryKey", ("DeploymentId", "c"), ("Status", 3)));
        Assert.Equal(("10.0.0.1", 30_001, 7), ((string)gateway["Address"]!, (int)gateway["ProxyPort"]!, (int)gateway["Generation"]!));

        await RunAsync("UpdateIAmAlivetimeKey", [("DeploymentId", "c"), .. Silo(1), ("IAmAliveTime", Noon.AddHours(1))]);
        await RunAsync("CleanupDefunctSiloEntriesKey", ("DeploymentId", "c"), ("IAmAliveTime", Noon.AddHours(2)));
        row = Assert.Single(await RunAsync("MembershipReadAllKey", ("DeploymentId", "c")));
        Assert.Equal(Noon.AddHours(1), row["IAmAliveTime"]);
        await RunAsync("DeleteMembershipTableEntriesKey", ("DeploymentId", "c"));
        Assert.Empty(await RunAsync("MembershipReadAllKey", ("DeploymentId", "c")));
    }

    [PostgresFact]
    public async Task Membership_JoinsInARace_HaveOneWinnerAVersion()
    {
        await TrueAsync("InsertMembershipVersionKey", ("DeploymentId", "race"));
        for (var version = 0; version < 20; version++)
        {
            var (v, at) = (version, version * 10);
            var joined = await Task.WhenAll(Enumerable.Range(0, 4).Select(n => Task.Run(() => JoinAsync(at + n, v, "race"))));
            Assert.Single(joined, x => x);
        }
    }

    private static (string, object?)[] Silo(int port) => [("Address", "10.0.0.1"), ("Port", port), ("Generation", 7)];

    private Task<bool> JoinAsync(int port, int version, string cluster = "c") => TrueAsync(
        "InsertMembershipKey",
        [("DeploymentId", cluster), ("IAmAliveTime", Noon), ("SiloName", "silo"), ("HostName", "host"), .. Silo(port), ("StartTime", Noon), ("Status", 1), ("ProxyPort", 30_000 + port), ("Version", version)]);

    private Task<bool> UpdateAsync(int port, int status, int version) => TrueAsync(
        "UpdateMembershipKey",
        [("DeploymentId", "c"), .. Silo(port), ("IAmAliveTime", Noon), ("Status", status), ("SuspectTimes", "x,y"), ("Version", version)]);

    private async Task<int> UpsertAsync(string grain, int hash, object period) => (int)Assert.Single(await RunAsync(
        "UpsertReminderRowKey",
        ("ServiceId", "s"), ("GrainHash", hash), ("GrainId", grain), ("ReminderName", "r"), ("StartTime", Noon), ("Period", period)))["Version"]!;

    private async Task<IEnumerable<string>> RangeAsync(string key, int begin, int end) =>
        (await RunAsync(key, ("ServiceId", "s"), ("BeginHash", begin), ("EndHash", end))).Select(x => (string)x["GrainId"]!).Order(StringComparer.Ordinal);

    private async Task<int?> WriteAsync(string key, int? version, string payload) =>
        (int?)Assert.Single(await StorageAsync("WriteToStorageKey", key, ("GrainStateVersion", version), ("PayloadBinary", Encoding.UTF8.GetBytes(payload))))["NewGrainStateVersion"];

    private Task<List<Dictionary<string, object?>>> StorageAsync(string key, string grain, params (string, object?)[] more) => RunAsync(
        key,
        [("GrainIdHash", 1), ("GrainIdN0", 0L), ("GrainIdN1", 0L), ("GrainTypeHash", 2), ("GrainTypeString", "state"), ("GrainIdExtensionString", grain), ("ServiceId", "s"), .. more]);

    private async Task<bool> TrueAsync(string key, params (string, object?)[] parameters) =>
        Convert.ToBoolean(Assert.Single(await RunAsync(key, parameters)).Values.Single());

    private async Task<List<Dictionary<string, object?>>> RunAsync(string key, params (string, object?)[] parameters)
    {
        var text = (string)Assert.Single(await QueryAsync("SELECT QueryText FROM OrleansQuery WHERE QueryKey = @key", ("key", key)))["QueryText"]!;
        return await QueryAsync(text, parameters);
    }

    private async Task<List<Dictionary<string, object?>>> QueryAsync(string sql, params (string Name, object? Value)[] parameters)
    {
        await using var command = database.DataSource.CreateCommand(sql);
        foreach (var (name, value) in parameters)
        {
            var parameter = new NpgsqlParameter { ParameterName = name, Value = value ?? DBNull.Value };
            if (value is null)
                parameter.NpgsqlDbType = NpgsqlDbType.Integer;
            command.Parameters.Add(parameter);
        }
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Dictionary<string, object?>>();
        while (await reader.ReadAsync())
        {
            rows.Add(Enumerable.Range(0, reader.FieldCount).ToDictionary(
                reader.GetName, i => reader.IsDBNull(i) ? null : reader.GetValue(i), StringComparer.OrdinalIgnoreCase));
        }
        return rows;
    }
}
