using Billing.Gateways;
using Billing.Sandbox;
using Billing.Stripe;

namespace Billing.Silo;

/// <summary>The section <c>Billing:Gateways</c>: one part for each gateway.</summary>
public sealed class GatewaysOptions
{
    /// <summary>The limits of the sandbox. Default: none.</summary>
    public GatewayLimits Sandbox { get; set; } = new();

    /// <summary>Stripe, where it has a key.</summary>
    public StripeOptions Stripe { get; set; } = new();

    /// <summary>The limits of all, by the gateways' names.</summary>
    public IReadOnlyDictionary<string, GatewayLimits> Limits => new Dictionary<string, GatewayLimits>(StringComparer.Ordinal)
    {
        [SandboxGateway.GatewayName] = Sandbox,
        [StripeGateway.GatewayName] = Stripe,
    };

    /// <summary>What is wrong with it; <see langword="null"/>: nothing.</summary>
    public string? Mistake() => Stripe.Mistake() ?? (Sandbox.AreValid ? null : $"Billing:Gateways:Sandbox:MaxInFlight and MaxPerSecond must be 0 (no limit) to {GatewayLimits.Highest}.");
}
