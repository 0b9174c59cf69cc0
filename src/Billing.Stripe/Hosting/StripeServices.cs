using Billing.Gateways;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Billing.Stripe;

/// <summary>Puts Stripe into a host.</summary>
public static class StripeServices
{
    /// <summary>Adds <see cref="StripeGateway"/> as an <see cref="IPaymentGateway"/>, over a client that follows no redirect and logs nothing.</summary>
    /// <exception cref="ArgumentException">The options are wrong, or there is no key.</exception>
    public static IServiceCollection AddStripeGateway(this IServiceCollection services, StripeOptions options)
    {
        if (options.ApiKey is null || options.Mistake() is not null) throw new ArgumentException(options.Mistake() ?? "There is no key.", nameof(options));
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(options);
        services.AddHttpClient(StripeClient.Name, client =>
            {
                client.Timeout = Timeout.InfiniteTimeSpan;
                client.MaxResponseContentBufferSize = StripeClient.LargestAnswer;
            })
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = TimeSpan.FromSeconds(5) })
            .RemoveAllLoggers();
        services.AddSingleton(provider => new StripeClient(provider.GetRequiredService<IHttpClientFactory>(), options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new StripeGateway(provider.GetRequiredService<StripeClient>(), options, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<IPaymentGateway>(provider => provider.GetRequiredService<StripeGateway>());
        return services;
    }
}
