using System.Collections.Concurrent;
using System.Text.Json;
using Billing.Testing;
using Billing.Testing.Http;
using Microsoft.AspNetCore.Http;

namespace Billing.Api.Tests.WebhooksOut;

/// <summary>Events out, over real HTTP: at least once, an account's in order, whatever the subscriber does.</summary>
public sealed class DeliveryTests
{
    private static readonly string[] s_accounts = [.. Enumerable.Range(1, 12).Select(i => $"a-{i}")];

    [PostgresFact]
    public async Task Subscriber_ThatFailsAThirdOfTheTime_GetsEachEvent_InOrder()
    {
        await using var app = await BillingApp.OnAsync("hooks_third", Hooks.Impatient);
        await FailAThirdAsync(app);
    }

    [Fact]
    public async Task Subscriber_ThatFailsAThirdOfTheTime_GetsEachEvent_InOrder_OnMemoryToo()
    {
        await using var app = await BillingApp.OnEmptyAsync(Hooks.Impatient);
        await FailAThirdAsync(app);
    }

    [PostgresFact]
    public async Task Restart_GoesOnFromTheCursor()
    {
        await using var subscriber = await Subscriber.StartAsync();
        var isOpen = false;
        var seen = 0;
        subscriber.Answer = (_, http) => Subscriber.Respond(http, isOpen || Interlocked.Increment(ref seen) % 2 == 0 ? 200 : 503);
        string secret, path;
        long from;
        await using (var app = await BillingApp.OnAsync("hooks_restart", Hooks.Standard))
        {
            (path, secret, from) = await app.SubscribeAsync(subscriber.Url);
            await app.AccountsAsync(s_accounts);
            await app.EventsAsync(2, s_accounts);
            // Some are taken, and some wait for their next try.
            await Eventually.UntilAsync(async () => (Failing: await app.FailingAsync(path), Taken: subscriber.Taken.Length), now => now is { Failing: > 0, Taken: > 3 });
        }

        isOpen = true;
        await using var again = await BillingApp.OnAsync("hooks_restart", Hooks.Impatient);
        await again.EventsAsync(1, s_accounts);
        // What waits by the specification's schedule is tried at once when an operator says so.
        (await again.PutAsync(path, $$"""{"url": "{{subscriber.Url}}?again"}""")).Succeeded();
        await subscriber.TookAllAsync(again, secret, _ => true, from);
    }

    [PostgresFact]
    public async Task Events_ThatAreNotWanted_AreNotSent_AndTheCursorPassesThem()
    {
        await using var app = await BillingApp.OnAsync("hooks_filter", Hooks.Impatient);
        await using var lifted = await Subscriber.StartAsync();
        await using var holds = await Subscriber.StartAsync();
        var (one, oneSecret, _) = await app.SubscribeAsync(lifted.Url, "\"hold.lifted\"");
        var (_, allSecret, _) = await app.SubscribeAsync(holds.Url, "\"hold.*\", \"policy.changed\"");
        await app.AccountsAsync("f-1", "f-2");
        await app.EventsAsync(3, "f-1", "f-2");

        await lifted.TookAllAsync(app, oneSecret, type => type == "hold.lifted");
        await holds.TookAllAsync(app, allSecret, type => type.StartsWith("hold.", StringComparison.Ordinal));
        Assert.DoesNotContain(lifted.Heard, heard => heard.Type != "hold.lifted");
        Assert.True((await app.GetAsync(one))["cursor"].GetInt64() > 0);
    }

    [PostgresFact]
    public async Task Test_IsSaidOfTestAccounts_AndOfNoOther()
    {
        await using var app = await BillingApp.OnAsync("hooks_test", Hooks.Impatient);
        await using var subscriber = await Subscriber.StartAsync();
        await app.SubscribeAsync(subscriber.Url, "\"hold.set\"");
        await app.AccountsAsync("t-test");
        (await app.PutAsync("/v1/accounts/t-live", """{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "cloudflare"}""")).Succeeded();
        (await app.PutAsync("/v1/test_clocks/t", """{"now": "2026-03-01T00:00:00Z"}""")).Succeeded();
        (await app.PutAsync("/v1/accounts/t-clock", """{"name": "A", "emails": ["a@example.com"], "currency": "USD", "policy": "cloudflare", "test_clock": "t"}""")).Succeeded();
        await app.EventsAsync(1, "t-test", "t-live", "t-clock");

        await Eventually.UntilAsync(() => subscriber.Taken.Length, taken => taken == 3);
        foreach (var heard in subscriber.Heard)
        {
            Assert.Equal(heard.Account != "t-live", heard.Json.TryGetProperty("test", out var test) && test.GetBoolean());
            Assert.Equal(heard.Json.GetProperty("data").GetProperty("occurred_at").GetString(), heard.Json.GetProperty("timestamp").GetString());
            // Deliveries are of real time, also those of an account that lives in March.
            Assert.True(heard.SentAt > new DateTimeOffset(2026, 6, 1, 0, 0, 0, TimeSpan.Zero));
        }
    }

