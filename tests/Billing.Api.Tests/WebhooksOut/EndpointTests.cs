using System.Text.Json;
using Billing.Domain;
using Billing.Testing;

namespace Billing.Api.Tests.WebhooksOut;

/// <summary>Endpoints over the API: what they take, what they refuse, and that a secret is told once.</summary>
public sealed class EndpointTests(MemoryApp memory) : IClassFixture<MemoryApp>
{
    private const string Url = "https://example.com/hooks";

    private readonly BillingApp _app = memory.App;

    [Fact]
    public async Task Secret_IsTold_ByTheCallThatMadeIt_AndNeverAgain()
    {
        var path = "/v1/webhook_endpoints/" + Hooks.NewId();
        var made = (await _app.PutAsync(path, $$"""{"url": "{{Url}}", "events": ["*"]}""")).Succeeded();
        var secret = made["secret"].GetString()!;
        Assert.StartsWith("whsec_", secret, StringComparison.Ordinal);
        Assert.Equal(32, Convert.FromBase64String(secret["whsec_".Length..]).Length);

        foreach (var later in new[] { await _app.PutAsync(path, $$"""{"url": "{{Url}}", "events": ["*"]}"""), await _app.PutAsync(path, """{"events": ["payment.*"]}"""), await _app.GetAsync(path), await _app.GetAsync("/v1/webhook_endpoints"), await _app.GetAsync("/v1/events") })
        {
            Assert.DoesNotContain(secret["whsec_".Length..], later.Succeeded().Text, StringComparison.Ordinal);
            Assert.DoesNotContain("whsec_", later.Text, StringComparison.Ordinal);
        }

        Assert.Equal(["payment.*"], (await _app.GetAsync(path))["events"].EnumerateArray().Select(pattern => pattern.GetString()));
    }

    [Fact]
    public async Task Delete_EndsIt_AndTheNextOneOfTheNameIsAnother()
    {
        var (path, secret, _) = await _app.SubscribeAsync(Url);
        Assert.Equal(204, (int)(await _app.SendAsync("DELETE", path)).Status);
        (await _app.GetAsync(path)).IsProblem(404, "not_found");
        (await _app.GetAsync(path + "/deliveries")).IsProblem(404, "not_found");
        (await _app.SendAsync("DELETE", path)).IsProblem(404, "not_found");
        (await _app.PostAsync(path + "/rotate")).IsProblem(404, "not_found");
        Assert.DoesNotContain((await _app.GetAsync("/v1/webhook_endpoints?limit=200"))["data"].EnumerateArray(), shown => path.EndsWith("/" + shown.GetProperty("id").GetString(), StringComparison.Ordinal));
        Assert.NotEqual(secret, (await _app.PutAsync(path, $$"""{"url": "{{Url}}", "events": ["*"]}""")).Succeeded()["secret"].GetString());
    }

    [Fact]
    public async Task Disabled_ByAnOperator_KeepsItsPlace()
    {
        var (path, _, _) = await _app.SubscribeAsync(Url);
        var off = (await _app.PutAsync(path, """{"enabled": false}""")).Succeeded();
        Assert.Equal(("operator", false), (off["disabled"].GetProperty("reason").GetString(), off["enabled"].GetBoolean()));
        Assert.Empty((await _app.GetAsync("/v1/attention"))["data"].EnumerateArray());
        Assert.Equal(JsonValueKind.Null, (await _app.PutAsync(path, """{"enabled": true}""")).Succeeded()["disabled"].ValueKind);
    }

