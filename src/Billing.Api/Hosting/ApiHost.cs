using Billing.Api.Accounts;
using Billing.Api.Attention;
using Billing.Api.Cluster;
using Billing.Api.Controls;
using Billing.Api.Credits;
using Billing.Api.Events;
using Billing.Api.Foresight;
using Billing.Api.Gate;
using Billing.Api.Health;
using Billing.Api.Holds;
using Billing.Api.Invoices;
using Billing.Api.Mail;
using Billing.Api.Notices;
using Billing.Api.PayLinks;
using Billing.Api.PaymentMethods;
using Billing.Api.Payments;
using Billing.Api.Policies;
using Billing.Api.Pulls;
using Billing.Api.Reports;
using Billing.Api.Resources;
using Billing.Api.Sandbox;
using Billing.Api.Subscriptions;
using Billing.Api.TestClocks;
using Billing.Api.WebhookEndpoints;
using Billing.Api.Webhooks;
using Billing.Silo;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Billing.Api.Hosting;

/// <summary>Puts the API into a host that <see cref="BillingHost.AddBillingAsync"/> has prepared.</summary>
internal static class ApiHost
{
    /// <summary>Adds what the endpoints need.</summary>
    /// <exception cref="StartRefusedException">The admin key is too short.</exception>
    public static void AddBillingApi(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = ApiBounds.BodyBytes;
            kestrel.Limits.MaxRequestHeadersTotalSize = ApiBounds.HeaderBytes;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(ApiBounds.BodyBytesPerSecond, TimeSpan.FromSeconds(ApiBounds.BodyGraceSeconds));
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(ApiBounds.HeaderSeconds);
        });

        var services = builder.Services;
        services.AddSingleton(provider => AdminKey.Load(provider.GetRequiredService<BillingOptions>()));
        services.AddSingleton(provider => new ApiSetup(
            provider.GetRequiredService<StoreKind>().IsMemory, provider.GetRequiredService<BillingOptions>().Sandbox is true, builder.Environment.IsProduction(), provider.GetRequiredService<ProcessRole>().IsCluster));
        services.AddSingleton(RateLimits.Read(builder.Configuration));
        services.AddSingleton<Strangers>();
        services.AddSingleton<KeyRing>();
        services.AddHostedService(provider => provider.GetRequiredService<KeyRing>());
        services.AddSingleton(PublicUrl.Read(builder.Configuration, builder.Environment));
        services.AddSingleton(PaymentPage.Read(builder.Configuration));
        services.AddSingleton<PayLinkDoor>();
        builder.AddTrustedProxies();
        services.AddSingleton(provider => WebhookDoorOptions.Read(builder.Configuration, provider.GetRequiredService<ApiSetup>().HasSandbox, builder.Environment.IsProduction()));
        services.AddSingleton<IWebhookScheme, StripeScheme>();
        services.AddSingleton<IWebhookScheme, PaddleScheme>();
        services.AddSingleton<IWebhookScheme, CoinPaymentsScheme>();
        services.AddSingleton<IWebhookScheme, StandardScheme>();
        services.AddSingleton<AccountClocks>();
        services.AddSingleton<Patience>();
        services.AddSingleton<GatewayChoice>();
        services.AddSingleton<PayByHand>();
        services.AddSingleton<AccountCommands>();
        services.AddSingleton<InvoiceCommands>();
        services.AddHostedService<Greeting>();
        services.ConfigureHttpJsonOptions(json => ApiJson.Describe(json.SerializerOptions));
        services.AddBillingOpenApi();
    }

    /// <summary>Maps every endpoint. Test clocks and the sandbox exist only where the configuration says so.</summary>
    public static void UseBillingApi(this WebApplication app)
    {
        // Before the first call: a key that is too short refuses the start.
        app.Services.GetRequiredService<AdminKey>();
        app.UseTrustedProxies();
        app.UseMiddleware<Edge>();
        Under("Accounts").MapAccounts();
        Under("Foresight").MapForesight();
        Under("Payment methods").MapPaymentMethods();
        Under("Invoices").MapInvoices();
        Under("Payments").MapPayments();
        Under("Payments").MapReceived();
        Under("Payments").MapRefunds();
        Under("Credits").MapCredits();
        Under("Subscriptions").MapSubscriptions();
        Under("Keys").MapKeys();
        Under("Pay links").MapPayLinks();
        Under("Holds").MapHolds();
        Under("Controls").MapControls();
        Under("Resources").MapResources();
        Under("Notices").MapNotices();
        Under("Notices").MapMail();
        Under("Attention").MapAttention();
        Under("Reports").MapReports();
        Under("Gate").MapGate();
        Under("Policies").MapPolicies();
        Under("Policies").MapPreview();
        Under("Events").MapEvents();
        Under("Cluster").MapCluster();
        Under("Gateways").MapGateways();
        Under("Webhooks").MapWebhooks();
        Under("Webhook endpoints").MapWebhookEndpoints();
        Under("Health").MapHealth();
        app.MapProblemPages();
        app.MapOpenApi().NeedsNoKey();
        if (!app.Services.GetRequiredService<ApiSetup>().HasSandbox) return;
        Under("Test clocks").MapTestClocks();
        Under("Sandbox").MapSandbox();
        Under("Webhooks").MapSandboxWebhook();

        // What a group of calls is called in the OpenAPI document.
        IEndpointRouteBuilder Under(string tag) => app.MapGroup("").WithTags(tag);
    }
}
