using System.Text.Json;
using System.Text.Json.Serialization;
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
using Billing.Sandbox;

namespace Billing.Api.Hosting;

/// <summary>The wire: <c>snake_case</c>, instants in UTC. Requests are here for their schemas; they are read by <see cref="Fields"/>.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    Converters =
    [
        typeof(WireInstant), typeof(WireEnum<MethodKind>), typeof(WireEnum<Collection>), typeof(WireEnum<InvoiceStatus>), typeof(WireEnum<AttemptOutcome>),
        typeof(WireEnum<RungResult>), typeof(WireEnum<SandboxChargeStatus>), typeof(WireEnum<RefundStatus>), typeof(WireEnum<CreditKind>), typeof(WireEnum<SubscriptionStatus>),
        typeof(WireEnum<HoldCategory>), typeof(WireEnum<ResourceState>), typeof(WireEnum<OrderAction>), typeof(WireEnum<PauseKind>), typeof(WireEnum<Scope>),
        typeof(WireEnum<WebhookDisabledReason>),
    ])]
[JsonSerializable(typeof(AccountRequest))]
[JsonSerializable(typeof(AccountResponse))]
[JsonSerializable(typeof(Page<AccountResponse>))]
[JsonSerializable(typeof(Page<TimelineResponse>))]
[JsonSerializable(typeof(PaymentMethodRequest))]
[JsonSerializable(typeof(PaymentMethodResponse))]
[JsonSerializable(typeof(Page<PaymentMethodResponse>))]
[JsonSerializable(typeof(EmptyRequest))]
[JsonSerializable(typeof(InvoiceRequest))]
[JsonSerializable(typeof(InvoiceResponse))]
[JsonSerializable(typeof(Page<InvoiceResponse>))]
[JsonSerializable(typeof(PayRequest))]
[JsonSerializable(typeof(PaymentResponse))]
[JsonSerializable(typeof(Page<PaymentResponse>))]
[JsonSerializable(typeof(ReceivedRequest))]
[JsonSerializable(typeof(RefundRequest))]
[JsonSerializable(typeof(ReverseRequest))]
[JsonSerializable(typeof(ResolveRequest))]
[JsonSerializable(typeof(RefundResponse))]
[JsonSerializable(typeof(AdjustRequest))]
[JsonSerializable(typeof(CreditRequest))]
[JsonSerializable(typeof(CreditRefundRequest))]
[JsonSerializable(typeof(CreditGrantResponse))]
[JsonSerializable(typeof(CreditsResponse))]
[JsonSerializable(typeof(SubscriptionRequest))]
[JsonSerializable(typeof(SubscriptionCancelRequest))]
[JsonSerializable(typeof(SubscriptionResponse))]
[JsonSerializable(typeof(Page<SubscriptionResponse>))]
[JsonSerializable(typeof(ChargeRequest))]
[JsonSerializable(typeof(ChargeResponse))]
[JsonSerializable(typeof(HoldRequest))]
[JsonSerializable(typeof(HoldResponse))]
[JsonSerializable(typeof(ControlsRequest))]
[JsonSerializable(typeof(InstallationControlsRequest))]
[JsonSerializable(typeof(InstallationControlsResponse))]
[JsonSerializable(typeof(Page<GatewayResponse>))]
[JsonSerializable(typeof(ExtensionRequest))]
[JsonSerializable(typeof(MoveEpisodeRequest))]
[JsonSerializable(typeof(ResourceRequest))]
[JsonSerializable(typeof(AcknowledgeRequest))]
[JsonSerializable(typeof(Page<MailResponse>))]
[JsonSerializable(typeof(ResourceResponse))]
[JsonSerializable(typeof(Page<ResourceResponse>))]
[JsonSerializable(typeof(AttestRequest))]
[JsonSerializable(typeof(Page<AttentionResponse>))]
[JsonSerializable(typeof(Page<StatementEntryResponse>))]
[JsonSerializable(typeof(AgingResponse))]
[JsonSerializable(typeof(GateCheckRequest))]
[JsonSerializable(typeof(GateResponse))]
[JsonSerializable(typeof(GateBatchResponse))]
[JsonSerializable(typeof(ForecastResponse))]
[JsonSerializable(typeof(ExplanationResponse))]
[JsonSerializable(typeof(PreviewRequest))]
[JsonSerializable(typeof(PreviewResponse))]
[JsonSerializable(typeof(PolicyResponse))]
[JsonSerializable(typeof(PolicyValidationResponse))]
[JsonSerializable(typeof(PolicyDefaultsResponse))]
[JsonSerializable(typeof(TestClockRequest))]
[JsonSerializable(typeof(TestClockResponse))]
[JsonSerializable(typeof(AdvanceRequest))]
[JsonSerializable(typeof(Page<EventResponse>))]
[JsonSerializable(typeof(WebhookEndpointRequest))]
[JsonSerializable(typeof(ReplayRequest))]
[JsonSerializable(typeof(WebhookEndpointResponse))]
[JsonSerializable(typeof(Page<WebhookEndpointResponse>))]
[JsonSerializable(typeof(Page<WebhookDeliveryResponse>))]
[JsonSerializable(typeof(SandboxMethodRequest))]
[JsonSerializable(typeof(SandboxMethodResponse))]
[JsonSerializable(typeof(SandboxOutcomeRequest))]
[JsonSerializable(typeof(SandboxChargeResponse))]
[JsonSerializable(typeof(Page<SandboxChargeResponse>))]
[JsonSerializable(typeof(KeyRequest))]
[JsonSerializable(typeof(KeyResponse))]
[JsonSerializable(typeof(Page<KeyResponse>))]
[JsonSerializable(typeof(PayLinkResponse))]
[JsonSerializable(typeof(Page<PayLinkResponse>))]
[JsonSerializable(typeof(PayLinkPayRequest))]
[JsonSerializable(typeof(PayLinkPageResponse))]
[JsonSerializable(typeof(PayLinkPaymentResponse))]
[JsonSerializable(typeof(ClusterResponse))]
[JsonSerializable(typeof(HealthResponse))]
[JsonSerializable(typeof(ProblemResponse))]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class ApiJson : JsonSerializerContext
{
    /// <summary>Makes the framework's own options say the same, so that the OpenAPI document describes this wire and no other.</summary>
    public static void Describe(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.NumberHandling = JsonNumberHandling.Strict;
        foreach (var converter in Default.Options.Converters) options.Converters.Add(converter);
        options.TypeInfoResolverChain.Insert(0, Default);
    }
}
