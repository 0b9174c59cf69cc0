using Billing.Cluster.Tests.Loads;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;

namespace Billing.Cluster.Tests;

/// <summary>Start on one engine, grow into the other, and back, on the same database.</summary>
public sealed class OtherEngineTests
{
    /// <summary>Long enough for an engine to end and the other one to begin, on a busy machine.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromSeconds(50);

    [PostgresFact]
    public async Task Episode_ThatBeganOnOneEngine_GoesOnOnTheOther_AndBack()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_engines"));
        var client = cluster.Client;

        // On the embedded engine: unpaid at once, and the second invoice will be after the engine is gone.
        var embedded = await cluster.StartEmbeddedAsync();
        await client.PutPolicyAsync("strict");
        var first = await DueSoonAsync(client, "grows", "grows-1");
        var second = first + Step;
        await client.PutManualInvoiceAsync("grows", "grows-2", 1000, second);
        Assert.Equal("late", (string)Assert.Single(await client.TimelineAsync("grows", 1))["standing"]!);
        Assert.Equal(0, await embedded.EndAsync());

        // On Orleans it happens, and an episode of another account begins.
        var orleans = await cluster.StartBothAsync();
        var third = await DueSoonAsync(client, "shrinks", "shrinks-1");
        var fourth = second + Step;
        await client.PutManualInvoiceAsync("shrinks", "shrinks-2", 1000, fourth);
        Assert.Equal([("late", first), ("blocked", second)], await StepsAsync(client, "grows", 2));
        Assert.Equal([("late", third)], await StepsAsync(client, "shrinks", 1));
        Assert.Equal(0, await orleans.EndAsync());

        // And back.
        await cluster.StartEmbeddedAsync();
        Assert.Equal([("late", third), ("blocked", fourth)], await StepsAsync(client, "shrinks", 2));
        Assert.Equal([("late", first), ("blocked", second)], await StepsAsync(client, "grows", 2));
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

    /// <summary>An account with an invoice that is due as soon as this machine can issue it.</summary>
    private static async Task<DateTimeOffset> DueSoonAsync(BillingClient client, string account, string invoice)
    {
        await client.PutAccountAsync(account, "strict");
        var dueAt = DateTimeOffset.UtcNow.AddSeconds(10).InMilliseconds();
        await client.PutManualInvoiceAsync(account, invoice, 1000, dueAt);
        return dueAt;
    }

    private static async Task<(string, DateTimeOffset)[]> StepsAsync(BillingClient client, string account, int steps) =>
        [.. (await client.TimelineAsync(account, steps)).Select(step => ((string)step["standing"]!, step.Instant("effective_at")))];
}
