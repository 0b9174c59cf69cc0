using System.Text.Json;
using Billing.Testing;
using Billing.Testing.Http;

namespace Billing.Api.Tests.WebhooksOut;

/// <summary>What tests of webhooks do with the service.</summary>
internal static class Hooks
{
    private static int _count;

    /// <summary>Looks often, and tries again at once, so that a test takes no longer than it must.</summary>
    public static string[] Impatient { get; } = ["--Billing:Webhooks:LookEvery=00:00:00.05", .. Enumerable.Range(0, 20).Select(i => $"--Billing:Webhooks:Schedule:{i}=00:00:00.02")];

    /// <summary>Looks often, and tries again as the specification has it.</summary>
    public static string[] Standard { get; } = ["--Billing:Webhooks:LookEvery=00:00:00.05"];

    public static string NewId() => $"hook-{Interlocked.Increment(ref _count)}";

    /// <summary>Makes an endpoint; its path and its secret.</summary>
    public static async Task<(string Path, string Secret, long From)> SubscribeAsync(this BillingApp app, string url, string events = "\"*\"")
    {
        var path = "/v1/webhook_endpoints/" + NewId();
        var made = (await app.PutAsync(path, $$"""{"url": "{{url}}", "events": [{{events}}]}""")).Succeeded();
        return (path, made["secret"].GetString()!, made["cursor"].GetInt64());
    }

    /// <summary>Makes accounts of real time.</summary>
    public static async Task AccountsAsync(this BillingApp app, params string[] accounts)
    {
        foreach (var account in accounts) (await app.PutAsync("/v1/accounts/" + account, """{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "cloudflare", "test": true}""")).Succeeded();
    }

    /// <summary>Makes so many events of each account, one a round.</summary>
    public static async Task EventsAsync(this BillingApp app, int rounds, params string[] accounts)
    {
        for (var round = 0; round < rounds; round++)
        {
            await Parallel.ForEachAsync(accounts, async (account, _) =>
            {
                var path = $"/v1/accounts/{account}/holds/manual";
                if (round % 2 == 0) (await app.PutAsync(path, $$"""{"deny": ["purchase"], "reason": "round {{round}}"}""")).Succeeded();
                else (await app.SendAsync("DELETE", path)).Succeeded();
            });
        }
    }

    /// <summary>The log as the API shows it, of these types.</summary>
    public static async Task<JsonElement[]> LogAsync(this BillingApp app, Func<string, bool> isWanted)
    {
        var (events, after) = (new List<JsonElement>(), "0");
        while (after is not null)
        {
            var page = (await app.GetAsync($"/v1/events?limit=200&after={after}")).Succeeded();
            events.AddRange(page["data"].EnumerateArray());
            after = page["next"].GetString();
        }

        return [.. events.Where(one => isWanted(one.GetProperty("type").GetString()!))];
    }

    /// <summary>For how many accounts an endpoint waits for its next try.</summary>
    public static async Task<int> FailingAsync(this BillingApp app, string path) => (await app.GetAsync(path))["failing"].GetArrayLength();

    /// <summary>The newest attempt like this in an endpoint's log, as soon as it is there: attempts are noted after the endpoint has taken them.</summary>
    public static async Task<JsonElement> AttemptAsync(this BillingApp app, string path, Func<JsonElement, bool> isLike, string what) =>
        (await Eventually.UntilAsync(() => app.GetAsync(path + "/deliveries?limit=200"), log => log["data"].EnumerateArray().Any(isLike), what))["data"].EnumerateArray().First(isLike);

    /// <summary>Waits until every event of the log that is wanted was taken, and holds it against the log: all of them, each account's in order, nothing else.</summary>
    public static async Task TookAllAsync(this Subscriber subscriber, BillingApp app, string secret, Func<string, bool> isWanted, long after = 0)
    {
        var log = (await app.LogAsync(isWanted)).Where(one => one.GetProperty("seq").GetInt64() > after).ToArray();
        var wanted = log.Select(one => one.GetProperty("seq").GetInt64()).ToHashSet();
        try
        {
            await Eventually.UntilAsync(() => subscriber.Taken.Count(heard => wanted.Contains(heard.Seq)), taken => taken == wanted.Count, $"{wanted.Count} events");
        }
        catch (TimeoutException late)
        {
            var endpoints = (await app.GetAsync("/v1/webhook_endpoints")).Text;
            throw new TimeoutException($"{late.Message}; {subscriber.Taken.Length} were taken. {endpoints}", late);
        }

        var taken = subscriber.Taken;
        foreach (var account in log.GroupBy(one => one.GetProperty("account").GetString()))
        {
            Assert.Equal(account.Select(one => one.GetProperty("seq").GetInt64()), taken.Where(heard => heard.Account == account.Key && wanted.Contains(heard.Seq)).Select(heard => heard.Seq));
        }

        foreach (var heard in subscriber.Heard)
        {
            Assert.True(isWanted(heard.Type));
            Assert.True(heard.IsSignedWith(secret));
            Assert.Equal($"evt_{heard.Seq}", heard.Id);
            var told = log.SingleOrDefault(one => one.GetProperty("seq").GetInt64() == heard.Seq);
            if (told.ValueKind == JsonValueKind.Object) Assert.True(JsonElement.DeepEquals(told, heard.Json.GetProperty("data")), $"{told} / {heard.Json}");
        }
    }
}
