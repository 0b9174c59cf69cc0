namespace Billing.Grains.Interfaces;

/// <summary>Where what gateways tell comes in, by webhook or by asking.</summary>
public interface IGatewayInbox
{
    /// <summary>
    /// Takes an event: the payment that it belongs to records it, or it is kept until one does. Returning means that it is
    /// durable; an exception, that it may not be and has to come again.
    /// </summary>
    /// <returns>The payment that took it; <see langword="null"/>: it is kept.</returns>
    Task<string?> TakeAsync(GatewayEvent told);

    /// <summary>Matches an event with what there is now.</summary>
    Task<EventMatched> MatchAsync(GatewayEvent told);

    /// <summary>A payment has a new reference or was captured: what waits for that is matched.</summary>
    Task AnnounceAsync(PaymentState payment);
}
