using NodaTime;

namespace Billing.Domain;

/// <summary>How a subscription stands. Past due is not stored: it is what an active one is while an invoice of its own is unpaid.</summary>
public enum SubscriptionStatus
{
    /// <summary>Its first invoice is not paid: a dead card buys no grace.</summary>
    Incomplete,

    /// <summary>It runs.</summary>
    Active,

    /// <summary>An invoice of its own is unpaid.</summary>
    PastDue,

    /// <summary>It has ended.</summary>
    Cancelled,
}

/// <summary>Something that is billed again and again.</summary>
public sealed record Subscription : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>The caller's name for what is subscribed.</summary>
    public required string Plan { get; init; }

    /// <summary>What a period costs, before tax; a new amount counts from the next renewal.</summary>
    public required Money Amount { get; init; }

    /// <summary>Incomplete, active or cancelled, as recorded.</summary>
    public SubscriptionStatus Status { get; init; }

    /// <summary>When its first invoice is issued.</summary>
    public required Instant StartsAt { get; init; }

    /// <summary>Its first invoice, once issued: paying it completes the subscription.</summary>
    public string? FirstInvoice { get; init; }

    /// <summary>When the present period began.</summary>
    public Instant? PeriodStart { get; init; }

    /// <summary>When it ends and the next is billed.</summary>
    public Instant? PeriodEnd { get; init; }

    /// <summary>When it is billed next: the end of the period or, after renewals that were passed over, the next date of the old rhythm.</summary>
    public Instant? NextBillingAt { get; init; }

    /// <summary>Whether the present period is billed when it ends, as on a calendar cycle; else it was billed when it began.</summary>
    public bool IsInArrears { get; init; }

    /// <summary>The invoice that billed the present period in advance: paying it late is what restarts a period.</summary>
    public string? PeriodInvoice { get; init; }

    /// <summary>Whether that invoice became unpaid since the subscription is past due.</summary>
    public bool IsRenewalOverdue { get; init; }

    /// <summary>Whether a renewal came and was passed over: it was past due, in a standing that deletes, or without a cycle.</summary>
    public bool IsSkipped { get; init; }

    /// <summary>Since when it is on record as past due. For the events alone: how it stands is derived.</summary>
    public Instant? PastDueSince { get; init; }
}

/// <summary>A charge that waits for the next cycle's invoice.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Amount">How much, before tax.</param>
/// <param name="RecordedAt">When it was recorded: it belongs to that period.</param>
public sealed record PendingCharge(string Id, string Description, Money Amount, Instant RecordedAt)
{
    /// <summary>The last boundary that passed it over, in a standing that deletes.</summary>
    public Instant? PassedAt { get; init; }
}

/// <summary>Makes or changes a subscription.</summary>
/// <param name="Subscription">The caller's id.</param>
/// <param name="Plan">What is subscribed; <see langword="null"/>: unchanged.</param>
/// <param name="Amount">What a period costs; <see langword="null"/>: unchanged.</param>
/// <param name="StartsAt">When it begins; <see langword="null"/>: now.</param>
public sealed record PutSubscription(string Subscription, string? Plan, Money? Amount, Instant? StartsAt) : Message;

/// <summary>Ends a subscription at once. Its open invoices stay owed, unless the call voids them.</summary>
public sealed record CancelSubscription(string Subscription, bool VoidOpen, IdempotencyKey? Key) : Message;

/// <summary>Adds a charge to the next cycle's invoice.</summary>
public sealed record AddCharge(string Charge, string Description, Money Amount, IdempotencyKey? Key) : Message;
