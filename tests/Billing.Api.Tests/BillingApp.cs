using System.Net;
using System.Text;
using System.Text.Json;
using Billing.Grains.Interfaces.Index;
using Billing.Testing;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Xunit;

namespace Billing.Api.Tests;

/// <summary>The real service over real HTTP, on a port of its own.</summary>
public sealed class BillingApp : IAsyncDisposable
{
    public const string Key = "a-key-for-tests-0123456789-abcdefgh";
    public const string WebhookSecret = "a-webhook-secret-for-tests";

    private static readonly string[] NoRelay = ["--Billing:Mail:Host=127.0.0.1", "--Billing:Mail:Port=1", "--Billing:Mail:Tls=None", "--Billing:Mail:From=billing@example.com"];

    private readonly BillingService _service;
    private int _keys;

    private BillingApp(BillingService service)
    {
        _service = service;
        Address = new Uri(service.App.Urls.First());
        Http = new HttpClient { BaseAddress = Address };
    }

    public Uri Address { get; }

    public HttpClient Http { get; }

    /// <summary>The grains behind it, for what no call can bring about in the time of a test.</summary>
    public IGrainFactory Grains => _service.App.Services.GetRequiredService<IGrainFactory>();

    /// <summary>Every endpoint.</summary>
    public IReadOnlyList<RouteEndpoint> Endpoints => [.. _service.App.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()];

    /// <summary>The index of the grains.</summary>
    public IGrainIndex Index => _service.App.Services.GetRequiredService<IGrainIndex>();

    /// <summary>Starts on PostgreSQL.</summary>
    public static async Task<BillingApp> OnAsync(string database, params string[] more) =>
        await StartAsync([$"--ConnectionStrings:Billing={await PostgresCluster.CreateDatabaseAsync(database)}", .. more]);

    /// <summary>Starts on an empty store of its own: in memory where the engine can, otherwise in a new database.</summary>
    public static Task<BillingApp> OnEmptyAsync(params string[] more) => OnEmptyAsync(log: null, more);

    /// <summary>The same, with a log that is looked at.</summary>
    public static async Task<BillingApp> OnEmptyAsync(ILoggerProvider? log, params string[] more) =>
#if EMBEDDED
        await StartAsync(log, ["--Billing:BinaryFolders:0=/nowhere", .. more]);
#else
        await StartAsync(log, [$"--ConnectionStrings:Billing={await PostgresCluster.CreateDatabaseAsync($"empty_{Interlocked.Increment(ref s_empty)}")}", .. more]);

    private static int s_empty;
#endif

    public static Task<BillingApp> StartAsync(params string[] args) => StartAsync(log: null, args);

    private static async Task<BillingApp> StartAsync(ILoggerProvider? log, string[] args)
    {
        var service = await BillingService.CreateAsync(
        [
            "--urls=http://127.0.0.1:0", "--environment=Development", $"--Billing:AdminKey={Key}", $"--Billing:SandboxWebhookSecret={WebhookSecret}",
            // Nothing is sent there: outside of Development a start needs them.
            .. args.Contains("--environment=Production") ? NoRelay : [],
            $"--Billing:DataFolder={Path.Combine(Path.GetTempPath(), "billing-api-tests")}", "--Logging:LogLevel:Default=Warning",
            "--Billing:Cluster:SiloPort=0", "--Billing:Cluster:GatewayPort=0", .. args,
        ]);
        if (log is not null) service.App.Services.GetRequiredService<ILoggerFactory>().AddProvider(log);
        await service.App.StartAsync();
        return new BillingApp(service);
    }

    /// <summary>Sends a call with the key; a POST with an Idempotency-Key of its own unless one is given.</summary>
    public async Task<Answer> SendAsync(string method, string path, string? body = null, string? idempotencyKey = null, string? authorization = "Bearer " + Key)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (authorization is not null) request.Headers.TryAddWithoutValidation("Authorization", authorization);
        var key = idempotencyKey ?? (method == "POST" ? $"key-{Interlocked.Increment(ref _keys)}-{Environment.TickCount64}" : null);
        if (key is { Length: > 0 }) request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        if (body is not null) request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        return await SendAsync(request);
    }

    public async Task<Answer> SendAsync(HttpRequestMessage request)
    {
        using var response = await Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        var isJson = response.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) is true;
        var headers = response.Headers.ToDictionary(header => header.Key, header => string.Join(",", header.Value), StringComparer.OrdinalIgnoreCase);
        return new Answer(response.StatusCode, text, isJson ? JsonElement.Parse(text) : default, headers, response.Content.Headers.ContentType?.MediaType);
    }

    public Task<Answer> GetAsync(string path) => SendAsync("GET", path);

    public Task<Answer> PutAsync(string path, string body) => SendAsync("PUT", path, body);

    public Task<Answer> PostAsync(string path, string body = "{}", string? key = null) => SendAsync("POST", path, body, key);

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _service.App.StopAsync();
        await _service.DisposeAsync();
    }
}

/// <summary>An answer, read whole.</summary>
public sealed record Answer(HttpStatusCode Status, string Text, JsonElement Json, IReadOnlyDictionary<string, string> Headers, string? MediaType)
{
    public JsonElement this[string name] => Json.GetProperty(name);

    public string? Code => Json.ValueKind == JsonValueKind.Object && Json.TryGetProperty("code", out var code) ? code.GetString() : null;

    public string[] ErrorPaths => Json.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(error => error.GetProperty("path").GetString()!)] : [];

    /// <summary>A success; else the test ends with what was answered.</summary>
    public Answer Succeeded()
    {
        Assert.True((int)Status < 300, $"{(int)Status}: {Text}");
        return this;
    }

    /// <summary>A success of this status.</summary>
    public Answer Is(int status)
    {
        Assert.True((int)Status == status, $"Expected {status}, got {(int)Status}: {Text}");
        return this;
    }

    /// <summary>A problem of this status and code, whole and without anything internal.</summary>
    public Answer IsProblem(int status, string code)
    {
        Assert.True(status == (int)Status && code == Code, $"Expected {status} {code}, got {(int)Status}: {Text}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal("/problems/" + code, this["type"].GetString());
        Assert.Equal(status, this["status"].GetInt32());
        Assert.NotEmpty(this["title"].GetString()!);
        Assert.NotEmpty(this["detail"].GetString()!);
        foreach (var leak in new[] { "   at ", "Exception", "Npgsql", "SELECT", "System." }) Assert.DoesNotContain(leak, Text, StringComparison.Ordinal);
        return this;
    }
}

/// <summary>One service and one database for a test class.</summary>
public class PostgresApp : IAsyncLifetime
{
    public BillingApp App { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        if (PostgresCluster.Missing is null || PostgresCluster.IsRequired) App = await BillingApp.OnAsync($"api_{Interlocked.Increment(ref _count)}");
    }

    public async Task DisposeAsync()
    {
        if (App is not null) await App.DisposeAsync();
    }

    private static int _count;
}
