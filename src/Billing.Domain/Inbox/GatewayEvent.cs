using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What a gateway tells about one of its objects, in our words: read from a webhook, or found by asking. It may come in any
/// order and any number of times; what it does depends on the gateway's object and on what is said of it, never on how often.
/// </summary>
public sealed record GatewayEvent
{
    /// <summary>The gateway: <c>stripe</c>, <c>paddle</c>, <c>coinpayments</c>, or <c>standard.{source}</c>.</summary>
    public required string Gateway { get; init; }

    /// <summary>The gateway's own id of the event: the same each time it is sent.</summary>
    public required string Id { get; init; }

    /// <summary>The gateway's own name for what happened, for people.</summary>
    public required string Type { get; init; }

    /// <summary>What happened.</summary>
    public required GatewayFact Fact { get; init; }

    /// <summary>The gateway's own id of the charge that it is about: <see cref="Attempt.Reference"/> of ours, or the reference of money received.</summary>
    public required string Object { get; init; }

    /// <summary>Within that charge, the refund or dispute that it is about, where the gateway names it.</summary>
    public string? Part { get; init; }

    /// <summary>Our payment, where the object's metadata names it (<c>billing_payment</c>).</summary>
    public string? Payment { get; init; }

    /// <summary>Its attempt, where the metadata names it too (<c>billing_attempt</c>).</summary>
    public int? Ordinal { get; init; }

    /// <summary>Else the account whose money it is (<c>billing_account</c>).</summary>
    public string? Account { get; init; }

    /// <summary>And the invoice that it is for (<c>billing_invoice</c>); whether it can be paid the account decides.</summary>
    public string? Invoice { get; init; }

    /// <summary>How much, as the gateway says it.</summary>
    public Money? Amount { get; init; }

    /// <summary>Whether <see cref="Amount"/> is all so far that was captured, or refunded, of the object, and not this event's part alone.</summary>
    public bool IsTotal { get; init; }

    /// <summary>Why it was declined.</summary>
    public string? Code { get; init; }

    /// <summary>When it happened, in real time, where the gateway says so.</summary>
    public Instant? At { get; init; }

    /// <summary>What the customer has to do.</summary>
    public NextAction? Action { get; init; }

    /// <summary>Whose accounts it may touch: test accounts, live ones, or either.</summary>
    public GatewayMode Mode { get; init; }

    /// <summary>Why it must not touch an account before somebody has looked at it.</summary>
    public string? Doubt { get; init; }

    /// <summary>The id of an event that was found by asking: of the object and what is said of it, so the same each time.</summary>
    /// <param name="part">The object, or its part.</param>
    /// <param name="fact">What is said.</param>
    public static string PulledId(string part, GatewayFact fact) => $"{Pulled}{part}~{fact}";

    /// <summary>Whether it was found by asking.</summary>
    public bool IsPulled => Id.StartsWith(Pulled, StringComparison.Ordinal);

    private const string Pulled = "pull~";
}

/// <summary>What a gateway tells.</summary>
public enum GatewayFact
{
    /// <summary>Captured.</summary>
    Succeeded,

    /// <summary>Declined for good.</summary>
    Declined,

    /// <summary>Accepted; the outcome comes later.</summary>
    Processing,

    /// <summary>The customer has to do something first.</summary>
    AwaitingCustomer,

    /// <summary>Ended before the customer paid.</summary>
    Cancelled,

    /// <summary>Money of it was sent back.</summary>
    Refunded,

    /// <summary>A refund that had been accepted could not be sent after all.</summary>
    RefundFailed,

    /// <summary>The customer disputes it.</summary>
    DisputeOpened,

    /// <summary>The dispute is over and the money stays.</summary>
    DisputeWon,

    /// <summary>The money was taken back.</summary>
    DisputeLost,
}

/// <summary>Whose accounts a gateway's event may touch. A live gateway's never touches a test account, nor the other way round.</summary>
public enum GatewayMode
{
    /// <summary>The gateway does not tell, and this installation has both kinds.</summary>
    Either,

    /// <summary>Live accounts only.</summary>
    Live,

    /// <summary>Test accounts only.</summary>
    Test,
}

/// <summary>Gateway → Payment: what a gateway tells about this payment.</summary>
/// <param name="Event">What it tells.</param>
public sealed record GatewayTold(GatewayEvent Event) : Message;
