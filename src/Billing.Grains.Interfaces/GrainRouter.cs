namespace Billing.Grains.Interfaces;

/// <summary>From a key to the grain that it names.</summary>
public static class GrainRouter
{
    /// <summary>An account's grain.</summary>
    public static IAccountGrain Account(this IGrainFactory grains, string id) => grains.GetGrain<IAccountGrain>(GrainKeys.Account(id));

    /// <summary>An invoice's grain.</summary>
    public static IInvoiceGrain Invoice(this IGrainFactory grains, string id) => grains.GetGrain<IInvoiceGrain>(GrainKeys.Invoice(id));

    /// <summary>A payment's grain.</summary>
    public static IPaymentGrain Payment(this IGrainFactory grains, string id) => grains.GetGrain<IPaymentGrain>(GrainKeys.Payment(id));

    /// <summary>A policy's grain.</summary>
    public static IPolicyGrain Policy(this IGrainFactory grains, string id) => grains.GetGrain<IPolicyGrain>(GrainKeys.Policy(id));

    /// <summary>A test clock's grain.</summary>
    public static ITestClockGrain TestClock(this IGrainFactory grains, string id) => grains.GetGrain<ITestClockGrain>(GrainKeys.TestClock(id));

    /// <summary>A kept event's grain, by its whole key.</summary>
    public static IInboxGrain Inbox(this IGrainFactory grains, string key) => grains.GetGrain<IInboxGrain>(key);

    /// <summary>A webhook endpoint's grain.</summary>
    public static IWebhookEndpointGrain WebhookEndpoint(this IGrainFactory grains, string id) => grains.GetGrain<IWebhookEndpointGrain>(GrainKeys.WebhookEndpoint(id));

    /// <summary>The pull of a gateway's books.</summary>
    public static IPullGrain Pull(this IGrainFactory grains, string gateway) => grains.GetGrain<IPullGrain>(GrainKeys.Pull(gateway));

    /// <summary>A brake of the installation, by its whole key.</summary>
    public static IBrakeGrain Brake(this IGrainFactory grains, string key) => grains.GetGrain<IBrakeGrain>(key);

    /// <summary>The keys of the installation.</summary>
    public static IKeysGrain Keys(this IGrainFactory grains) => grains.GetGrain<IKeysGrain>(GrainKeys.Keys);

    /// <summary>A pay link's grain, by the hash of its token.</summary>
    public static IPayLinkGrain PayLink(this IGrainFactory grains, string hash) => grains.GetGrain<IPayLinkGrain>(GrainKeys.PayLink(hash));

    /// <summary>The grain of a key, by its prefix.</summary>
    /// <exception cref="ArgumentException">No grain has such a key.</exception>
    public static IDurableGrain ByKey(this IGrainFactory grains, string key) => key[..key.IndexOf('/', StringComparison.Ordinal)] switch
    {
        "acct" => grains.GetGrain<IAccountGrain>(key),
        "inv" => grains.GetGrain<IInvoiceGrain>(key),
        "pay" => grains.GetGrain<IPaymentGrain>(key),
        "policy" => grains.GetGrain<IPolicyGrain>(key),
        "pull" => grains.GetGrain<IPullGrain>(key),
        "brake" => grains.GetGrain<IBrakeGrain>(key),
        "inbox" => grains.GetGrain<IInboxGrain>(key),
        "card" => grains.GetGrain<ICardCeilingGrain>(key),
        "keys" => grains.GetGrain<IKeysGrain>(key),
        "link" => grains.GetGrain<IPayLinkGrain>(key),
        "hook" => grains.GetGrain<IWebhookEndpointGrain>(key),
        "clock" => grains.GetGrain<ITestClockGrain>(key),
        _ => throw new ArgumentException($"No grain has the key '{key}'.", nameof(key)),
    };
}
