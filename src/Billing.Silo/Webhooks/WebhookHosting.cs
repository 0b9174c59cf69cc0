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
    /// <param name="services">The host's services.</param>
    /// <param name="options">The section <c>Billing:Webhooks</c>.</param>
    /// <param name="isDevelopment">Whether private targets are allowed where the configuration does not say.</param>
    /// <param name="hasGrains">Whether endpoints live in this process; if not, it only takes and shows them.</param>
    public static void AddWebhooks(this IServiceCollection services, WebhookOptions options, bool isDevelopment, bool hasGrains)
    {
        services.AddSingleton(options);
        services.TryAddSingleton<IChance, SystemChance>();
        services.TryAddSingleton<IHostResolver, SystemResolver>();
        services.AddSingleton(provider => new TargetGuard(provider.GetRequiredService<IHostResolver>(), options.AllowPrivateTargets ?? isDevelopment));
        if (!hasGrains) return;
        services.AddSingleton<IWebhookSender, WebhookSender>();
        services.AddSingleton(options.ReadSchedule());
        services.AddSingleton<WebhookPorts>();
        services.AddHostedService<FeedWatch>();
    }
}
