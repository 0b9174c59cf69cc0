using Billing.Gateways;

namespace Billing.Stripe;

/// <summary>The section <c>Billing:Gateways:Stripe</c>. With an <see cref="ApiKey"/> there is Stripe; without one there is not.</summary>
public sealed class StripeOptions : GatewayLimits
{
    /// <summary>32 requests under way and 50 begun in a second, for each process: half of what Stripe lets a live account do.</summary>
    public StripeOptions() => (MaxInFlight, MaxPerSecond) = (32, 50);

    /// <summary>The secret key: <c>sk_live_…</c> or <c>sk_test_…</c>, or a restricted one, <c>rk_live_…</c> or <c>rk_test_…</c>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Where Stripe is. Default <c>https://api.stripe.com</c>.</summary>
    public Uri BaseUrl { get; set; } = new("https://api.stripe.com");

    /// <summary>Sign its webhooks; several while one is replaced by another.</summary>
    public string[] WebhookSecrets { get; set; } = [];

    /// <summary>Where a customer comes back to after a challenge. Without one a charge that asks for a challenge is declined, by hand too.</summary>
    public Uri? ReturnUrl { get; set; }

    /// <summary>How long one request may take before its answer counts as lost. Default 15 s; it must be less than <c>Billing:Delivery:GatewayBound</c>.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>Whether the key moves real money; Stripe says of each of its objects whether it does.</summary>
    public bool IsLive => IsLiveKey(ApiKey) is true;

    /// <summary>Whether a key is of live mode; <see langword="null"/> where there is none, or it does not say.</summary>
    public static bool? IsLiveKey(string? key)
    {
        if (Begins("sk_live_") || Begins("rk_live_")) return true;
        return Begins("sk_test_") || Begins("rk_test_") ? false : null;

        bool Begins(string prefix) => key?.StartsWith(prefix, StringComparison.Ordinal) is true;
    }

    /// <summary>What is wrong with it, in a sentence that names no secret; <see langword="null"/>: nothing.</summary>
    public string? Mistake()
    {
        if (ApiKey is null) return null;
        if (IsLiveKey(ApiKey) is null) return "Billing:Gateways:Stripe:ApiKey must begin with sk_live_, sk_test_, rk_live_ or rk_test_.";
        if (ApiKey.Any(c => c is <= ' ' or >= '\u007f')) return "Billing:Gateways:Stripe:ApiKey holds characters that no key has.";
        if (!BaseUrl.IsAbsoluteUri || BaseUrl.Scheme is not ("https" or "http")) return "Billing:Gateways:Stripe:BaseUrl must be an absolute URL.";
        if (BaseUrl.Scheme == "http" && !BaseUrl.IsLoopback) return "Billing:Gateways:Stripe:BaseUrl must be https: the key goes there.";
        if (!AreValid) return $"Billing:Gateways:Stripe:MaxInFlight and MaxPerSecond must be 0 (no limit) to {Highest}.";
        if (ReturnUrl is { IsAbsoluteUri: false }) return "Billing:Gateways:Stripe:ReturnUrl must be an absolute URL.";
        return Timeout > TimeSpan.Zero ? null : "Billing:Gateways:Stripe:Timeout must be more than nothing.";
    }
}
