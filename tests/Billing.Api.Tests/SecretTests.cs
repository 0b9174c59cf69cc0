using System.Collections.Concurrent;
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
        await using var app = await BillingApp.OnMemoryAsync(log, "--Logging:LogLevel:Default=Trace", "--Billing:PublicUrl=https://billing.example.com");
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
