using Billing.Embedded.Reminders;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orleans;

namespace Billing.Embedded.Engine;

/// <summary>Adds the engine to a host.</summary>
public static class EngineServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine, its <see cref="IGrainFactory"/> and its hosted service. The host adds an
    /// <see cref="Storage.IGrainStateStore"/> and an <see cref="Orleans.Storage.IGrainStorageSerializer"/>, and may add
    /// <see cref="IReminderSeed"/>s and a <see cref="TimeProvider"/>.
    /// </summary>
    public static IServiceCollection AddEmbeddedEngine(this IServiceCollection services, Action<EngineOptions> configure)
    {
        services.AddLogging();
        services.AddOptions<EngineOptions>()
            .Configure(configure)
            .Validate(options => options.MaxActivations > 0 && options.ReminderConcurrency > 0, "MaxActivations and ReminderConcurrency are at least 1.")
            .Validate(options => options.ResponseTimeout > TimeSpan.Zero && options.CollectEvery > TimeSpan.Zero, "ResponseTimeout and CollectEvery are more than 0.")
            .ValidateOnStart();
        services.TryAddSingleton<IDispatcher, ThreadPoolDispatcher>();
        services.TryAddSingleton<GrainClasses>();
        services.TryAddSingleton<Catalog>();
        services.TryAddSingleton<IGrainFactory, GrainFactory>();
        services.TryAddSingleton(provider => new EmbeddedEngine(
            provider.GetRequiredService<Catalog>(), provider.GetRequiredService<GrainClasses>(), provider.GetServices<IReminderSeed>()));
        services.AddHostedService(provider => provider.GetRequiredService<EmbeddedEngine>());
        return services;
    }
}
