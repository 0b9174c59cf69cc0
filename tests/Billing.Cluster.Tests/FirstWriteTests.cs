using System.Globalization;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>
/// A grain that lives twice, as it does for a moment when a cluster is torn apart: here for good, because the two silos do
/// not know of each other.
/// </summary>
public sealed class FirstWriteTests(ITestOutputHelper output)
{
    private const int Races = 300;

    [PostgresFact]
    public async Task FirstWrites_OfOneGrain_FromTwoSilosAtOnce_OneWins_TheOtherReloads_AndNoGrainIsBricked()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_races"));
        var one = await cluster.StartBothAsync("one");
        var other = await cluster.StartBothAsync("other");
        using var here = new BillingClient(one.Address, RunningCluster.AdminKey);
        using var there = new BillingClient(other.Address, RunningCluster.AdminKey);
        await Parallel.ForEachAsync(Enumerable.Range(0, Races), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
        {
            var account = string.Create(CultureInfo.InvariantCulture, $"a{n}");
            await Task.WhenAll(here.PutAccountAsync(account, "cloudflare"), there.PutAccountAsync(account, "cloudflare"));

            // Both go on writing: each finds that the other has, reloads, and is understood at the second try at the latest.
            await Task.WhenAll(
                here.PutManualInvoiceAsync(account, account + "-here", 1000, DateTimeOffset.UtcNow.AddDays(60)),
                there.PutManualInvoiceAsync(account, account + "-there", 1001, DateTimeOffset.UtcNow.AddDays(60)));
            var seen = await Task.WhenAll(NewestAsync(here, account), NewestAsync(there, account));
            Assert.Equal(seen[0], seen[1]);
        });

        var lost = here.Unanswered.Concat(there.Unanswered).ToArray();
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Races} races, {lost.Length} writes were made again because the other side was first"));
        Assert.NotEmpty(lost);
    }

    /// <summary>A write after which a side knows everything, then what it says.</summary>
    private static async Task<(long Due, long Version)> NewestAsync(BillingClient client, string account)
    {
        // A side that has fallen behind insists on the newest version, as a caller who has seen it does.
        var gate = await client.GetAsync($"/v1/accounts/{account}/gate?operation=purchase&min_version=3");
        var body = (await client.GetAsync("/v1/accounts/" + account)).Body;
        Assert.True(gate.IsDone, gate.ToString());
        return ((long)body["amount_due"]!, (long)body["standing_version"]!);
    }
}
