using System.Diagnostics;
using Billing.Silo.Postgres;
using Billing.Testing;
using Npgsql;

namespace Billing.Grains.Tests.Storage;

/// <summary>A dump that is loaded into another server, where numbers of transactions begin anew, is the same installation.</summary>
public sealed class RestoreTests
{
    private const string Service = "restored";

    [PostgresFact]
    public async Task Dump_LoadedIntoAnotherServer_HasTheWholeFeedInOrder_AndGoesOn()
    {
        var from = await PostgresCluster.CreateDatabaseAsync("restore_from");
        await using var source = NpgsqlDataSource.Create(from);
        for (var write = 1; write <= 40; write++) await WriteAsync(source, write, account: $"a{write % 3}", events: 1 + write % 4);
        var before = await ReadAsync(source);
        Assert.Equal(100, before.Count);

        var folder = Directory.CreateTempSubdirectory("billing-restore-").FullName;
        try
        {
            await using var other = await PrivateCluster.StartAsync(PostgresBinaries.Find()!, folder, TimeProvider.System);
            var dump = Path.Combine(folder, "billing.dump");
            await RunAsync("pg_dump", from, "--format=custom", "--file", dump);
            await RunAsync("pg_restore", other.ConnectionString, "--no-owner", "--dbname", new NpgsqlConnectionStringBuilder(other.ConnectionString).Database!, dump);
            await using var restored = NpgsqlDataSource.Create(BillingStore.Tune(other.ConnectionString));
            Assert.Equal(0, await Migrations.ApplyAsync(restored));

            // Old rows are all there, in their order: the feed goes by marks that fell with their transactions, and by nothing that a dump changes.
            Assert.Equal(before, await ReadAsync(restored));

            // A writer that is still open holds back what comes after it here too, and not what was restored.
            await using var open = await restored.OpenConnectionAsync();
            await using var transaction = await open.BeginTransactionAsync();
            await WriteAsync(open, 41, "a1", 2);
            await WriteAsync(restored, 42, "a2", 1);
            Assert.Equal(before, await ReadAsync(restored));
            await transaction.CommitAsync();

            var after = await ReadAsync(restored);
            Assert.Equal(before, after.Take(before.Count));
            Assert.Equal(103, after.Count);
            Assert.True(after.Zip(after.Skip(1)).All(pair => pair.First.Seq < pair.Second.Seq));
            foreach (var account in after.GroupBy(row => row.Account, StringComparer.Ordinal)) Assert.Equal(Enumerable.Range(1, account.Count()).Select(number => (long)number), account.Select(row => row.AccountSeq));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task WriteAsync(NpgsqlDataSource source, int write, string account, int events)
    {
        await using var connection = await source.OpenConnectionAsync();
        await WriteAsync(connection, write, account, events);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, int write, string account, int events)
    {
        var happened = string.Join(',', Enumerable.Range(1, events).Select(number => $$$"""{"account":"{{{account}}}","type":"test.happened","occurred_at":"2026-03-01T00:00:00Z","effective_at":"2026-03-01T00:00:00Z","data":{"write":{{{write}}},"number":{{{number}}} } }"""));
        await using var command = new NpgsqlCommand("SELECT grain_state_write($1, 'account', $2, NULL, convert_to($3, 'UTF8'))", connection);
        command.Parameters.AddWithValue(Service);
        command.Parameters.AddWithValue($"acct/w{write}");
        command.Parameters.AddWithValue($$"""{"kind":"account","at":"2026-03-01T00:00:00Z","summary":{ },"events":[{{happened}}],"state":{ } }""");
        Assert.Equal(1, await command.ExecuteScalarAsync());
    }

    private static async Task<List<(long Seq, string Account, long AccountSeq, string Data)>> ReadAsync(NpgsqlDataSource source)
    {
        var rows = new List<(long, string, long, string)>();
        await using var command = source.CreateCommand("SELECT seq, account, account_seq, data::text FROM events_read($1, 0, NULL, NULL, 1000)");
        command.Parameters.AddWithValue(Service);
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync()) rows.Add((reader.GetInt64(0), reader.GetString(1), reader.GetInt64(2), reader.GetString(3)));
        return rows;
    }

    /// <summary>A folder may hold the server's programs and not these.</summary>
    private static string Find(string program) => PostgresBinaries.UsualFolders().Prepend(PostgresBinaries.Find()!.Folder).Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists) ?? program;

    private static async Task RunAsync(string program, string connectionString, params string[] arguments)
    {
        var settings = new NpgsqlConnectionStringBuilder(connectionString);
        var start = new ProcessStartInfo(Find(program)) { RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in new[] { ("PGHOST", settings.Host), ("PGPORT", $"{settings.Port}"), ("PGUSER", settings.Username), ("PGPASSWORD", settings.Password), ("PGDATABASE", settings.Database) }) start.Environment[name] = value;
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, errors);
    }
}
