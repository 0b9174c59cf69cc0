using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Cluster.Tests.Loads;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>Deadlines that fall due while nobody is there.</summary>
public sealed class DeadlinesTests(ITestOutputHelper output)
{
    private const int Accounts = 40;

    /// <summary>After so long, counted from the first silo's return, everything has taken effect.</summary>
    private static readonly TimeSpan MadeUpWithin = TimeSpan.FromMinutes(1);

    /// <summary>Long enough to issue every invoice and to kill it all before, on a busy machine.</summary>
    private static readonly TimeSpan DueAfter = TimeSpan.FromSeconds(45);

    [PostgresFact]
    public async Task AllSilosKilled_WhileDeadlinesFallDue_EachTakesEffectOnce_WithItsTrueTime_WithinAMinute()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_deadlines"));
        // The safety net as an operator has it.
        foreach (var sweeper in cluster.Settings.Keys.Where(key => key.StartsWith("Billing__Sweeper", StringComparison.Ordinal)).ToArray()) cluster.Settings.Remove(sweeper);
        var silos = await cluster.StartAsync(3);
        await cluster.Client.PutPolicyAsync("strict");
        var accounts = Enumerable.Range(0, Accounts).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{n}")).ToArray();
        var eight = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await Parallel.ForEachAsync(accounts, eight, async (account, _) => await cluster.Client.PutAccountAsync(account, "strict"));
        var dueAt = (DateTimeOffset.UtcNow + DueAfter).InMilliseconds();
        await Parallel.ForEachAsync(accounts, eight, async (account, _) => await cluster.Client.PutManualInvoiceAsync(account, account + "-i", 1000, dueAt));
        await Task.WhenAll(silos.Select(silo => silo.KillAsync()));
        Assert.True(DateTimeOffset.UtcNow < dueAt, "The machine was too slow for this test to mean anything.");
        if (dueAt - DateTimeOffset.UtcNow is { Ticks: > 0 } wait) await Task.Delay(wait + TimeSpan.FromSeconds(1));

        var silo = await cluster.StartSiloAsync();
        var returnedAt = DateTimeOffset.UtcNow;
        List<TimeSpan> after = [];
        foreach (var account in accounts)
        {
            var step = Assert.Single(await cluster.Client.TimelineAsync(account, 1));
            Assert.Equal(("late", dueAt), ((string)step["standing"]!, step.Instant("effective_at")));
            after.Add(step.Instant("recorded_at") - returnedAt);
            Assert.Single(await cluster.Client.ListAsync($"/v1/events?account={account}"), e => (string)e["type"]! == "standing.changed");
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"the first silo was ready after {silo.ReadyAfter.TotalSeconds:0.0} s; {Accounts} deadlines were made up for at most {after.Max().TotalSeconds:0.0} s after that"));
        Assert.True(after.Max() <= MadeUpWithin, $"{after.Max()}\n{cluster.Output}");
    }
}
