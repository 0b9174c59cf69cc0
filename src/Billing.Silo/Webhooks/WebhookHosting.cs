using Billing.Grains.Interfaces;
using Billing.Grains.Interfaces.Webhooks;
using Billing.Grains.Webhooks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Billing.Silo.Webhooks;

/// <summary>Wires what sends events.</summary>
internal static class WebhookHosting
{
    /// <summary>Adds it. A resolver and a source of chance that are there already stay.</summary>
    public static void AddWebhooks(this IServiceCollection services, WebhookOptions options, bool isDevelopment)
    {
        services.AddSingleton(options);
        services.TryAddSingleton<IChance, SystemChance>();
        services.TryAddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton(provider => new TargetGuard(provider.GetRequiredService<IHostResolver>(), options.AllowPrivateTargets ?? isDevelopment));
        services.AddSingleton<IWebhookSender, WebhookSender>();
        services.AddSingleton(options.ReadSchedule());
        services.AddSingleton<WebhookPorts>();
        services.AddHostedService<FeedWatch>();
    }
}
