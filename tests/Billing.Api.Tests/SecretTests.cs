using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>What the service logs of a story holds no key, no token of a method and no token of a link.</summary>
public sealed class SecretTests
{
    [Fact]
    public async Task Log_HoldsNoSecret()
    {
        using var log = new CapturedLog();
        await using var app = await BillingApp.OnEmptyAsync(log, "--Logging:LogLevel:Default=Trace", "--Billing:PublicUrl=https://billing.example.com");
        var story = await Story.BeginAsync(app, """["decline:insufficient_funds", "timeout", "ok"]""");
        var secret = await KeyTests.MakeAsync(app, "\"read\", \"operate\"");
        await story.InvoiceAsync();
        var path = (await app.PostAsync(story.Path + "/pay_links")).Succeeded()["url"].GetString()!["https://billing.example.com".Length..];

        await app.SendAsync("GET", path, authorization: null);
        await app.PostAsync(path);
        await app.PostAsync(story.Path + "/pay");
        await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer " + secret);
        await app.SendAsync("GET", "/v1/accounts", authorization: "Bearer wrong-" + secret);
        await app.PutAsync("/v1/accounts/x", "{");
        await app.SendAsync("GET", path + "x", authorization: null);

        Assert.NotEmpty(log.Lines);
        foreach (var hidden in new[] { BillingApp.Key, BillingApp.WebhookSecret, secret, path["/v1/pay/".Length..], story.Account + "-tok-card" })
        {
            Assert.True(log.Lines.FirstOrDefault(line => line.Contains(hidden, StringComparison.Ordinal)) is null, $"The log holds {hidden}: {log.Lines.FirstOrDefault(line => line.Contains(hidden, StringComparison.Ordinal))}");
        }
    }

    [Theory]
    [InlineData("Billing:Telemetry:Endpoint")]
    [InlineData("OTEL_EXPORTER_OTLP_ENDPOINT")]
    public async Task Traces_TellWhatWasCalled_AndHoldNoLinksToken(string endpoint)
    {
        await using var collector = await Collector.StartAsync();
        string token;
        await using (var app = await BillingApp.OnEmptyAsync("--Billing:PublicUrl=https://billing.example.com", "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", $"--{endpoint}={collector.Address}"))
        {
            var story = await Story.BeginAsync(app, """["decline:insufficient_funds", "ok"]""");
            await story.InvoiceAsync();
            var path = (await app.PostAsync(story.Path + "/pay_links")).Succeeded()["url"].GetString()!["https://billing.example.com".Length..];
            token = path["/v1/pay/".Length..];
            await app.SendAsync("GET", path, authorization: null);
            await app.SendAsync("GET", path + "?again=" + token, authorization: null);
            await app.SendAsync("GET", "/V1/PAY/" + token, authorization: null);
            await app.PostAsync(path);
        }

        Assert.Equal(["/v1/metrics", "/v1/traces"], collector.Paths.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal));
        var sent = string.Concat(collector.Bodies);
        Assert.Contains("/v1/pay/{", sent, StringComparison.Ordinal);
        Assert.DoesNotContain(token, sent, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A collector of OTLP over HTTP, which keeps what it is sent as text, byte by byte.</summary>
    private sealed class Collector(WebApplication host) : IAsyncDisposable
    {
        public ConcurrentQueue<string> Bodies { get; } = [];

        public ConcurrentQueue<string> Paths { get; } = [];

        public string Address => host.Urls.Single();

        public static async Task<Collector> StartAsync()
        {
            var builder = WebApplication.CreateSlimBuilder();
            builder.WebHost.UseUrls("http://127.0.0.1:0");
            var host = builder.Build();
            var collector = new Collector(host);
            host.MapPost("/{**path}", async (HttpRequest request) =>
            {
                collector.Paths.Enqueue(request.Path);
                using var body = new MemoryStream();
                await request.Body.CopyToAsync(body);
                collector.Bodies.Enqueue(Encoding.Latin1.GetString(body.ToArray()));
            });
            await host.StartAsync();
            return collector;
        }

        public ValueTask DisposeAsync() => host.DisposeAsync();
    }

    private sealed class CapturedLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) => Lines.Enqueue(formatter(state, exception) + exception);

        public void Dispose()
        {
        }
    }
}
