using System.Globalization;
using System.Text.Json;
using Billing.Api.Keys;
using Billing.Domain;
using Billing.Grains.Interfaces;
using Billing.Testing;
using Microsoft.AspNetCore.Routing;
using NodaTime;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>Keys with scopes: what each may do, and when it no longer may.</summary>
public sealed class KeyTests
{
    [Fact]
    public async Task EveryCall_TakesItsScopeAndNoOther()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:FailuresPerMinute=1000000");
        var keys = new Dictionary<Scope, string>();
        foreach (var scope in Enum.GetValues<Scope>()) keys[scope] = await MakeAsync(app, $"\"{Needed.Word(scope)}\"");

        foreach (var endpoint in app.Endpoints.Where(endpoint => endpoint.Metadata.GetMetadata<Needed>()!.IsKey))
        {
            var (needed, method, path) = (endpoint.Metadata.GetMetadata<Needed>()!, ScopeTests.Name(endpoint).Split(' ')[0], PathOf(endpoint));
            (await app.SendAsync(method, path, "{}", authorization: null)).IsProblem(401, "unauthenticated");
            foreach (var (scope, key) in keys)
            {
                var answer = await app.SendAsync(method, path, method == "GET" ? null : "{}", authorization: "Bearer " + key);
                if (!needed.Any.Contains(scope)) answer.IsProblem(403, "forbidden");
                else Assert.True(answer.Code is not ("forbidden" or "unauthenticated"), $"{method} {path} refuses a key with {scope}: {answer.Text}");
            }
        }
    }

    [Fact]
    public async Task Secret_IsShownOnce()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        const string body = """{"name": "shop", "scopes": ["write", "gate"]}""";
        var made = (await app.PostAsync("/v1/keys", body, "one")).Succeeded();
        var secret = made["secret"].GetString()!;
        Assert.True(secret.Length >= 32 && secret.StartsWith(made["prefix"].GetString()!, StringComparison.Ordinal));

        var again = (await app.PostAsync("/v1/keys", body, "one")).Succeeded();
        Assert.Equal(("true", made["id"].GetString(), JsonValueKind.Null), (again.Headers["Idempotent-Replayed"], again["id"].GetString(), again["secret"].ValueKind));
        (await app.PostAsync("/v1/keys", """{"name": "shop", "scopes": ["gate"]}""", "one")).IsProblem(422, "idempotency_mismatch");

        (await app.SendAsync("GET", "/v1/accounts/none/gate?operation=purchase", authorization: "Bearer " + secret)).IsProblem(404, "not_found");
        var list = (await app.GetAsync("/v1/keys")).Succeeded();
        Assert.DoesNotContain(secret, list.Text, StringComparison.Ordinal);
        Assert.Equal(["shop", "Billing:AdminKey"], list["data"].EnumerateArray().Select(key => key.GetProperty("name").GetString()));
        Assert.All(list["data"].EnumerateArray(), key => Assert.Equal(JsonValueKind.String, key.GetProperty("last_used_at").ValueKind));
        Assert.Equal(["gate", "write"], list["data"][0].GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()));
    }

    [Fact]
    public async Task RevokedKey_IsRefusedAtOnce_AndShown()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var made = (await app.PostAsync("/v1/keys", """{"name": "shop", "scopes": ["read"]}""")).Succeeded();
        var authorization = "Bearer " + made["secret"].GetString();
        (await app.SendAsync("GET", "/v1/accounts", authorization: authorization)).Succeeded();

        (await app.SendAsync("DELETE", $"/v1/keys/{made["id"].GetString()}")).Succeeded();
        (await app.SendAsync("GET", "/v1/accounts", authorization: authorization)).IsProblem(401, "unauthenticated");
        (await app.SendAsync("DELETE", $"/v1/keys/{made["id"].GetString()}")).Succeeded();
        Assert.Equal(JsonValueKind.String, (await app.GetAsync("/v1/keys")).Succeeded()["data"][0].GetProperty("revoked_at").ValueKind);
        (await app.SendAsync("DELETE", "/v1/keys/none")).IsProblem(404, "not_found");
        (await app.SendAsync("DELETE", "/v1/keys/admin")).IsProblem(403, "forbidden");
    }

    [Fact]
    public async Task RevokedElsewhere_IsRefused_WithoutACallToThisProcess()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:FailuresPerMinute=1000000");
        var made = (await app.PostAsync("/v1/keys", """{"name": "shop", "scopes": ["read"]}""")).Succeeded();
        await app.Grains.Keys().Execute(new Call(new RevokeKey(made["id"].GetString()!), Now));

        var authorization = "Bearer " + made["secret"].GetString();
        await Eventually.UntilAsync(() => app.SendAsync("GET", "/v1/accounts", authorization: authorization), answer => answer.Code == "unauthenticated");
    }

    [Fact]
    public async Task ExpiredKey_IsRefused()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        const string secret = "bk_0123456789abcdef0123456789abcdef";
        var hash = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(secret)));
        Assert.IsType<Done>(await app.Grains.Keys().Execute(new Call(new CreateKey("key_old", "old", [Scope.Read], "bk_0", hash, "", Now - Duration.FromSeconds(1)), Now - Duration.FromHours(1))));
        // The next key that is made is read together with it.
        await MakeAsync(app, "\"read\"");

        (await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer " + secret)).IsProblem(401, "unauthenticated");
        Assert.Equal(["expires_at"], (await app.PostAsync("/v1/keys", """{"name": "old", "scopes": ["read"], "expires_at": "2020-01-01T00:00:00Z"}""")).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [Fact]
    public async Task Key_GivesNoScopeThatItDoesNotHave()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var authorization = "Bearer " + await MakeAsync(app, "\"operate\"");
        (await app.SendAsync("POST", "/v1/keys", """{"name": "mine", "scopes": ["operate"]}""", authorization: authorization)).Succeeded();
        (await app.SendAsync("POST", "/v1/keys", """{"name": "more", "scopes": ["operate", "read"]}""", authorization: authorization)).IsProblem(403, "forbidden");
    }

    [Theory]
    [InlineData("""{"name": "x", "scopes": []}""", "scopes")]
    [InlineData("""{"name": "x", "scopes": ["admin"]}""", "scopes[0]")]
    [InlineData("""{"name": "x", "scopes": [7]}""", "scopes[0]")]
    [InlineData("""{"scopes": ["read"]}""", "name")]
    [InlineData("""{"name": "x", "scopes": ["read"], "secret": "mine"}""", "secret")]
    public async Task KeyThatMakesNoSense_IsRefused(string body, string path)
    {
        await using var app = await BillingApp.OnEmptyAsync();
        Assert.Equal([path], (await app.PostAsync("/v1/keys", body)).IsProblem(422, "invalid_request").ErrorPaths);
    }

    [Fact]
    public async Task VoidingByCancelling_IsAnOperators()
    {
        await using var app = await BillingApp.OnEmptyAsync();
        var authorization = "Bearer " + await MakeAsync(app, "\"write\"");
        (await app.SendAsync("POST", "/v1/accounts/none/subscriptions/s/cancel", """{"void_open": true}""", authorization: authorization)).IsProblem(403, "forbidden");
        (await app.SendAsync("POST", "/v1/accounts/none/subscriptions/s/cancel", "{}", authorization: authorization)).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task CallsOfAKey_AreLimited_AndTheGateByItself()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:CallsPerSecond=1");
        Answer answer;
        var calls = 0;
        do answer = await app.GetAsync("/v1/accounts");
        while (answer.Status == System.Net.HttpStatusCode.OK && ++calls < 1_000);

        Assert.Equal("1", answer.IsProblem(429, "rate_limited").Headers["Retry-After"]);
        (await app.GetAsync("/v1/accounts/none/gate?operation=purchase")).IsProblem(404, "not_found");
    }

    [Fact]
    public async Task QuestionsOfABatch_CountOneByOne_AndABatchOfMoreThanABurstIsABurst()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:GateCallsPerSecond=50");
        var batch = $$"""{"checks": [{{string.Join(", ", Enumerable.Repeat("""{"account": "none", "operation": "purchase"}""", 150))}}]}""";
        Answer answer;
        var calls = 0;
        do answer = await app.PostAsync("/v1/gate/check", batch);
        while (answer.Status == System.Net.HttpStatusCode.OK && ++calls < 1_000);

        Assert.Equal("1", answer.IsProblem(429, "rate_limited").Headers["Retry-After"]);
        // One, or one more for every two seconds that this took; as single calls it would be a hundred.
        Assert.InRange(calls, 1, 20);
    }

    [Fact]
    public async Task Strangers_AreLimited_AndNobodyElse()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:FailuresPerMinute=3");
        for (var i = 0; i < 3; i++) (await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer wrong")).IsProblem(401, "unauthenticated");
        var refused = (await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer wrong")).IsProblem(429, "rate_limited");
        Assert.InRange(int.Parse(refused.Headers["Retry-After"], CultureInfo.InvariantCulture), 1, 60);
        (await app.GetAsync("/v1/accounts")).Succeeded();
    }

    [Fact]
    public void Counting_IsBounded()
    {
        var counts = new RecentCounts(2, TimeSpan.FromHours(1), TimeProvider.System);
        for (var i = 0; i <= RecentCounts.MostCounted; i++)
        {
            counts.Add($"{i}");
            counts.Add($"{i}");
        }

        Assert.Equal(RecentCounts.MostCounted, counts.Counted);
        Assert.Null(counts.Wait("0"));
        Assert.NotNull(counts.Wait("1"));
    }

    [Theory]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", true)]
    [InlineData("2001:db8:1:2::1", "2001:db8:1:3::1", false)]
    [InlineData("192.0.2.1", "::ffff:192.0.2.1", true)]
    [InlineData("192.0.2.1", "192.0.2.2", false)]
    public void Addresses_OfOneHost_CountTogether(string left, string right, bool isSame) =>
        Assert.Equal(isSame, RecentCounts.NameOf(System.Net.IPAddress.Parse(left)) == RecentCounts.NameOf(System.Net.IPAddress.Parse(right)));

    [Theory]
    [InlineData("--Billing:RateLimits:CallsPerSecond=0")]
    [InlineData("--Billing:PublicUrl=billing.example.com")]
    [InlineData("--Billing:PublicUrl=https://billing.example.com/?x=1")]
    [InlineData("--Billing:TrustedProxies:0=everybody")]
    public async Task SettingThatMakesNoSense_RefusesTheStart(string setting) =>
        await Assert.ThrowsAsync<Billing.Silo.StartRefusedException>(() => BillingApp.OnEmptyAsync(setting));

    internal static async Task<string> MakeAsync(BillingApp app, string scopes) =>
        (await app.PostAsync("/v1/keys", $$"""{"name": "test", "scopes": [{{scopes}}]}""")).Succeeded()["secret"].GetString()!;

    private static Instant Now => TimeProvider.System.GetInstant();

    private static string PathOf(RouteEndpoint endpoint) => System.Text.RegularExpressions.Regex.Replace(endpoint.RoutePattern.RawText!, @"\{\w+\}", "none", System.Text.RegularExpressions.RegexOptions.NonBacktracking);
}
