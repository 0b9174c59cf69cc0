using System.Globalization;
using Billing.Cluster.Tests.Loads;
using Billing.Cluster.Tests.Processes;
using Billing.Silo.Postgres;
using Billing.Testing;
using Billing.Testing.Loads;
using Billing.Testing.Verdicts;
using Npgsql;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>PostgreSQL goes and comes back.</summary>
public sealed class DatabaseRestartTests(ITestOutputHelper output)
{
    private const int Accounts = 30;

    [PostgresFact]
    public async Task Restart_OfPostgres_UnderAMixedLoad_IsAnsweredCleanly_AndEverythingRecovers()
    {
        var folder = Directory.CreateTempSubdirectory("billing-restart-").FullName;
        try
        {
            var postgres = await StartAsync(folder);
            try
            {
                var database = new NpgsqlConnectionStringBuilder(postgres.ConnectionString) { MaxPoolSize = 15 }.ConnectionString;
                await using var cluster = RunningCluster.On(database);
                await cluster.StartAsync(3);
                var load = new MixedLoad(cluster.Client, "load", Accounts);
                var asked = Enumerable.Range(0, Accounts).Select(n => string.Create(CultureInfo.InvariantCulture, $"asked-{n}")).ToArray();
                await Parallel.ForEachAsync(asked, async (account, _) => await cluster.Client.PutAccountAsync(account, "cloudflare"));
                await using var gates = new GateLoad(cluster.Address, asked);
                var running = load.RunAsync();
                await Eventually.GetAsync("The load is under way", () => Task.FromResult(load.Acknowledged.Count > Accounts || running.IsCompleted ? load : null));
                await postgres.DisposeAsync();
                postgres = await StartAsync(folder);
                await running;
                await gates.StopAsync();

                output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{cluster.Client.Unanswered.Count} calls had to be made again; gates: {gates.Answers} answers, {gates.Refused.Count} refused, longest wait {gates.LongestUnavailable.TotalSeconds:0.00} s"));
                var verdict = await Verdict.OfAsync(cluster.Client, database, load, crashes: 1);
                Assert.True(verdict.All.Count == 0, $"{string.Join('\n', verdict.All)}\n{cluster.Output}");
                Assert.True(gates.Unclean.Count == 0, $"{string.Join('\n', gates.Unclean)}\n{cluster.Output}");
                Assert.All(cluster.Client.Unanswered, call => Assert.True(call.Contains(": 503 ", StringComparison.Ordinal) && call.Contains("\"unavailable\"", StringComparison.Ordinal), call));
                foreach (var process in cluster.All) Assert.False(process.Process.HasExited, cluster.Output);
            }
            finally
            {
                await postgres.DisposeAsync();
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>A server of this test's own, in a folder that survives it: the same data, password and socket each time.</summary>
    private static Task<PrivateCluster> StartAsync(string folder) => PrivateCluster.StartAsync(PostgresBinaries.Find()!, folder, TimeProvider.System);
}
