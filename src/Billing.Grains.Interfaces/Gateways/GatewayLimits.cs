namespace Billing.Gateways;

/// <summary>How much of a gateway one process uses. A whole portfolio may be billed at one instant; the gateway need not notice.</summary>
public class GatewayLimits
{
    /// <summary>The highest value of either limit.</summary>
    public const int Highest = 10_000;

    /// <summary>No limit at all.</summary>
    public static readonly GatewayLimits None = new();

    /// <summary>At most so many requests are under way at once. 0: as many as there are.</summary>
    public int MaxInFlight { get; set; }

    /// <summary>At most so many requests begin in any second. 0: as many as there are.</summary>
    public int MaxPerSecond { get; set; }

    /// <summary>Whether both are within their bounds.</summary>
    public bool AreValid => MaxInFlight is >= 0 and <= Highest && MaxPerSecond is >= 0 and <= Highest;
}
