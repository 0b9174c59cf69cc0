using System.Globalization;
using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Sandbox;
using Billing.Silo;
using Billing.Silo.Postgres;
using Billing.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using NodaTime;
using Npgsql;

namespace Billing.Grains.Tests.EndToEnd;

/// <summary>The whole house but its HTTP on a database of its own, with a door for the sandbox's webhooks.</summary>
public class BillingFixture : IAsyncLifetime
{
    private const string Secret = "a secret that only this test knows";
    private static int s_houses;

    // On one database two houses would be one cluster, or refuse each other.
    private readonly string _database = string.Create(CultureInfo.InvariantCulture, $"end_to_end_{Interlocked.Increment(ref s_houses)}");
    private BillingFixture? _first;
    private string? _connection;
    private WebApplication? _app;
    private BillingStore? _store;

    /// <summary>The settings that differ from the defaults.</summary>
    protected virtual Dictionary<string, string?> Settings => [];

    /// <summary>What this house has that others have not.</summary>
    protected virtual void Add(IServiceCollection services)
    {
        // An ordinary house has nothing else.
    }

    public IServiceProvider Services => _app!.Services;

    public IGrainIndex Index => _app!.Services.GetRequiredService<IGrainIndex>();

    public NpgsqlDataSource Database => _store!.DataSource!;

    public IGrainFactory Grains => _app!.Services.GetRequiredService<IGrainFactory>();

    public IEventLog Events => _app!.Services.GetRequiredService<IEventLog>();

    public SandboxService Sandbox => _app!.Services.GetRequiredService<SandboxService>();

    public T Service<T>() where T : class => _app!.Services.GetRequiredService<T>();

    public Task InitializeAsync() => PostgresCluster.Missing is null || PostgresCluster.IsRequired ? StartAsync() : Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_app is not null) await StopAsync();
    }

    /// <summary>Stops politely and starts again, with nothing in memory.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        await StartAsync();
    }

    /// <summary>One more silo of the same cluster.</summary>
    public async Task<BillingFixture> JoinAsync()
    {
        var second = new BillingFixture { _first = this };
        await second.StartAsync();
        return second;
    }

    /// <summary>Puts a test account under the cloudflare policy.</summary>
    public async Task PutAccountAsync(string id, string name = "Ada")
    {
        var profile = new AccountProfile { Id = id, Name = name, Emails = ["ada@example.com"], Currency = Currency.Parse("USD"), Policy = "cloudflare", Test = true };
        Assert.IsType<Done>(await Grains.Account(id).Execute(new Call(new PutAccount(["name", "emails", "currency", "policy", "test"], profile), SystemClock.Instance.GetCurrentInstant())));
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Development", ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>(StringComparer.Ordinal)
        {
            ["ConnectionStrings:Billing"] = _first?._connection ?? (_connection = await PostgresCluster.CreateDatabaseAsync(_database)),
            ["Billing:SandboxWebhookSecret"] = Secret,
            ["Billing:Cluster:SiloPort"] = "0",
            ["Billing:Cluster:GatewayPort"] = "0",
        });
        builder.Configuration.AddInMemoryCollection(Settings);
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        _store = await builder.AddBillingAsync();
        Add(builder.Services);
        _app = builder.Build();
        _app.MapPost("/v1/webhooks/sandbox", TakeAsync);
        await _app.StartAsync();
    }

    private async Task StopAsync()
    {
        await _app!.StopAsync();
        await _app.DisposeAsync();
        await _store!.DisposeAsync();
    }

    private static async Task<IResult> TakeAsync(HttpRequest request, IGrainFactory grains)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        var data = SandboxEvent.Read(body.ToArray())!.Data;
        var outcome = data.Status switch
        {
            SandboxChargeStatus.Succeeded => AttemptOutcome.Succeeded,
            SandboxChargeStatus.Failed => AttemptOutcome.Declined,
            _ => AttemptOutcome.Processing,
        };
        var ordinal = int.Parse(data.Key[(data.Key.LastIndexOf('/') + 1)..], CultureInfo.InvariantCulture);
        await grains.Payment(data.Payment).Execute(new Call(
            new GatewayReported(request.Headers[SandboxSignature.IdHeader]!, ordinal, outcome, data.Charge, new Money(data.Amount, Currency.Parse(data.Currency)), data.Code, data.At), data.At));
        return Results.Ok();
    }
}
