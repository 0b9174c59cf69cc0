using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The operator's view, and a database that was restored.</summary>
public sealed class ClusterTests
{
    private const string Asleep = "--Billing:Delivery:WakeUps=false";

    [PostgresFact]
    public async Task Cluster_ShowsTheProcessesAndWhatIsBehind()
    {
        // Nobody wakes the account whose invoice falls due.
        await using var app = await BillingApp.OnAsync("api_cluster", Asleep, "--Billing:Sweeper:Every=01:00:00");
        Assert.Equal((0, 0), Sweeper((await app.GetAsync("/v1/cluster")).Succeeded()));
        using var client = new BillingClient(app.Address, BillingApp.Key);
        await client.PutPolicyAsync("strict");
        await client.PutAccountAsync("seen", "strict");
        var dueAt = await client.PutInvoiceDueSoonAsync("seen", "seen-1", 2000, "manual");

        var cluster = await Eventually.UntilAsync(() => app.GetAsync("/v1/cluster"), now => Sweeper(now).Overdue > 0);

        var silo = Assert.Single(cluster["silos"].EnumerateArray());
        Assert.Equal("active", silo.GetProperty("status").GetString());
        Assert.NotEmpty(silo.GetProperty("version").GetString()!);
        Assert.Contains(cluster["activations"].EnumerateArray(), grain => grain.GetProperty("grain").GetString() == "account" && grain.GetProperty("count").GetInt32() >= 1);
        Assert.Equal(0, cluster["outbox"].GetProperty("stuck").GetInt32());
        Assert.Equal((cluster["at"].GetDateTimeOffset() - dueAt).TotalSeconds, Sweeper(cluster).Lag, tolerance: 0.01);
    }

    [PostgresFact]
    public async Task Cluster_CountsReminders()
    {
        const int Accounts = 10;
        await using var app = await BillingApp.OnAsync("api_reminders");
        var before = (await app.GetAsync("/v1/cluster")).Succeeded()["reminders"].GetInt64();
        for (var n = 0; n < Accounts; n++) await IssueAsync(app, $"reminded-{n}", """["decline:insufficient_funds"]""");

        // The next try is tomorrow: until then only what is written down remembers it. Nothing else in the house sets as many.
        await Eventually.UntilAsync(async () => (await app.GetAsync("/v1/cluster"))["reminders"].GetInt64(), reminders => reminders >= before + Accounts);
    }

    [PostgresFact]
    public async Task Gateways_ShowTheirPulls()
    {
        await using var app = await BillingApp.OnAsync("api_gateways");
        var before = NodaTime.SystemClock.Instance.GetCurrentInstant();

        await Eventually.UntilAsync(PulledAsync, pull => pull.ValueKind == System.Text.Json.JsonValueKind.Object && pull.GetProperty("ended_at").GetDateTimeOffset() >= before.ToDateTimeOffset().AddMinutes(-1));

        var sandbox = Assert.Single((await app.GetAsync("/v1/gateways")).Succeeded()["data"].EnumerateArray());
        Assert.Equal("sandbox", sandbox.GetProperty("gateway").GetString());
        Assert.Equal(0, sandbox.GetProperty("last_pull").GetProperty("compared").GetInt32());
        Assert.Equal(sandbox.GetProperty("last_pull").GetProperty("begun_at").GetDateTimeOffset().AddMinutes(15), sandbox.GetProperty("next_at").GetDateTimeOffset());

        async Task<System.Text.Json.JsonElement> PulledAsync() => (await app.GetAsync("/v1/gateways"))["data"].EnumerateArray().Single().GetProperty("last_pull");
    }

