using System.Globalization;
using Billing.Cluster.Tests.Loads;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Loads;
using Billing.Testing.Processes;
using Billing.Testing.Verdicts;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>Silos go, by force and politely, and come, while everything goes on.</summary>
public sealed class LosingASiloTests(ITestOutputHelper output)
{
    /// <summary>After so long every account of a killed silo answers again.</summary>
    private static readonly TimeSpan LongestUnavailable = TimeSpan.FromSeconds(10);

    private const int Accounts = 30;

    [PostgresFact]
    public async Task Kill_OfASilo_UnderAMixedLoad_LosesNothing_ChargesNothingTwice_AndEveryAccountAnswersAgain()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_kill"));
        cluster.DetectFailuresSoon();
        var silos = await cluster.StartAsync(3);
        var load = new MixedLoad(cluster.Client, "load", Accounts);
        await using var gates = await GatesAsync(cluster, load.Plans);
        var running = load.RunAsync();
        // Some way into the load: a third of what it will acknowledge.
        await Eventually.GetAsync("The load is under way", () => Task.FromResult(load.Acknowledged.Count > Accounts || running.IsCompleted ? load : null));
        Assert.Equal(ServiceProcess.Killed, await silos[0].KillAsync());
        await running;
        await gates.StopAsync();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest unavailability {gates.LongestUnavailable.TotalSeconds:0.00} s ({gates.Worst}); {gates.Answers} answers, {gates.Refused.Count} refused"));
        var verdict = await Verdict.OfAsync(cluster.Client, cluster.Database, load, crashes: 1);
        Assert.True(verdict.All.Count == 0, $"{string.Join('\n', verdict.All)}\n{cluster.Output}");
        Assert.Empty(gates.Unclean);
        Assert.True(gates.LongestUnavailable <= LongestUnavailable, $"{gates.Worst}\n{string.Join('\n', gates.Refused.TakeLast(20))}\n{cluster.Output}");
    }

    [PostgresFact]
    public async Task GracefulStop_OfASilo_UnderAMixedLoad_FailsNoRequest()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_stop"));
        var silos = await cluster.StartAsync(3);
        var load = new MixedLoad(cluster.Client, "load", Accounts);
        await using var gates = await GatesAsync(cluster, load.Plans);
        var running = load.RunAsync();
        await Eventually.GetAsync("The load is under way", () => Task.FromResult(load.Acknowledged.Count > Accounts || running.IsCompleted ? load : null));
        Assert.Equal(0, await silos[0].EndAsync());
        await running;
        await gates.StopAsync();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"longest wait {gates.LongestUnavailable.TotalSeconds:0.00} s ({gates.Worst}); {gates.Answers} answers"));
        var verdict = await Verdict.OfAsync(cluster.Client, cluster.Database, load, crashes: 0);
        Assert.True(verdict.All.Count == 0, $"{string.Join('\n', verdict.All)}\n{cluster.Output}");
        Assert.True(gates.Refused.Count == 0 && cluster.Client.Unanswered.Count == 0, $"{string.Join('\n', gates.Refused)}\n{string.Join('\n', cluster.Client.Unanswered)}\n{cluster.Output}");
    }

    /// <summary>The accounts are there before they are asked for.</summary>
    private static async Task<GateLoad> GatesAsync(RunningCluster cluster, IReadOnlyList<Plan> plans)
    {
        var accounts = Enumerable.Range(0, plans.Count).Select(n => string.Create(CultureInfo.InvariantCulture, $"asked-{n}")).ToArray();
        await Parallel.ForEachAsync(accounts, async (account, _) => await cluster.Client.PutAccountAsync(account, "cloudflare"));
        return new GateLoad(cluster.Address, accounts);
    }
}
