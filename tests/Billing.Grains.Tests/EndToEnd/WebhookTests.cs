using System.Collections.Concurrent;
using System.Text.Json;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>Events out, from grain to subscriber, over real storage and real HTTP, on whichever engine this is.</summary>
public sealed class WebhookTests(WebhookTests.Impatient billing) : IClassFixture<WebhookTests.Impatient>, IAsyncLifetime
{
    private readonly ConcurrentQueue<(string Account, long Seq)> _taken = new();
    private readonly WebApplication _subscriber = Listen();
    private int _heard;

    public async Task InitializeAsync()
    {
        _subscriber.Run(TakeAsync);
        await _subscriber.StartAsync();
    }

    public async Task DisposeAsync() => await _subscriber.DisposeAsync();

    [PostgresFact]
    public async Task Events_Arrive_InOrder_FromASubscriberThatFails_AndAfterARestart()
    {
        string[] accounts = [.. Enumerable.Range(1, 5).Select(i => $"hooked-{i}")];
        var secret = new WebhookSecret(WebhookSignature.KeyOf(new byte[WebhookLimits.SecretBytes]), null);
        Assert.IsType<Done>(await TellAsync(new PutWebhookEndpoint(_subscriber.Urls.First(), ["hold.*"], null, secret, await billing.Events.HeadAsync())));
        await HoldAsync(accounts, rounds: 3);
        await Eventually.UntilAsync(() => _taken.Count, count => count > 3);

        await billing.RestartAsync();

        await HoldAsync(accounts, rounds: 2);
        await AllAreTakenAsync();
        var ends = await Eventually.UntilAsync(() => billing.Grains.WebhookEndpoint("w").Read(), state => state.Lanes.IsEmpty);
        Assert.Null(ends.Disabled);

        _taken.Clear();
        Assert.IsType<Done>(await TellAsync(new ReplayWebhooks(0, Key: null)));
        await AllAreTakenAsync();
    }

    private async Task AllAreTakenAsync()
    {
        var wanted = (await billing.Events.ReadAsync(0, null, ["hold.set", "hold.lifted"], 1_000)).Events.ToLookup(row => row.Account!, row => row.Seq);
        await Eventually.UntilAsync(() => _taken.Distinct().Count(), count => count == wanted.Sum(account => account.Count()));
        Assert.All(wanted, account => Assert.Equal(account, _taken.Distinct().Where(taken => taken.Account == account.Key).Select(taken => taken.Seq)));
    }

    private async Task HoldAsync(string[] accounts, int rounds)
    {
        foreach (var account in accounts)
        {
            var now = SystemClock.Instance.GetCurrentInstant();
            var profile = new AccountProfile { Id = account, Name = "Ada", Emails = ["ada@example.com"], Currency = Currency.Parse("EUR"), Policy = "cloudflare", Test = true };
            Assert.IsType<Done>(await billing.Grains.Account(account).Execute(new Call(new PutAccount(["name", "emails", "currency", "policy", "test"], profile), now)));
            for (var round = 0; round < rounds; round++)
            {
                Assert.IsType<Done>(await billing.Grains.Account(account).Execute(new Call(new PutHold(HoldCategory.Manual, ["purchase"], $"round {round}"), now)));
                Assert.IsType<Done>(await billing.Grains.Account(account).Execute(new Call(new ReleaseHold(HoldCategory.Manual), now)));
            }
        }
    }

    private Task<Reply> TellAsync(Message message) => billing.Grains.WebhookEndpoint("w").Execute(new Call(message, SystemClock.Instance.GetCurrentInstant()));

    private async Task TakeAsync(HttpContext http)
    {
        using var body = await JsonDocument.ParseAsync(http.Request.Body);
        http.Response.StatusCode = Interlocked.Increment(ref _heard) % 3 == 0 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
        var data = body.RootElement.GetProperty("data");
        if (http.Response.StatusCode == StatusCodes.Status204NoContent) _taken.Enqueue((data.GetProperty("account").GetString()!, data.GetProperty("seq").GetInt64()));
    }

    private static WebApplication Listen()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        return builder.Build();
    }

    /// <summary>Looks often, and tries again at once, as often as may be.</summary>
    public sealed class Impatient : BillingFixture
    {
        protected override Dictionary<string, string?> Settings => new(
            Enumerable.Range(0, 20).Select(i => KeyValuePair.Create($"Billing:Webhooks:Schedule:{i}", (string?)"00:00:00.02")), StringComparer.Ordinal) { ["Billing:Webhooks:LookEvery"] = "00:00:00.05" };
    }
}
