using System.Globalization;
using Billing.Cluster.Tests.Loads;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Loads;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>A silo comes and takes its share, and nobody notices.</summary>
public sealed class AddingASiloTests(ITestOutputHelper output)
{
    private const int Accounts = 600;

    /// <summary>A third would be the newcomer's even share.</summary>
    private const double LeastShare = 0.2;

    [PostgresFact]
    public async Task Silo_ThatComes_GetsItsShareOfTheActivations_AndNoCallFails()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_add"));
        cluster.Settings["Billing__Cluster__RebalanceEvery"] = "00:00:02";
        await cluster.StartAsync(2);
        var accounts = Enumerable.Range(0, Accounts).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{n}")).ToArray();
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (account, _) => await cluster.Client.PutAccountAsync(account, "cloudflare"));
        await using var gates = new GateLoad(cluster.Address, accounts[..30]);

        var added = await cluster.StartSiloAsync();
        var shares = await Eventually.GetAsync("The new silo has its share", async () =>
        {
            var silos = (await cluster.Client.GetAsync("/v1/cluster")).Body["silos"]!.AsArray();
            var shares = silos.Select(silo => (int)silo!["activations"]!).ToArray();
            // The newest is shown first.
            return shares.Length == 3 && shares[0] >= shares.Sum() * LeastShare ? shares : null;
        });
        await gates.StopAsync();

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"activations, the newcomer's first: {string.Join(", ", shares)}; ready after {added.ReadyAfter.TotalSeconds:0.0} s; {gates.Answers} answers, longest wait {gates.LongestUnavailable.TotalSeconds:0.00} s"));
        Assert.True(shares.Sum() >= Accounts, $"Activations were lost: {string.Join(", ", shares)}");
        Assert.True(gates.Refused.Count == 0, $"{string.Join('\n', gates.Refused)}\n{cluster.Output}");
    }
}
