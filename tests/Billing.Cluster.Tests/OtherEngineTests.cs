using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;

namespace Billing.Cluster.Tests;

/// <summary>Start on one engine, grow into the other, and back, on the same database.</summary>
public sealed class OtherEngineTests
{
    /// <summary>Long enough for an engine to issue one more invoice and to end, on a busy machine.</summary>
    private static readonly TimeSpan UntilEnded = TimeSpan.FromSeconds(30);

    [PostgresFact]
    public async Task Episode_ThatBeganOnOneEngine_GoesOnOnTheOther_AndBack()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_engines"));
        var client = cluster.Client;

        // On the embedded engine: unpaid at once, and the second invoice will be after the engine is gone.
        var embedded = await cluster.StartEmbeddedAsync();
        await client.PutPolicyAsync("strict");
        await client.PutAccountAsync("grows", "strict");
        var first = await client.PutInvoiceDueSoonAsync("grows", "grows-1", 1000, "manual");
        Assert.Equal("late", (string)Assert.Single(await client.TimelineAsync("grows", 1))["standing"]!);
        var second = (DateTimeOffset.UtcNow + UntilEnded).InMilliseconds();
        await client.PutManualInvoiceAsync("grows", "grows-2", 1000, second);
        Assert.Equal(0, await embedded.EndAsync());

        // On Orleans it happens, and an episode of another account begins.
        var growsAt = DateTimeOffset.UtcNow.InMilliseconds();
        var orleans = await cluster.StartBothAsync();
        await client.PutAccountAsync("shrinks", "strict");
        var third = await client.PutInvoiceDueSoonAsync("shrinks", "shrinks-1", 1000, "manual");
        Assert.Equal([("late", first), ("blocked", second)], await StepsAsync(client, "grows", 2, growsAt));
        Assert.Equal("late", (string)Assert.Single(await client.TimelineAsync("shrinks", 1))["standing"]!);
        var fourth = (DateTimeOffset.UtcNow + UntilEnded).InMilliseconds();
        await client.PutManualInvoiceAsync("shrinks", "shrinks-2", 1000, fourth);
        Assert.Equal(0, await orleans.EndAsync());

        // And back.
        var shrinksAt = DateTimeOffset.UtcNow.InMilliseconds();
        await cluster.StartEmbeddedAsync();
        Assert.Equal([("late", third), ("blocked", fourth)], await StepsAsync(client, "shrinks", 2, shrinksAt));
        Assert.Equal([("late", first), ("blocked", second)], await StepsAsync(client, "grows", 2, growsAt));
        Callers.Done(await client.PostAsync("/v1/accounts/grows/pay", Callers.OneOff, "pay"));
        Assert.Equal("good", (await client.GetAsync("/v1/accounts/grows")).Text("standing"));
    }

    [PostgresFact]
    public async Task BothEnginesAtOnce_OnOneDatabase_AreRefusedAtStart_InEitherOrder()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_both"));
        var embedded = await cluster.StartEmbeddedAsync();
        var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.StartBothAsync(elsewhere: true));
        Assert.Contains("database", refused.Message, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(0, await embedded.EndAsync());

        await cluster.StartBothAsync();
        refused = await Assert.ThrowsAsync<InvalidOperationException>(() => cluster.StartEmbeddedAsync(elsewhere: true));
        Assert.Contains("database", refused.Message, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>The steps of an account's standing, of which the last was recorded by the engine that began at this instant: the one before it had ended.</summary>
    private static async Task<(string, DateTimeOffset)[]> StepsAsync(BillingClient client, string account, int steps, DateTimeOffset since)
    {
        var timeline = await client.TimelineAsync(account, steps);
        Assert.True(timeline[^1].Instant("recorded_at") >= since, $"It fell due before the other engine began, {since:O}: {timeline[^1]}");
        return [.. timeline.Select(step => ((string)step["standing"]!, step.Instant("effective_at")))];
    }
}
