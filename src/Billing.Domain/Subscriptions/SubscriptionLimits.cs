namespace Billing.Domain;

/// <summary>What one account may have billed. One more is refused with <c>too_many</c>.</summary>
public static class SubscriptionLimits
{
    /// <summary>Subscriptions that have not ended; as many ended ones are kept, and the oldest beyond that are forgotten.</summary>
    public const int Subscriptions = 100;

    /// <summary>Charges that wait for an invoice.</summary>
    public const int PendingCharges = 500;
}