    [Theory]
    [InlineData("{}", "url", "events")]
    [InlineData("""{"url": "https://example.com", "events": []}""", "events")]
    [InlineData("""{"url": "https://example.com", "events": ["pay*"]}""", "events[0]")]
    [InlineData("""{"url": "https://example.com", "events": ["key.created", "key.created"]}""", "events[1]")]
    [InlineData("""{"url": "https://example.com", "events": ["key.created", "payment.succeded", "payments.*"]}""", "events[1]", "events[2]")]
    [InlineData("""{"url": "https://example.com", "events": [7]}""", "events[0]")]
    [InlineData("""{"url": "https://example.com", "events": "*"}""", "events")]
    [InlineData("""{"url": "https://user:pw@example.com", "events": ["*"]}""", "url")]
    [InlineData("""{"url": "example.com", "events": ["*"]}""", "url")]
    [InlineData("""{"url": "https://example.com", "events": ["*"], "secret": "whsec_AAAA"}""", "secret")]
    [InlineData("""{"url": null, "events": ["*"]}""", "url")]
    public async Task Put_WhatIsNotAcceptable_IsRefusedWithItsPath(string body, params string[] paths)
    {
        var refused = (await _app.PutAsync("/v1/webhook_endpoints/" + Hooks.NewId(), body)).IsProblem(422, "invalid_request");
        Assert.Equal(paths.Order(), refused.ErrorPaths.Order());
    }

    [Fact]
    public async Task Put_AMisspelledEvent_IsToldWhichThereAre()
    {
        var refused = (await _app.PutAsync("/v1/webhook_endpoints/" + Hooks.NewId(), $$"""{"url": "{{Url}}", "events": ["payment.succeded"]}""")).IsProblem(422, "invalid_request");
        Assert.Contains("payment.*, payment.created", refused.Text, StringComparison.Ordinal);
        Assert.Contains("payment.dispute_won", refused.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Bounds_AtThemAndOnePast()
    {
        var path = "/v1/webhook_endpoints/" + Hooks.NewId();
        string Events(int count) => string.Join(", ", EventTypes.All.Take(count).Select(type => $"\"{type}\""));
        (await _app.PutAsync(path, $$"""{"url": "{{Url}}", "events": [{{Events(50)}}]}""")).Succeeded();
        (await _app.PutAsync(path, $$"""{"url": "{{Url}}", "events": [{{Events(51)}}]}""")).IsProblem(422, "invalid_request");
        (await _app.PutAsync(path, $$"""{"url": "https://example.com/{{new string('a', 2_028)}}"}""")).Succeeded();
        (await _app.PutAsync(path, $$"""{"url": "https://example.com/{{new string('a', 2_029)}}"}""")).IsProblem(422, "invalid_request");
        Assert.Contains("called so", (await _app.PutAsync(path, $$"""{"events": ["{{new string('a', 64)}}"]}""")).IsProblem(422, "invalid_request").Text, StringComparison.Ordinal);
        Assert.DoesNotContain("called so", (await _app.PutAsync(path, $$"""{"events": ["{{new string('a', 65)}}"]}""")).IsProblem(422, "invalid_request").Text, StringComparison.Ordinal);
        while ((await _app.GetAsync("/v1/webhook_endpoints?limit=200"))["data"].GetArrayLength() < 100) await _app.SubscribeAsync(Url);
        (await _app.PutAsync("/v1/webhook_endpoints/one-more", $$"""{"url": "{{Url}}", "events": ["*"]}""")).IsProblem(409, "too_many");
        (await _app.PutAsync(path, """{"events": ["*"]}""")).Succeeded();
        foreach (var shown in (await _app.GetAsync("/v1/webhook_endpoints?limit=200"))["data"].EnumerateArray()) (await _app.SendAsync("DELETE", "/v1/webhook_endpoints/" + shown.GetProperty("id").GetString())).Succeeded();
        await _app.SubscribeAsync(Url);
    }

    [Fact]
    public async Task Key_IsNeeded() => (await _app.SendAsync("PUT", "/v1/webhook_endpoints/x", "{}", authorization: null)).IsProblem(401, "unauthenticated");

    [Theory]
    [InlineData("--Billing:Webhooks:Timeout=00:00:31")]
    [InlineData("--Billing:Webhooks:Timeout=00:00:00.9")]
    [InlineData("--Billing:Webhooks:LookEvery=00:01:01")]
    [InlineData("--Billing:Webhooks:Schedule:0=8.00:00:00")]
    public async Task Start_WithAWrongSetting_IsRefused(string setting) => await Assert.ThrowsAsync<Billing.Silo.StartRefusedException>(() => BillingApp.OnEmptyAsync(setting));
}