    [PostgresFact]
    public async Task Replay_SendsAgain_WithTheSameIds_InOrder()
    {
        await using var app = await BillingApp.OnAsync("hooks_replay", Hooks.Impatient);
        await using var subscriber = await Subscriber.StartAsync();
        await app.AccountsAsync("r-1");
        await app.EventsAsync(2, "r-1");
        var (path, secret, _) = await app.SubscribeAsync(subscriber.Url, "\"hold.*\"");
        await app.EventsAsync(1, "r-1");
        await Eventually.UntilAsync(() => subscriber.Taken.Length, taken => taken == 1, "what happened since");

        var replayed = (await app.PostAsync(path + "/replay", """{"after": 0}""", "k")).Succeeded();
        await Eventually.UntilAsync(() => subscriber.Heard.Length, heard => heard == 4, "all of them, the last one twice");
        var log = (await app.LogAsync(type => type.StartsWith("hold.", StringComparison.Ordinal))).Select(one => one.GetProperty("seq").GetInt64()).ToArray();
        Assert.Equal([log[2], .. log], subscriber.Heard.Select(heard => heard.Seq));
        Assert.All(subscriber.Heard, heard => Assert.True(heard.IsSignedWith(secret)));
        Assert.Equal(subscriber.Heard[0].Id, subscriber.Heard[3].Id);
        Assert.Equal(subscriber.Heard[0].Body, subscriber.Heard[3].Body);
        Assert.False(replayed.Json.TryGetProperty("secret", out _));

        Assert.Equal("true", (await app.PostAsync(path + "/replay", """{"after": 0}""", "k")).Succeeded().Headers["Idempotent-Replayed"]);
        (await app.PostAsync(path + "/replay", """{"after": 1}""", "k")).IsProblem(422, "idempotency_mismatch");
        (await app.PostAsync(path + "/replay", """{"after": 1000000}""")).IsProblem(422, "invalid_request");
        (await app.PostAsync("/v1/webhook_endpoints/nobody/replay", """{"after": 0}""")).IsProblem(404, "not_found");
        Assert.Equal(4, subscriber.Heard.Length);
    }

    [PostgresFact]
    public async Task Rotate_BothSecretsSign()
    {
        await using var app = await BillingApp.OnAsync("hooks_rotate", Hooks.Impatient);
        await using var subscriber = await Subscriber.StartAsync();
        var (path, old, _) = await app.SubscribeAsync(subscriber.Url, "\"hold.*\"");
        var rotated = (await app.PostAsync(path + "/rotate", "{}", "k")).Succeeded();
        var fresh = rotated["secret"].GetString()!;
        var replayed = (await app.PostAsync(path + "/rotate", "{}", "k")).Succeeded();
        await app.AccountsAsync("s-1");
        await app.EventsAsync(1, "s-1");

        await Eventually.UntilAsync(() => subscriber.Taken.Length, taken => taken == 1);
        var heard = subscriber.Heard[0];
        Assert.True(heard.IsSignedWith(old) && heard.IsSignedWith(fresh) && old != fresh);
        Assert.False(heard.IsSignedWith("whsec_" + Convert.ToBase64String(new byte[32])));
        Assert.Equal(2, heard.Signatures.Split(' ').Length);
        Assert.Equal("true", replayed.Headers["Idempotent-Replayed"]);
        Assert.False(replayed.Json.TryGetProperty("secret", out _));
        Assert.Equal(2, (await app.GetAsync(path))["secrets"].GetInt32());
    }

