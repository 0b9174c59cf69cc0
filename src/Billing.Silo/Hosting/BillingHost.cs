using System.Security.Cryptography;
using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Accounts;
using Billing.Grains.Brakes;
using Billing.Grains.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Inbox;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Grains.Interfaces.Webhooks;
using Billing.Sandbox;
using Billing.Silo.Postgres;
using Billing.Silo.Webhooks;
using Billing.Stripe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Billing.Silo;

/// <summary>Wires engine, storage, gateways and the safety net into a host.</summary>
public static class BillingHost
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestDrain = TimeSpan.FromMinutes(5);

    /// <summary>How long a stop may take after the wait: calls in flight end, and grains go to other silos.</summary>
    private static readonly TimeSpan LeavesWithin = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds everything but HTTP. The store is opened here, before anything is built on it: dispose of what is returned after
    /// the host has stopped.
    /// </summary>
    /// <exception cref="StartRefusedException">The configuration is wrong, or there is no database and this environment needs one.</exception>
    public static async Task<BillingStore> AddBillingAsync(this WebApplicationBuilder builder)
    {
        // No line for each request: it costs the gate, and a path can hold what no log should. The configuration may say otherwise.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource { InitialData = [new("Logging:LogLevel:Microsoft.AspNetCore", nameof(LogLevel.Warning)), new("Logging:LogLevel:Orleans", nameof(LogLevel.Warning)), new("Logging:LogLevel:Polly", nameof(LogLevel.Warning))] });
        var options = builder.Configuration.GetSection("Billing").Get<BillingOptions>() ?? new BillingOptions();
        var role = BillingRoles.Read(options.Role);
        var hasSandbox = options.Sandbox ??= builder.Environment.IsDevelopment();
        if (options.CrashAt is not null && builder.Environment.IsProduction()) throw new StartRefusedException("Billing:CrashAt is for tests and refused in Production.");

        if (options.DeletionBrake is < 0 or > BrakeRules.HighestLimit) throw new StartRefusedException($"Billing:DeletionBrake is {options.DeletionBrake}; it must be 0 to {BrakeRules.HighestLimit} accounts an hour.");

        if (OptionRanges.Mistake(options) is { } beyond) throw new StartRefusedException(beyond);
        if (options.Gateways.Mistake() is { } mistake) throw new StartRefusedException(mistake);
        if (options.Pull.Mistake() is { } wrong) throw new StartRefusedException(wrong);
        options.Webhooks.Check();
        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(new ProcessRole(role, IsCluster: !EngineHosting.IsOneProcess));
        AddLeaving(builder, options);
        builder.AddTelemetry(role);
        services.AddSingleton(options.Sweeper);
        services.AddSingleton(options.Delivery);
        services.AddSingleton(options.Pull);
        services.AddSingleton(new BrakeOptions(options.DeletionBrake));
        services.AddSingleton<ICrashPoints>(new CrashPoints(options.CrashAt));
        services.AddSingleton<PolicyCatalog>();
        services.AddSingleton<IPolicyCatalog>(provider => provider.GetRequiredService<PolicyCatalog>());
        if (role.HasGrains()) services.AddSingleton<GrainServices>();
        services.AddSingleton<IGatewayInbox, GatewayInbox>();
        services.AddWebhooks(options.Webhooks, builder.Environment.IsDevelopment(), role.HasGrains());

        var postgres = BillingStore.ReadOptions(builder.Configuration);
        if (role != BillingRole.All && string.IsNullOrWhiteSpace(postgres.ConnectionString))
            throw new StartRefusedException($"Billing:Role is '{options.Role}', and ConnectionStrings:Billing is not set: the processes of a cluster share one database.");
        postgres.Migrates = role.HasGrains();
        builder.AddMail(role, postgres);
        var store = await OpenAsync(postgres);
        await AddStoreAsync(builder, store, postgres.ServiceId, role, options.Restored);
        // After the lock of the database, and before whatever reads the pauses.
        if (options.Restored) AddRestoredPause(builder, options, store, postgres.ServiceId, role);
        if (hasSandbox) AddSandbox(builder, options, store, role);
        if (options.Gateways.Stripe.ApiKey is not null) services.AddStripeGateway(options.Gateways.Stripe);
        services.AddSingleton(provider => new PaymentGateways(provider.GetServices<IPaymentGateway>(), options.Gateways.Limits, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<StartLine>();
        services.AddHostedService(provider => provider.GetRequiredService<PolicyCatalog>());
        if (role.HasGrains())
        {
            services.AddHostedService<ShippedPolicies>();
            services.AddHostedService<SweeperService>();
            services.AddHostedService<PullService>();
            services.AddHostedService<BacklogWatch>();
        }

        return store;
    }

    private static async Task<BillingStore> OpenAsync(PostgresOptions postgres)
    {
        try
        {
            return await BillingStore.OpenAsync(postgres, TimeProvider.System);
        }
        catch (Exception failure) when (failure is NpgsqlException or MigrationException or TimeoutException)
        {
            throw new StartRefusedException($"The database cannot be used: {failure.Message}", failure);
        }
    }

    private static void AddRestoredPause(WebApplicationBuilder builder, BillingOptions options, BillingStore store, string serviceId, BillingRole role)
    {
        if (store.DataSource is not { } database) throw new StartRefusedException("Billing:Restored is set, and there is no database that could have been restored.");
        if (role.HasGrains())
            builder.Services.AddHostedService(provider => new RestoredPause(
                database, serviceId, [.. provider.GetRequiredService<PaymentGateways>().Names], options.DeletionBrake, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<RestoredPause>>()));
    }

    /// <summary>How the process comes and goes: an API host opens its door before it has found a silo, and every host says that it leaves before it does.</summary>
    private static void AddLeaving(WebApplicationBuilder builder, BillingOptions options)
    {
        options.Drain ??= builder.Environment.IsDevelopment() ? TimeSpan.Zero : DefaultDrain;
        if (options.Drain < TimeSpan.Zero || options.Drain > LongestDrain) throw new StartRefusedException($"Billing:Drain is {options.Drain}; it must be 0 to {LongestDrain}.");
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ServicesStartConcurrently = BillingRoles.Read(options.Role) == BillingRole.Api;
            host.ShutdownTimeout = options.Drain.Value + LeavesWithin;
        });
        builder.Services.AddSingleton<Drain>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<Drain>());
        builder.Services.AddSingleton(provider => new Readiness(
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<Drain>(), provider.GetRequiredService<IEngineStatus>(), provider.GetService<NpgsqlDataSource>()));
    }

    private static async Task AddStoreAsync(WebApplicationBuilder builder, BillingStore store, string serviceId, BillingRole role, bool isRestored)
    {
        builder.Services.AddSingleton(new StoreKind(store.DataSource is null, store.Explanation));
        if (store.DataSource is { } database)
        {
            builder.Services.AddSingleton(database);
            builder.Services.AddSingleton<IGrainIndex>(new PostgresGrainIndex(database, serviceId));
            builder.Services.AddSingleton<IEventLog>(new PostgresEventLog(database, serviceId));
            builder.Services.AddSingleton<IBacklog>(new PostgresBacklog(database, serviceId));
            builder.Services.AddSingleton<IDeliveryLog>(new PostgresDeliveryLog(database, serviceId));
            builder.Services.AddSingleton<ITestAccounts>(new PostgresTestAccounts(database, serviceId));
            if (role.HasGrains()) await builder.AddEngineAsync(store, serviceId, isRestored);
            else builder.AddEngineClient(store, serviceId);
            return;
        }

#if EMBEDDED
        if (builder.Environment.IsDevelopment())
        {
            builder.AddEngineOnMemory();
            return;
        }
#endif
        throw new StartRefusedException(store.Explanation!);
    }

    private static void AddSandbox(WebApplicationBuilder builder, BillingOptions options, BillingStore store, BillingRole role)
    {
        IServer? server = null;
        builder.Services.AddSingleton<IHostedService>(provider => new ServerSeen(provider, found => server = found));
        builder.Services.AddSandboxGateway(sandbox =>
        {
            sandbox.ConnectionString = store.ConnectionString;
            sandbox.WebhookSecret = options.SandboxWebhookSecret is { Length: > 0 } secret ? secret : Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            sandbox.MakesSchema = role.HasGrains();
            // A silo has no door for webhooks: unless it is told another, it leaves the events to the API hosts.
            sandbox.WebhookUrl = () => options.SandboxWebhookUrl ?? (role == BillingRole.Silo ? null : OwnAddress(server));
        });
    }

    /// <summary>Known only once the server listens; until then the sandbox keeps its events.</summary>
    private static Uri? OwnAddress(IServer? server) =>
        server?.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() is { } address
            ? new Uri(new Uri(address.Replace("//+", "//127.0.0.1", StringComparison.Ordinal).Replace("//*", "//127.0.0.1", StringComparison.Ordinal).Replace("//[::]", "//127.0.0.1", StringComparison.Ordinal).Replace("//0.0.0.0", "//127.0.0.1", StringComparison.Ordinal)), "/v1/webhooks/sandbox")
            : null;

    private sealed class ServerSeen(IServiceProvider provider, Action<IServer> seen) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            if (provider.GetService<IServer>() is { } server) seen(server);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
