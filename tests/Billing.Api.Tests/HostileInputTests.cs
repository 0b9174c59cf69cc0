using System.Net.Sockets;
using System.Text;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What hostile callers send is refused with the right code, in bounded time and memory.</summary>
public sealed class HostileInputTests : IAsyncLifetime
{
    private BillingApp _app = null!;

    public async Task InitializeAsync() => _app = await BillingApp.OnEmptyAsync();

    public async Task DisposeAsync() => await _app.DisposeAsync();

    [Fact]
    public async Task BodyOfTenMegabytes_IsRefusedBeforeItComes() =>
        Assert.StartsWith("HTTP/1.1 413 ", await AskAsync($"PUT /v1/accounts/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {BillingApp.Key}\r\nContent-Type: application/json\r\nContent-Length: 10485760\r\n\r\n"), StringComparison.Ordinal);

    [Fact]
    public async Task BodyThatDoesNotCome_IsGivenUp() =>
        Assert.StartsWith("HTTP/1.1 408 ", await AskAsync($"PUT /v1/accounts/a HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer {BillingApp.Key}\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{{"), StringComparison.Ordinal);

    [Theory]
    [InlineData("[", "]")]
    [InlineData("""{"a":""", "}")]
    public async Task JsonOfTenThousandLevels_IsRefused(string open, string close)
    {
        var body = string.Concat(Enumerable.Repeat(open, 10_000)) + "1" + string.Concat(Enumerable.Repeat(close, 10_000));
        (await _app.PutAsync("/v1/accounts/a", body)).IsProblem(400, "invalid_request");
        (await _app.PostAsync("/v1/gate/check", body)).IsProblem(400, "invalid_request");
    }

    [Theory]
    [InlineData("..%2f..%2fetc%2fpasswd")]
    [InlineData("%2e%2e")]
    [InlineData("a%00b")]
    [InlineData("a%0d%0aSet-Cookie:x")]
    [InlineData("a~b")]
    [InlineData("a%2fb")]
    [InlineData("%c0%ae%c0%ae")]
    [InlineData("a;b")]
    [InlineData("%F0%9F%92%A9")]
    public async Task PathTricks_NameNothing(string id)
    {
        foreach (var path in new[] { $"/v1/accounts/{id}", $"/v1/invoices/{id}", $"/v1/payments/{id}", $"/v1/accounts/{id}/gate?operation=purchase", $"/v1/pay/{id}", $"/v1/refunds/{id}" })
        {
            var answer = await RawAsync("GET", path);
            Assert.True(answer.StartsWith("HTTP/1.1 404 ", StringComparison.Ordinal) || answer.StartsWith("HTTP/1.1 400 ", StringComparison.Ordinal), $"{path}: {answer}");
            Assert.DoesNotContain("Set-Cookie", answer, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Theory]
    [InlineData("/v1/healthz/../accounts")]
    [InlineData("//v1/accounts")]
    [InlineData("/v1//accounts")]
    [InlineData("/%76%31/accounts")]
    [InlineData("/v1/webhooks/../accounts")]
    [InlineData("/v1/webhooks/%2e%2e/accounts")]
    [InlineData("/V1/ACCOUNTS/")]
    public async Task PathTricks_GetAroundNoKey(string path)
    {
        var answer = await AskAsync($"GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("HTTP/1.1 200 ", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("\"data\"", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TestClock_OnALiveAccount_IsRefused()
    {
        (await _app.PutAsync("/v1/test_clocks/hostile", """{"now": "2026-03-01T00:00:00Z"}""")).Succeeded();
        (await _app.PutAsync("/v1/accounts/live", """{"name": "L", "emails": ["l@example.com"], "currency": "USD", "policy": "cloudflare"}""")).Succeeded();
        (await _app.PutAsync("/v1/accounts/live", """{"test_clock": "hostile"}""")).IsProblem(422, "invalid_request");
        (await _app.PutAsync("/v1/accounts/live", """{"test": true}""")).IsProblem(422, "invalid_request");
    }

    [Fact]
    public async Task ForwardedAddress_OfNobodyTrusted_IsNotBelieved()
    {
        await using var app = await BillingApp.OnEmptyAsync("--Billing:RateLimits:FailuresPerMinute=2");
        for (var i = 0; i < 2; i++) Assert.Contains(" 401 ", await ForwardedAsync(app, $"192.0.2.{i}"), StringComparison.Ordinal);
        Assert.Contains(" 429 ", await ForwardedAsync(app, "192.0.2.9"), StringComparison.Ordinal);

        await using var behind = await BillingApp.OnEmptyAsync("--Billing:RateLimits:FailuresPerMinute=2", "--Billing:TrustedProxies:0=127.0.0.0/8");
        for (var i = 0; i < 4; i++) Assert.Contains(" 401 ", await ForwardedAsync(behind, $"192.0.2.{i}"), StringComparison.Ordinal);
        await ForwardedAsync(behind, "192.0.2.0");
        Assert.Contains(" 429 ", await ForwardedAsync(behind, "192.0.2.0"), StringComparison.Ordinal);
        // Behind a proxy that is trusted the answer knows that it goes over https.
        Assert.Contains("Strict-Transport-Security", await ForwardedAsync(behind, "192.0.2.200"), StringComparison.Ordinal);
    }

    private Task<string> RawAsync(string method, string path) => AskAsync($"{method} {path} HTTP/1.1\r\nHost: evil.example\r\nAuthorization: Bearer {BillingApp.Key}\r\nConnection: close\r\n\r\n");

    private static Task<string> ForwardedAsync(BillingApp app, string address) =>
        AskAsync(app, $"GET /v1/accounts HTTP/1.1\r\nHost: a\r\nX-Forwarded-For: {address}\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n");

    private Task<string> AskAsync(string request) => AskAsync(_app, request);

    /// <summary>Writes the bytes as they are, and reads until the answer's head is there.</summary>
    private static async Task<string> AskAsync(BillingApp app, string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(app.Address.Host, app.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        var answer = new StringBuilder();
        var buffer = new byte[8192];
        while (!answer.ToString().Contains("\r\n\r\n", StringComparison.Ordinal) && await stream.ReadAsync(buffer) is var count and > 0) answer.Append(Encoding.Latin1.GetString(buffer, 0, count));
        return answer.ToString();
    }
}
