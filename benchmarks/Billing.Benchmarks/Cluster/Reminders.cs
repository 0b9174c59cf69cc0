#if ORLEANS
using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using Npgsql;

namespace Billing.Benchmarks.Cluster;

/// <summary>
/// What reminders in the table cost a silo: how much later it is ready, how long it takes to read the table again, and what it
/// holds in memory. Without any, with all of them due in the coming month, and with all of them due within minutes.
/// </summary>
internal static class Reminders
{
    /// <summary>Longer than a silo waits before it reads the table for the first time.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(30);

    /// <summary>Runs it and prints the table.</summary>
    public static async Task RunAsync(int reminders, int rounds)
    {
        using var owner = await ServerProcess.StartAsync("--Billing:Cluster:SiloPort", "0", "--Billing:Cluster:GatewayPort", "0", "--Billing:Cluster:ClusterId", "owner");
        await using var database = NpgsqlDataSource.Create(owner.Database);
        var cases = new (string Name, string? DueIn)[] { ("no reminder", null), ("due within 30 days", "random() * interval '30 days' + interval '1 hour'"), ("due within 9 minutes", "random() * interval '3 minutes' + interval '6 minutes'") };
        var measured = cases.ToDictionary(one => one.Name, _ => new List<(double Ready, double Read, double Memory, double Held)>());
        for (var round = 0; round < rounds; round++)
        {
            foreach (var (name, dueIn) in cases)
            {
                await FillAsync(database, reminders, dueIn);
                measured[name].Add(await MeasureAsync(owner, database, string.Create(CultureInfo.InvariantCulture, $"r{round}-{measured[name].Count}-{name.Length}")));
            }
        }

        await FillAsync(database, 0, dueIn: null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reminders} reminders, {rounds} rounds, one silo that has all of them\n"));
        Console.WriteLine("| in the table | ready after s, median (lowest – highest) | reading all once, ms | working set MiB | held in memory |");
        Console.WriteLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, rows) in measured)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {name} | {Report.Median(rows.Select(row => row.Ready)):0.0} ({rows.Min(row => row.Ready):0.0} – {rows.Max(row => row.Ready):0.0}) | {Report.Median(rows.Select(row => row.Read)):0} ({rows.Min(row => row.Read):0} – {rows.Max(row => row.Read):0}) | {Report.Median(rows.Select(row => row.Memory)):0} ({rows.Min(row => row.Memory):0} – {rows.Max(row => row.Memory):0}) | {Report.Median(rows.Select(row => row.Held)):0} |"));
        }
    }

    /// <summary>Rows as the engine writes them, of grains that nobody wakes while this runs.</summary>
    private static async Task FillAsync(NpgsqlDataSource database, int reminders, string? dueIn)
    {
        await using var clear = database.CreateCommand("DELETE FROM OrleansRemindersTable");
        await clear.ExecuteNonQueryAsync();
        if (dueIn is null) return;
        await using var fill = database.CreateCommand(
            $"""
             INSERT INTO OrleansRemindersTable (ServiceId, GrainId, ReminderName, StartTime, Period, GrainHash, Version)
             SELECT 'billing', 'account/acct/reminded-' || n, 'due', now() + {dueIn}, 86400000, ((random() - 0.5) * 4294967294)::bigint::int, 0 FROM generate_series(1, $1) n
             """);
        fill.CommandTimeout = 120;
        fill.Parameters.Add(new NpgsqlParameter<int> { TypedValue = reminders });
        await fill.ExecuteNonQueryAsync();
        await using var analyze = database.CreateCommand("ANALYZE OrleansRemindersTable");
        await analyze.ExecuteNonQueryAsync();
    }

    private static async Task<(double Ready, double Read, double Memory, double Held)> MeasureAsync(ServerProcess owner, NpgsqlDataSource database, string cluster)
    {
        var started = Stopwatch.GetTimestamp();
        using var silo = await ServerProcess.StartAsync("--Billing:Cluster:SiloPort", "0", "--Billing:Cluster:GatewayPort", "0", "--Billing:Cluster:ClusterId", cluster, "--ConnectionStrings:Billing", owner.Database.ConnectionString);
        using var client = silo.Client();
        while (true)
        {
            using var answer = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
            if (answer.IsSuccessStatusCode) break;
            await Task.Delay(50);
        }

        var ready = Stopwatch.GetElapsedTime(started).TotalSeconds;
        await Task.Delay(Settled);
        var held = await client.GetFromJsonAsync<int>(new Uri("/benchmark/reminders", UriKind.Relative));
        return (ready, await ReadAllAsync(database), silo.WorkingSet / 1024.0 / 1024.0, held);
    }

    /// <summary>The very statement with which a silo that has the whole ring reads its reminders.</summary>
    private static async Task<double> ReadAllAsync(NpgsqlDataSource database)
    {
        await using var query = database.CreateCommand("SELECT QueryText FROM OrleansQuery WHERE QueryKey = 'ReadRangeRows2Key'");
        var text = (string)(await query.ExecuteScalarAsync())!;
        await using var read = database.CreateCommand(text);
        read.Parameters.Add(new NpgsqlParameter<string>("ServiceId", "billing"));
        read.Parameters.Add(new NpgsqlParameter<int>("BeginHash", 0));
        read.Parameters.Add(new NpgsqlParameter<int>("EndHash", 0));
        var started = Stopwatch.GetTimestamp();
        await using var reader = await read.ExecuteReaderAsync();
        while (await reader.ReadAsync()) _ = (reader.GetValue(0), reader.GetValue(1), reader.GetValue(2), reader.GetValue(3), reader.GetValue(4));
        return Stopwatch.GetElapsedTime(started).TotalMilliseconds;
    }
}
#endif
