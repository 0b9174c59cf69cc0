using System.Text.Json;
using Billing.Testing;
using Billing.Testing.Http;
using Microsoft.AspNetCore.Http;

namespace Billing.Api.Tests.WebhooksOut;

/// <summary>What a subscriber's answers mean.</summary>
public sealed class AnswerTests(MemoryApp memory) : IClassFixture<MemoryApp>, IAsyncLifetime
{
    private readonly BillingApp _app = memory.App;
    private Subscriber _subscriber = null!;

    public async Task InitializeAsync() => _subscriber = await Subscriber.StartAsync();

    public async Task DisposeAsync() => await _subscriber.DisposeAsync();

    [Fact]
    public async Task Gone_DisablesIt_AHumanIsAsked_AndEnabledAgainNothingIsLost()
    {
        _subscriber.Answer = (_, http) => Subscriber.Respond(http, 410);
        var (path, secret, from) = await _app.SubscribeAsync(_subscriber.Url, "\"hold.*\", \"attention.*\"");
        await _app.AccountsAsync("g-1");
        await _app.EventsAsync(2, "g-1");
        var disabled = await Eventually.UntilAsync(() => _app.GetAsync(path), endpoint => !endpoint["enabled"].GetBoolean());

        Assert.Equal("gone", disabled["disabled"].GetProperty("reason").GetString());
        var entry = (await AttentionAsync(path))!.Value;
        Assert.Equal("webhook_disabled", entry.GetProperty("kind").GetString());
        Assert.Equal(JsonValueKind.Null, entry.GetProperty("account").ValueKind);
        var before = _subscriber.Heard.Length;
        await _app.EventsAsync(2, "g-1");

        _subscriber.Answer = static (_, http) => Subscriber.Respond(http, 204);
        (await _app.PutAsync(path, """{"enabled": true}""")).Succeeded();
        await _subscriber.TookAllAsync(_app, secret, type => type.StartsWith("hold.", StringComparison.Ordinal) || type.StartsWith("attention.", StringComparison.Ordinal), from);
        Assert.Equal(1, before);
        Assert.Equal(["attention.raised", "attention.resolved"], _subscriber.Taken.Where(heard => heard.Account is null).Select(heard => heard.Type));
        Assert.Null(await AttentionAsync(path));
    }

    [Fact]
    public async Task Attention_CanBeResolved()
    {
        _subscriber.Answer = (_, http) => Subscriber.Respond(http, 410);
        var (path, _, _) = await _app.SubscribeAsync(_subscriber.Url, "\"hold.*\"");
        await _app.AccountsAsync("v-1");
        await _app.EventsAsync(1, "v-1");
        var id = (await Eventually.UntilAsync(() => AttentionAsync(path), entry => entry is not null))!.Value.GetProperty("id").GetString();

        Assert.Equal(204, (int)(await _app.PostAsync($"/v1/attention/{id}/resolve")).Status);
        Assert.Null(await AttentionAsync(path));
        Assert.False((await _app.GetAsync(path))["enabled"].GetBoolean());
        (await _app.PostAsync("/v1/attention/webhook_endpoint!nobody!x/resolve")).IsProblem(404, "not_found");
    }

    [Theory]
    [InlineData(503, "120", 120, false)]
    [InlineData(503, null, 5, false)]
    [InlineData(503, "1", 5, false)]
    [InlineData(429, "120", 120, true)]
    [InlineData(429, "Wed, 01 Jan 2020 00:00:00 GMT", 5, false)]
    [InlineData(404, null, 5, false)]
    public async Task RetryAfter_IsHonoured(int status, string? retryAfter, int atLeast, bool isQuiet)
    {
        _subscriber.Answer = (_, http) =>
        {
            if (retryAfter is not null) http.Response.Headers.RetryAfter = retryAfter;
            return Subscriber.Respond(http, status);
        };
        var (path, _, _) = await _app.SubscribeAsync(_subscriber.Url, "\"hold.*\"");
        var account = $"ra-{Hooks.NewId()}";
        await _app.AccountsAsync(account);
        await _app.EventsAsync(1, account);
        var endpoint = await Eventually.UntilAsync(() => _app.GetAsync(path), endpoint => endpoint["failing"].GetArrayLength() == 1, "it failed");
        var attempt = await _app.AttemptAsync(path, one => one.GetProperty("attempt").GetInt32() == 1, "the attempt is noted");
        var waits = endpoint["failing"][0].GetProperty("next_attempt_at").GetDateTimeOffset() - attempt.GetProperty("at").GetDateTimeOffset();
        // Chance adds at most a fifth to a wait of the schedule; what lies between sending and deciding is the machine's.
        Assert.True(waits >= TimeSpan.FromSeconds(atLeast), $"{waits}");
        Assert.Equal(isQuiet, endpoint["quiet_until"].ValueKind == JsonValueKind.String);
        Assert.Equal(status, attempt.GetProperty("status").GetInt32());
    }

    [Fact]
    public async Task Body_OfTheAnswer_WithoutEnd_HoldsNothingUp()
    {
        _subscriber.Answer = async (_, http) =>
        {
            http.Response.StatusCode = 200;
            var block = new byte[64 * 1024];
            // Without end: only a reader that hangs up ends it.
            while (!http.RequestAborted.IsCancellationRequested) await http.Response.Body.WriteAsync(block, CancellationToken.None);
        };
        var (path, _, _) = await _app.SubscribeAsync(_subscriber.Url, "\"hold.*\"");
        await _app.AccountsAsync("b-1");
        await _app.EventsAsync(3, "b-1");

        await Eventually.UntilAsync(() => _app.GetAsync(path + "/deliveries"), log => log["data"].EnumerateArray().Count(attempt => attempt.GetProperty("delivered").GetBoolean()) == 3, "three deliveries");
    }

    [Fact]
    public async Task Redirect_IsNotFollowed()
    {
        await using var other = await Subscriber.StartAsync();
        _subscriber.Answer = (_, http) =>
        {
            http.Response.Headers.Location = other.Url;
            return Subscriber.Respond(http, 307);
        };
        var (path, _, _) = await _app.SubscribeAsync(_subscriber.Url, "\"hold.*\"");
        await _app.AccountsAsync("c-1");
        await _app.EventsAsync(1, "c-1");

        await Eventually.UntilAsync(() => _app.FailingAsync(path), failing => failing == 1);
        Assert.Equal(307, (await _app.AttemptAsync(path, _ => true, "the attempt is noted")).GetProperty("status").GetInt32());
        Assert.Empty(other.Heard);
    }

    /// <summary>What the list of what needs a human says of an endpoint.</summary>
    private async Task<JsonElement?> AttentionAsync(string path)
    {
        var found = (await _app.GetAsync("/v1/attention"))["data"].EnumerateArray().Where(entry => entry.GetProperty("subject").GetString() == path.Split('/')[^1]).ToArray();
        return found.Length == 0 ? null : Assert.Single(found);
    }
}

/// <summary>One service on memory for a test class.</summary>
public sealed class MemoryApp : IAsyncLifetime
{
    public BillingApp App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await BillingApp.OnEmptyAsync(Hooks.Standard);

    public async Task DisposeAsync() => await App.DisposeAsync();
}
