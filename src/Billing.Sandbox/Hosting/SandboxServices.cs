using Billing.Gateways;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Billing.Sandbox;

/// <summary>Puts the sandbox into a host.</summary>
public static class SandboxServices
{
    /// <summary>
    /// Adds <see cref="SandboxGateway"/> as an <see cref="IPaymentGateway"/> and an <see cref="IGatewayOnTestClock"/>,
    /// <see cref="SandboxService"/> for the endpoints that play with it, and what runs in the background: its schema, before
    /// any other service starts; the charges that end by themselves; its webhook.
    /// </summary>
    /// <exception cref="ArgumentException">The secret is missing or too short.</exception>
    public static IServiceCollection AddSandboxGateway(this IServiceCollection services, Action<SandboxOptions> configure)
    {
        var options = new SandboxOptions();
        configure(options);
        if (options.WebhookSecret.Length < SandboxOptions.ShortestSecret)
        {
            throw new ArgumentException($"The sandbox's webhook secret needs at least {SandboxOptions.ShortestSecret} characters.", nameof(configure));
        }

        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddSingleton<SandboxWake>();
        AddStorage(services, options);

        services.AddSingleton(provider => new SandboxGateway(
            provider.GetRequiredService<ISandboxLedger>(), provider.GetRequiredService<ISandboxOutbox>(),
            provider.GetRequiredService<SandboxWake>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPaymentGateway>(provider => provider.GetRequiredService<SandboxGateway>());
        services.AddSingleton<IGatewayOnTestClock>(provider => provider.GetRequiredService<SandboxGateway>());
        services.AddSingleton(provider => new SandboxService(
            provider.GetRequiredService<ISandboxLedger>(), provider.GetRequiredService<SandboxWake>(), provider.GetRequiredService<TimeProvider>()));

        services.AddHttpClient(SandboxWebhookSender.ClientName, client => client.Timeout = Timeout.InfiniteTimeSpan)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseProxy = false })
            .RemoveAllLoggers();
        services.AddHostedService<SandboxSettlements>();
        services.AddHostedService<SandboxWebhookSender>();
        return services;
    }

    private static void AddStorage(IServiceCollection services, SandboxOptions options)
    {
        if (options.ConnectionString is null)
        {
            services.AddSingleton<MemorySandbox>();
            services.AddSingleton<ISandboxLedger>(provider => provider.GetRequiredService<MemorySandbox>());
            services.AddSingleton<ISandboxOutbox>(provider => provider.GetRequiredService<MemorySandbox>());
            return;
        }

        services.AddSingleton<SandboxDatabase>();
        services.AddSingleton<ISandboxLedger, PostgresLedger>();
        services.AddSingleton<ISandboxOutbox, PostgresOutbox>();
        if (options.MakesSchema) services.AddHostedService<SandboxSchema>();
    }
}
