using System.Globalization;
using System.Text.Json.Nodes;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>Deadlines that fall due while nobody is there.</summary>
public sealed class DeadlinesTests(ITestOutputHelper output)
{
    private const int Accounts = 40;

    /// <summary>After so long, counted from the first silo's return, everything has taken effect.</summary>
    private static readonly TimeSpan MadeUpWithin = TimeSpan.FromMinutes(1);

    /// <summary>Long enough to kill every process, on a busy machine.</summary>
    private static readonly TimeSpan ToKill = TimeSpan.FromSeconds(5);

    [PostgresFact]
    public async Task AllSilosKilled_WhileDeadlinesFallDue_EachTakesEffectOnce_WithItsTrueTime_WithinAMinute()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_deadlines"));
        // The safety net as an operator has it.
        foreach (var sweeper in cluster.Settings.Keys.Where(key => key.StartsWith("Billing__Sweeper", StringComparison.Ordinal)).ToArray()) cluster.Settings.Remove(sweeper);
        var silos = await cluster.StartAsync(3);
        await cluster.Client.PutPolicyAsync("strict");
        string[] accounts = [];
        var tries = 0;
        var dueAt = await Callers.SoonAsync(4 * ToKill, async dueAt =>
        {
            // Invoices of a try that took too long fall due while everybody is there: each try has accounts of its own.
            accounts = [.. Enumerable.Range(0, Accounts).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{tries}-{n}"))];
            tries++;
            return await IssueAsync(cluster.Client, accounts, dueAt) && DateTimeOffset.UtcNow + ToKill < dueAt;
        });
        await Task.WhenAll(silos.Select(silo => silo.KillAsync()));
        Assert.True(DateTimeOffset.UtcNow < dueAt, $"Killing three processes took more than {ToKill}.");
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

    /// <summary>Whether each account has an invoice, issued before it was due.</summary>
    private static async Task<bool> IssueAsync(BillingClient client, string[] accounts, DateTimeOffset dueAt)
    {
        var late = 0;
        await Parallel.ForEachAsync(accounts, new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (account, _) =>
        {
            await client.PutAccountAsync(account, "strict");
            if (!await client.IsIssuedBeforeAsync(account, account + "-i", 1000, "manual", dueAt)) Interlocked.Increment(ref late);
        });
        return late == 0;
    }
}