    [PostgresFact]
    public async Task Dead_DelaysNobody_AndNoAccountTheNext()
    {
        // What a busy machine answers too late comes again in ten seconds, and not only after five minutes; nothing is used up for longer than this may take.
        await using var app = await BillingApp.OnAsync("hooks_dead", [.. Hooks.Standard, "--Billing:Webhooks:Timeout=00:00:02", .. Enumerable.Range(0, 20).Select(i => $"--Billing:Webhooks:Schedule:{i}=00:00:{(i == 0 ? 0 : 10):00}")]);
        await using var well = await Subscriber.StartAsync();
        await using var ill = await Subscriber.StartAsync();
        using var never = new CancellationTokenSource();
        // One account's events fail, one's are never answered; the others are taken.
        ill.Answer = (heard, http) => heard.Account switch
        {
            "d-1" => Subscriber.Respond(http, 500),
            "d-2" => Task.Delay(Timeout.InfiniteTimeSpan, CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, never.Token).Token),
            _ => Subscriber.Respond(http, 200),
        };
        var (_, secret, _) = await app.SubscribeAsync(well.Url, "\"hold.*\"");
        var (path, _, _) = await app.SubscribeAsync(ill.Url, "\"hold.*\"");
        var (dead, _, _) = await app.SubscribeAsync("http://127.0.0.1:9/", "\"hold.*\"");
        string[] accounts = ["d-1", "d-2", "d-3", "d-4"];
        await app.AccountsAsync(accounts);
        await app.EventsAsync(4, accounts);

        await well.TookAllAsync(app, secret, type => type.StartsWith("hold.", StringComparison.Ordinal));
        await Eventually.UntilAsync(() => ill.Taken.Length, taken => taken == 8, "both accounts that are well");
        await Eventually.UntilAsync(() => app.FailingAsync(path), failing => failing == 2, "both accounts that fail");
        await Eventually.UntilAsync(() => app.FailingAsync(dead), failing => failing == 4, "every account of the dead one");

        var first = (await app.LogAsync(type => type == "hold.set"))[0].GetProperty("seq").GetInt64();
        Assert.True((await app.GetAsync(dead))["cursor"].GetInt64() < first);
        await app.AttemptAsync(path, attempt => attempt.GetProperty("account").GetString() == "d-2" && attempt.GetProperty("error").GetString() == "timeout" && attempt.GetProperty("status").ValueKind == JsonValueKind.Null, "one that was not answered");
        await app.AttemptAsync(path, attempt => attempt.GetProperty("account").GetString() == "d-1" && attempt.GetProperty("status").ValueKind == JsonValueKind.Number && attempt.GetProperty("status").GetInt32() == 500 && !attempt.GetProperty("delivered").GetBoolean(), "one that failed");
        await app.AttemptAsync(dead, attempt => attempt.GetProperty("error").GetString() == "not_reached", "one that reached nobody");
    }

    private static async Task FailAThirdAsync(BillingApp app)
    {
        await using var subscriber = await Subscriber.StartAsync();
        var tries = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        var ill = 0;
        // A third fails: by 500, by hanging up, by a redirect. Each event is taken at its fourth try at the latest.
        subscriber.Answer = (heard, http) =>
        {
            if (heard.Seq % 3 != 0 || tries.AddOrUpdate(heard.Id, 1, (_, count) => count + 1) > 3) return Subscriber.Respond(http, 200);
            switch (Interlocked.Increment(ref ill) % 3)
            {
                case 0:
                    http.Abort();
                    return Task.CompletedTask;
                case 1:
                    http.Response.Headers.Location = "/elsewhere";
                    return Subscriber.Respond(http, 302);
                default:
                    return Subscriber.Respond(http, 500);
            }
        };
        var (path, secret, from) = await app.SubscribeAsync(subscriber.Url);
        await app.AccountsAsync(s_accounts);
        await app.EventsAsync(6, s_accounts);

        await subscriber.TookAllAsync(app, secret, _ => true, from);
        Assert.True(ill > 0);
        Assert.DoesNotContain(subscriber.Heard, heard => heard.Path != "/hooks" || heard.Method != "POST");
        await Eventually.UntilAsync(() => app.GetAsync(path), endpoint => endpoint["in_flight"].GetInt32() == 0);
    }
}
