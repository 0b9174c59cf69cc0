using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;
using Billing.Cluster.Tests.Processes;
using Billing.Testing;
using Billing.Testing.Http;
using Billing.Testing.Loads;
using Xunit.Abstractions;

namespace Billing.Cluster.Tests;

/// <summary>
/// The worst that can happen to a payment: its silo stops between the stored attempt and the gateway, is given up, its
/// accounts live on elsewhere, and then it goes on as if nothing had been.
/// </summary>
public sealed class FrozenSiloTests(ITestOutputHelper output)
{
    /// <summary>So many at a time.</summary>
    private const int Accounts = 30;
    private const int MostAccounts = 10 * Accounts;

    [PostgresFact]
    public async Task SiloStoppedBeforeItsGatewayCall_EvictedAndLetGoOn_ChargesNothingTwice_AndAnswersNothingStale()
    {
        await using var cluster = RunningCluster.On(await PostgresCluster.CreateEmptyDatabaseAsync("cluster_frozen"));
        cluster.DetectFailuresSoon();
        await cluster.StartAsync(2);
        var frozen = await cluster.StartSiloAsync("before_gateway:1:stop");
        var client = cluster.Client;
        await client.PutClockAsync("clock");

        // Payments until the silo meets one of its own: which grains it gets is the cluster's business. Whoever waits for
        // it is answered by another one in the end.
        var accounts = new List<string>();
        while (!frozen.Process.IsStopped)
        {
            Assert.True(accounts.Count < MostAccounts, $"None of {accounts.Count} payments was of the silo that is to stop: this was no test.");
            var more = Enumerable.Range(accounts.Count, Accounts).Select(n => string.Create(CultureInfo.InvariantCulture, $"a{n}")).ToArray();
            await Parallel.ForEachAsync(more, new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (account, _) =>
            {
                await client.PutAccountAsync(account, "cloudflare", "clock");
                await client.PutManualInvoiceAsync(account, account + "-i", 1000, Plan.Start.AddDays(60));
            });
            accounts.AddRange(more);
            foreach (var answer in await Task.WhenAll(more.Select(account => client.PostAsync($"/v1/invoices/{account}-i/pay", Callers.OneOff, "first"))))
                Assert.True(answer.Status is 200 or 202, answer.ToString());
        }

        // Elsewhere each ends: those that were never sent are asked for, found absent, and paid again.
        await client.AdvanceAsync("clock", Plan.Start.AddHours(2));
        var again = 0;
        var versions = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var account in accounts)
        {
            var paid = await client.PostAsync($"/v1/invoices/{account}-i/pay", Callers.OneOff, "first");
            if (paid.Code == "payment_declined")
            {
                again++;
                paid = await client.PostAsync($"/v1/invoices/{account}-i/pay", Callers.OneOff, "second");
            }

            Assert.True(paid.Status == 200, $"{account}: {paid}\n{cluster.Output}");
            versions[account] = (long)paid.Body["standing_version"]!;
        }

        Assert.True(again > 0, "No payment was on its way in the silo that stopped: this was no test.");
        frozen.Process.GoOn();
        await AskInsistinglyAsync(cluster, frozen, versions);

        // What the silo still sends comes too late: the key is closed.
        await client.AdvanceAsync("clock", Plan.Start.AddHours(4));
        foreach (var account in accounts)
        {
            var moved = (await client.ListAsync("/v1/sandbox/charges?account=" + account)).Where(charge => (string)charge["status"]! != "failed");
            Assert.Equal(1000, (long)Assert.Single(moved)["amount"]!);
            Assert.Equal(0, (long)(await client.GetAsync("/v1/accounts/" + account)).Body["amount_due"]!);
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{again} of {accounts.Count} payments were on their way in the silo that stopped"));
    }

    /// <summary>While the evicted silo is awake again, and until it has ended: no answer knows less than was asked for.</summary>
    private static async Task AskInsistinglyAsync(RunningCluster cluster, ClusterProcess frozen, Dictionary<string, long> versions)
    {
        using var http = new HttpClient { BaseAddress = cluster.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", RunningCluster.AdminKey);
        var ended = frozen.Process.ExitAsync().WaitAsync(Eventually.Bound);
        do
        {
            foreach (var (account, version) in versions)
            {
                using var response = await http.GetAsync(new Uri($"/v1/accounts/{account}/gate?operation=purchase&min_version={version}", UriKind.Relative));
                var text = await response.Content.ReadAsStringAsync();
                if ((int)response.StatusCode == 503) continue;
                Assert.True(response.IsSuccessStatusCode, text);
                Assert.True((long)JsonNode.Parse(text)!["standing_version"]! >= version, text);
            }
        }
        while (!ended.IsCompleted);
        await ended;
    }
}
