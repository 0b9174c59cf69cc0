using Billing.Silo;
using Billing.Stripe;

namespace Billing.Api.Webhooks;

/// <summary>The doors of gateways' webhooks: the part of the section <c>Billing:Gateways</c> that they need. A door without secrets does not exist.</summary>
internal sealed class WebhookDoorOptions
{
    private const string Base64Prefix = "whsec_";

    private bool _hasSandbox;
    private bool _isProduction;
    private string? _publicUrl;

    /// <summary>Stripe.</summary>
    public StripeWebhooks Stripe { get; init; } = new();

    /// <summary>Paddle.</summary>
    public SignedWebhooks Paddle { get; init; } = new();

    /// <summary>CoinPayments.</summary>
    public CoinPaymentsWebhooks CoinPayments { get; init; } = new();

    /// <summary>Standard Webhooks.</summary>
    public StandardWebhooks Standard { get; init; } = new();

    /// <summary>The URL that CoinPayments signs: as configured, else the door's under <c>Billing:PublicUrl</c>.</summary>
    public string? CoinPaymentsUrl => CoinPayments.WebhookUrl ?? (_publicUrl is { } url ? url.TrimEnd('/') + "/v1/webhooks/coinpayments" : null);

    /// <summary>Reads the configuration.</summary>
    /// <exception cref="StartRefusedException">A secret, a source or a URL is wrong.</exception>
    public static WebhookDoorOptions Read(IConfiguration configuration, bool hasSandbox, bool isProduction)
    {
        var options = configuration.GetSection("Billing:Gateways").Get<WebhookDoorOptions>() ?? new WebhookDoorOptions();
        (options._hasSandbox, options._isProduction, options._publicUrl) = (hasSandbox, isProduction, configuration["Billing:PublicUrl"]);
        Check("Stripe:WebhookSecrets", options.Stripe.WebhookSecrets);
        Check("Paddle:WebhookSecrets", options.Paddle.WebhookSecrets);
        Check("CoinPayments:WebhookSecrets", options.CoinPayments.WebhookSecrets);
        if (options.CoinPayments.WebhookSecrets.Count > 0 && !Uri.TryCreate(options.CoinPaymentsUrl, UriKind.Absolute, out _))
        {
            throw new StartRefusedException("CoinPayments signs the URL of its webhook: set Billing:Gateways:CoinPayments:WebhookUrl, or Billing:PublicUrl, to an absolute URL.");
        }

        foreach (var (name, source) in options.Standard.Sources)
        {
            var path = $"Standard:Sources:{name}";
            if (!Ids.IsValid(name)) throw new StartRefusedException($"Billing:Gateways:{path}: a source's name has letters, digits and . _ : - , at most 128.");
            if (source.Secrets.Count == 0) throw new StartRefusedException($"Billing:Gateways:{path} needs a secret: Billing:Gateways:{path}:Secrets:0.");
            if (source.MaxAmount is < 1 or > Money.Largest) throw new StartRefusedException($"Billing:Gateways:{path}:MaxAmount is {source.MaxAmount}; it must be 1 to {Money.Largest} minor units.");
            Check($"{path}:Secrets", source.Secrets);
            foreach (var secret in source.Secrets.Where(secret => secret.StartsWith(Base64Prefix, StringComparison.Ordinal) && !IsBase64(secret[Base64Prefix.Length..])))
            {
                throw new StartRefusedException($"Billing:Gateways:{path}:Secrets:{source.Secrets.IndexOf(secret)} begins with {Base64Prefix} and is not base64 after it.");
            }
        }

        return options;
    }

    /// <summary>Whose accounts a gateway may touch that does not tell its mode: as the configuration says, else both kinds where there is a sandbox.</summary>
    public GatewayMode ModeOf(bool? isTest) => isTest switch
    {
        true => GatewayMode.Test,
        false => GatewayMode.Live,
        null => _hasSandbox ? GatewayMode.Either : GatewayMode.Live,
    };

    /// <summary>
    /// Whose accounts an event of Stripe may touch. Live mode: live accounts alone. Test mode: what the API key charges in an
    /// installation whose key is a test key, so its accounts of either kind; without a key nobody says so, and in Production
    /// test mode never touches a live account.
    /// </summary>
    public GatewayMode ModeOfStripe(bool isLive) => isLive ? GatewayMode.Live : Stripe.IsLive is false || !_isProduction ? GatewayMode.Either : GatewayMode.Test;

    private static void Check(string path, List<string> secrets)
    {
        if (secrets.FindIndex(string.IsNullOrWhiteSpace) is >= 0 and var empty) throw new StartRefusedException($"Billing:Gateways:{path}:{empty} is empty.");
    }

    private static bool IsBase64(string text) => text.Length > 0 && Convert.TryFromBase64String(text, new byte[text.Length], out _);
}

/// <summary>Webhooks that are signed with a secret.</summary>
internal class SignedWebhooks
{
    /// <summary>The secrets; several while one is rotated. Default: none, and no door.</summary>
    public List<string> WebhookSecrets { get; init; } = [];

    /// <summary>Whether they concern test accounts only, or live accounts only. Default: either where there is a sandbox, else live ones.</summary>
    public bool? Test { get; init; }
}

/// <summary>Stripe's webhooks.</summary>
internal sealed class StripeWebhooks : SignedWebhooks
{
    /// <summary>The API key, whose prefix says which mode is ours.</summary>
    public string? ApiKey { get; init; }

    /// <summary>Whether the key is of live mode; <see langword="null"/> where there is none, or it does not say.</summary>
    public bool? IsLive => StripeOptions.IsLiveKey(ApiKey);
}

/// <summary>CoinPayments' webhooks.</summary>
internal sealed class CoinPaymentsWebhooks : SignedWebhooks
{
    /// <summary>The URL of the webhook as the integration has it, which is part of what is signed. Default: the door's under <c>Billing:PublicUrl</c>.</summary>
    public string? WebhookUrl { get; init; }

    /// <summary>CoinPayments' own numbers of currencies. Default: 5057 is USD.</summary>
    public Dictionary<string, string> Currencies { get; init; } = new(StringComparer.Ordinal) { ["5057"] = "USD" };
}

/// <summary>Systems that report payments by Standard Webhooks.</summary>
internal sealed class StandardWebhooks
{
    /// <summary>The sources, by a name of the operator's choice.</summary>
    public Dictionary<string, StandardSource> Sources { get; init; } = new(StringComparer.Ordinal);
}

/// <summary>One system that reports payments.</summary>
internal sealed class StandardSource
{
    /// <summary>Its secrets; several while one is rotated. One that begins with <c>whsec_</c> is the base64 of its key.</summary>
    public List<string> Secrets { get; init; } = [];

    /// <summary>The most minor units that one report of it may put on an account; more waits for a human. Default: the largest amount that there is.</summary>
    public long MaxAmount { get; init; } = Money.Largest;

    /// <summary>Whether it concerns test accounts only, or live accounts only. Default: either where there is a sandbox, else live ones.</summary>
    public bool? Test { get; init; }
}
