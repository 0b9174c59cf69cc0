using Billing.Gateways;

namespace Billing.Grains.Gateways;

/// <summary>The gateways of this process, each with the line before it.</summary>
public sealed class PaymentGateways
{
    private readonly Dictionary<string, GatewayAtHand> _byName;

    /// <summary>These gateways; one that has no limits of its own has none.</summary>
    /// <param name="gateways">The gateways.</param>
    /// <param name="limits">The limits, by the gateways' names.</param>
    /// <param name="time">Real time.</param>
    public PaymentGateways(IEnumerable<IPaymentGateway> gateways, IReadOnlyDictionary<string, GatewayLimits> limits, TimeProvider time) =>
        _byName = gateways.ToDictionary(gateway => gateway.Name, gateway => new GatewayAtHand(gateway, new GatewayLine(limits.GetValueOrDefault(gateway.Name, GatewayLimits.None), time)), StringComparer.Ordinal);

    /// <summary>The names of all.</summary>
    public IEnumerable<string> Names => _byName.Keys;

    /// <summary>A gateway by name; <see langword="null"/>: there is none here.</summary>
    public GatewayAtHand? Find(string name) => _byName.GetValueOrDefault(name);
}

/// <summary>A gateway and the line before it.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Line">The line.</param>
public sealed record GatewayAtHand(IPaymentGateway Gateway, GatewayLine Line);
