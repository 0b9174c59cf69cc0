using System.Security.Cryptography;
using Billing.Domain;
using Billing.Gateways;
using Billing.Grains.Brakes;
using Billing.Grains.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Index;
using Billing.Sandbox;
using Billing.Silo.Postgres;
using Billing.Stripe;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Silo;

/// <summary>Wires engine, storage, gateways and the safety net into a host.</summary>
public static class BillingHost
{
    /// <summary>
    /// Adds everything but HTTP. The store is opened here, before anything is built on it: dispose of what is returned after
    /// the host has stopped.
    /// </summary>
    /// <exception cref="StartRefusedException">The configuration is wrong, or there is no database and this environment needs one.</exception>
    public static async Task<BillingStore> AddBillingAsync(this WebApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection("Billing").Get<BillingOptions>() ?? new BillingOptions();
        var hasSandbox = options.Sandbox ??= builder.Environment.IsDevelopment();
        if (options.CrashAt is not null && builder.Environment.IsProduction()) throw new StartRefusedException("Billing:CrashAt is for tests and refused in Production.");

        if (options.DeletionBrake is < 0 or > BrakeRules.HighestLimit) throw new StartRefusedException($"Billing:DeletionBrake is {options.DeletionBrake}; it must be 0 to {BrakeRules.HighestLimit} accounts an hour.");

        if (options.Gateways.Mistake() is { } mistake) throw new StartRefusedException(mistake);

        var services = builder.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton(options.Sweeper);
        services.AddSingleton(options.Delivery);
        services.AddSingleton(new BrakeOptions(options.DeletionBrake));
        services.AddSingleton<ICrashPoints>(new CrashPoints(options.CrashAt));
        services.AddSingleton<INoticeSender, RecordingNoticeSender>();
        services.AddSingleton<PolicyCatalog>();
        services.AddSingleton<IPolicyCatalog>(provider => provider.GetRequiredService<PolicyCatalog>());
        services.AddSingleton<GrainServices>();

        var postgres = BillingStore.ReadOptions(builder.Configuration);
        var store = await BillingStore.OpenAsync(postgres, TimeProvider.System);
        AddStore(builder, store, postgres.ServiceId);
        if (hasSandbox) AddSandbox(builder, options, store);
        if (options.Gateways.Stripe.ApiKey is not null) services.AddStripeGateway(options.Gateways.Stripe);
        services.AddSingleton(provider => new PaymentGateways(provider.GetServices<IPaymentGateway>(), options.Gateways.Limits, provider.GetRequiredService<TimeProvider>()));
        services.AddHostedService<ShippedPolicies>();
        services.AddHostedService(provider => provider.GetRequiredService<PolicyCatalog>());
        services.AddHostedService<SweeperService>();
        return store;
    }

    private static void AddStore(WebApplicationBuilder builder, BillingStore store, string serviceId)
    {
        builder.Services.AddSingleton(new StoreKind(store.DataSource is null, store.Explanation));
        if (store.DataSource is { } database)
        {
            builder.Services.AddSingleton(database);
            builder.Services.AddSingleton<IGrainIndex>(new PostgresGrainIndex(database, serviceId));
            builder.Services.AddSingleton<IEventLog>(new PostgresEventLog(database, serviceId));
            builder.AddEngine(store, serviceId);
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

    private static void AddSandbox(WebApplicationBuilder builder, BillingOptions options, BillingStore store)
    {
        IServer? server = null;
        builder.Services.AddSingleton<IHostedService>(provider => new ServerSeen(provider, found => server = found));
        builder.Services.AddSandboxGateway(sandbox =>
        {
            sandbox.ConnectionString = store.ConnectionString;
            sandbox.WebhookSecret = options.SandboxWebhookSecret ?? Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(32));
            sandbox.WebhookUrl = () => options.SandboxWebhookUrl ?? OwnAddress(server);
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