    [PostgresFact]
    public async Task Restored_PausesCollectionBeforeAnythingMoves_UntilTheGatewaysChargesSinceThenArePulled()
    {
        const string Account = "restored";
        await using (var app = await BillingApp.OnAsync("api_restored"))
        {
            (await app.PutAsync("/v1/controls", """{"collection_paused": true, "reason": "so that a rung waits in the backup"}""")).Succeeded();
            await IssueAsync(app, Account, """["ok", "ok"]""");
            await SqlAsync("api_restored", "CREATE TABLE backup AS TABLE grain_state");
            (await app.PutAsync("/v1/controls", """{"collection_paused": false, "reason": "charged after the backup"}""")).Succeeded();
            await Eventually.UntilAsync(() => app.GetAsync("/v1/invoices/restored-1"), invoice => invoice["status"].GetString() == "paid");
        }

        // The backup knows of the rung that is due, and of no charge; nothing was paused in it.
        await SqlAsync("api_restored", "DELETE FROM grain_state; DELETE FROM grain_index; INSERT INTO grain_state SELECT * FROM backup WHERE grain_key <> 'brake/installation'");
        await using var again = await BillingApp.OnAsync("api_restored", "--Billing:Restored=true");

        await Eventually.UntilAsync(() => again.GetAsync("/v1/invoices/restored-1"), invoice => invoice["status"].GetString() == "paid");
        var controls = await Eventually.UntilAsync(() => again.GetAsync("/v1/controls"), now => !now["collection_paused"].GetBoolean());

        Assert.Contains("restored from a backup", controls.Text, StringComparison.Ordinal);
        Assert.Equal(20_00, (await again.GetAsync($"/v1/sandbox/charges?account={Account}"))["data"].EnumerateArray().Sum(charge => charge.GetProperty("amount").GetInt64()));
        Assert.Equal("restored-1~0", Assert.Single((await again.GetAsync($"/v1/accounts/{Account}/payments"))["data"].EnumerateArray()).GetProperty("id").GetString());
    }

    [PostgresFact]
    public async Task Restored_AnOperatorMayLetItGoOnBefore()
    {
        await using (await BillingApp.OnAsync("api_restored_by_hand", Asleep))
        {
            // It makes the database.
        }

        // One gateway does not answer, so its books are not pulled.
        await using var again = await BillingApp.OnAsync("api_restored_by_hand", "--Billing:Restored=true", "--Billing:Gateways:Stripe:ApiKey=sk_live_x", "--Billing:Gateways:Stripe:BaseUrl=http://127.0.0.1:9");
        var controls = (await again.GetAsync("/v1/controls")).Succeeded();
        Assert.True(controls["collection_paused"].GetBoolean(), controls.Text);

        var after = (await again.PutAsync("/v1/controls", """{"collection_paused": false, "reason": "nothing was charged there"}""")).Succeeded();

        Assert.False(after["collection_paused"].GetBoolean());
    }

    private static (long Overdue, double Lag) Sweeper(Answer cluster) => (cluster["sweeper"].GetProperty("overdue").GetInt64(), cluster["sweeper"].GetProperty("lag_seconds").GetDouble());

    /// <summary>An account of real time whose card does this, and an invoice that is charged to it.</summary>
    private static async Task IssueAsync(BillingApp app, string account, string script)
    {
        (await app.PutAsync($"/v1/sandbox/methods/tok_{account}", $$"""{"script": {{script}}}""")).Succeeded();
        (await app.PutAsync($"/v1/accounts/{account}", """{"name": "A", "emails": ["a@b.example"], "currency": "USD", "policy": "cloudflare", "test": true}""")).Succeeded();
        (await app.PutAsync($"/v1/accounts/{account}/payment_methods/card", $$"""{"gateway": "sandbox", "token": "tok_{{account}}", "kind": "card"}""")).Succeeded();
        (await app.PutAsync($"/v1/accounts/{account}/invoices/{account}-1", """{"lines": [{"description": "Plan", "amount": 2000}]}""")).Succeeded();
    }

    private static async Task SqlAsync(string database, string sql)
    {
        await using var source = Npgsql.NpgsqlDataSource.Create(await PostgresCluster.CreateDatabaseAsync(database));
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }
}
