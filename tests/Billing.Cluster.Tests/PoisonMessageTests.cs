using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Npgsql;

namespace Billing.Cluster.Tests;

/// <summary>A message that its receiver cannot take, whatever one does: here because the receiver's row cannot be read.</summary>
public sealed class PoisonMessageTests
{
    [PostgresFact]
    public async Task PoisonMessage_StopsItsOwnPairAlone_IsOnTheAttentionList_AndGoesOnceItCanBeTaken()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_poison"));
        // Ten tries in seconds instead of a minute.
        cluster.Settings["Billing__Delivery__FirstRetry"] = "00:00:00.010";
        cluster.Settings["Billing__Delivery__LongestRetry"] = "00:00:01";
        await cluster.StartAsync(2);
        var client = cluster.Client;
        await client.PutAccountAsync("a", "cloudflare");
        foreach (var invoice in (string[])["poisoned", "other"]) await client.PutManualInvoiceAsync("a", invoice, 1000, DateTimeOffset.UtcNow.AddDays(60));
        var good = await ReplaceAsync(cluster.Database, "inv/poisoned", """{"kind":"invoice","state":"unreadable"}"""u8.ToArray());

        // The account takes the money and cannot tell this invoice; it can tell the other one, and the gate.
        await client.TryPostAsync("/v1/invoices/poisoned/pay", new { wait_seconds = 1, one_off = new { gateway = "sandbox", token = "once", kind = "card" } }, "poisoned");
        Assert.Equal(200, (await client.PostAsync("/v1/invoices/other/pay", Callers.OneOff, "other")).Status);
        Assert.Equal("paid", (await client.GetAsync("/v1/invoices/other")).Text("status"));
        var entry = await Eventually.GetAsync("It is on the attention list", async () => (await AttentionAsync(client)).FirstOrDefault(text => text.Contains("poisoned", StringComparison.Ordinal)));
        Assert.Contains("\"account\":\"a\"", entry, StringComparison.Ordinal);
        Assert.True((await client.GetAsync("/v1/accounts/a/gate?operation=purchase")).IsDone);

        // The row is mended: the message goes, and the entry with it.
        await ReplaceAsync(cluster.Database, "inv/poisoned", good);
        await Eventually.GetAsync("The invoice is paid", async () => (await client.GetAsync("/v1/invoices/poisoned")).Text("status") == "paid" ? client : null);
        await Eventually.GetAsync("The attention list is empty", async () => (await AttentionAsync(client)).Count == 0 ? client : null);
    }

    private static async Task<IReadOnlyList<string>> AttentionAsync(BillingClient client) => [.. (await client.ListAsync("/v1/attention")).Select(entry => entry.ToJsonString())];

    /// <summary>Puts another payload into a grain's row, as no write of the house does, and gives the old one back.</summary>
    private static async Task<byte[]> ReplaceAsync(string database, string key, byte[] payload)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var read = source.CreateCommand("SELECT payload FROM grain_state WHERE grain_key = $1");
        read.Parameters.AddWithValue(key);
        var old = (byte[])(await read.ExecuteScalarAsync())!;
        await using var write = source.CreateCommand("UPDATE grain_state SET payload = $2, version = version + 1 WHERE grain_key = $1");
        write.Parameters.AddWithValue(key);
        write.Parameters.AddWithValue(payload);
        await write.ExecuteNonQueryAsync();
        return old;
    }
}
