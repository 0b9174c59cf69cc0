using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The operator's view, and a database that was restored.</summary>
public sealed class ClusterTests
{
    private const string Asleep = "--Billing:Delivery:WakeUps=false";

    [PostgresFact]
    public async Task Cluster_ShowsTheProcessesAndWhatIsBehind()
    {
        await using var app = await BillingApp.OnAsync("api_cluster");
        (await app.PutAsync("/v1/accounts/seen", """{"name": "A", "emails": ["a@b.example"], "currency": "USD", "policy": "cloudflare"}""")).Succeeded();

        var cluster = (await app.GetAsync("/v1/cluster")).Succeeded();

        var silo = Assert.Single(cluster["silos"].EnumerateArray());
        Assert.Equal("active", silo.GetProperty("status").GetString());
        Assert.NotEmpty(silo.GetProperty("version").GetString()!);
        Assert.Contains(cluster["activations"].EnumerateArray(), grain => grain.GetProperty("grain").GetString() == "account" && grain.GetProperty("count").GetInt32() >= 1);
        Assert.Equal(0, cluster["outbox"].GetProperty("stuck").GetInt32());
        Assert.True(cluster["sweeper"].GetProperty("lag_seconds").GetDouble() >= 0);
        Assert.True(cluster["reminders"].GetInt64() >= 0);
    }

    [PostgresFact]
    public async Task Restored_PausesCollectionBeforeAnythingMoves_UntilAnOperatorLetsItGoOn()
    {
        string account;
        await using (var app = await BillingApp.OnAsync("api_restored", Asleep))
        {
            (await app.PutAsync("/v1/controls", """{"collection_paused": true, "reason": "so that a rung waits"}""")).Succeeded();
            account = "restored";
            (await app.PutAsync("/v1/sandbox/methods/tok_restored", """{"script": ["ok"]}""")).Succeeded();
            (await app.PutAsync($"/v1/accounts/{account}", """{"name": "A", "emails": ["a@b.example"], "currency": "USD", "policy": "cloudflare", "test": true}""")).Succeeded();
            (await app.PutAsync($"/v1/accounts/{account}/payment_methods/card", """{"gateway": "sandbox", "token": "tok_restored", "kind": "card"}""")).Succeeded();
            (await app.PutAsync($"/v1/accounts/{account}/invoices/restored-1", """{"lines": [{"description": "Plan", "amount": 2000}]}""")).Succeeded();
        }

        // As the backup would have it: nothing was paused, and the rung is due.
        await ForgetPausesAsync("api_restored");
        await using var again = await BillingApp.OnAsync("api_restored", "--Billing:Restored=true");

        var controls = (await again.GetAsync("/v1/controls")).Succeeded();
        Assert.True(controls["collection_paused"].GetBoolean(), controls.Text);
        Assert.Contains("restored from a backup", controls.Text, StringComparison.Ordinal);
        await again.Grains.Invoice("restored-1").WakeUp(new Call(new Wake(), NodaTime.SystemClock.Instance.GetCurrentInstant()));
        Assert.Empty((await again.GetAsync($"/v1/sandbox/charges?account={account}"))["data"].EnumerateArray());

        (await again.PutAsync("/v1/controls", """{"collection_paused": false, "reason": "pulled"}""")).Succeeded();

        await EventuallyAsync(async () => (await again.GetAsync("/v1/invoices/restored-1"))["status"].GetString() == "paid");
    }

    private static async Task ForgetPausesAsync(string database)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync(database));
        await using var forget = source.CreateCommand("DELETE FROM grain_state WHERE grain_key = 'brake/installation'; DELETE FROM grain_index WHERE key = 'brake/installation'");
        await forget.ExecuteNonQueryAsync();
    }

    private static async Task EventuallyAsync(Func<Task<bool>> isSo)
    {
        using var bound = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!await isSo()) await timer.WaitForNextTickAsync(bound.Token);
    }
}
