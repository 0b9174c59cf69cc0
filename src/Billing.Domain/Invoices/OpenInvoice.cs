using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What the account knows of an open invoice: all that standing needs, and who has it reserved.</summary>
public sealed record OpenInvoice : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>Its number in the account's series.</summary>
    public required string Number { get; init; }

    /// <summary>Its place in the series.</summary>
    public required int Sequence { get; init; }

    /// <summary>Who starts its payment.</summary>
    public required Collection Collection { get; init; }

    /// <summary>The policy version whose collection rules it keeps.</summary>
    public required PolicyRef Rules { get; init; }

    /// <summary>When it was issued.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>When it is due.</summary>
    public required Instant DueAt { get; init; }

    /// <summary>What it asks for, tax included.</summary>
    public required Money Total { get; init; }

    /// <summary>The tax in it.</summary>
    public Money? Tax { get; init; }

    /// <summary>What is due on it: more than nothing. Total less promo, credit notes and what was applied.</summary>
    public required Money Due { get; init; }

    /// <summary>What credit notes have taken off.</summary>
    public Money? Credited { get; init; }

    /// <summary>What was applied to it so far, in order.</summary>
    public ImmutableArray<Application> Applied { get => field.OrEmpty(); init; }

    /// <summary>The promotional credit that it used at issue.</summary>
    public ImmutableArray<PromoPart> Promo { get => field.OrEmpty(); init; }

    /// <summary>The subscriptions that it bills.</summary>
    public ImmutableArray<string> Subscriptions { get => field.OrEmpty(); init; }

    /// <summary>The one payment that may move money for it.</summary>
    public string? ReservedBy { get; init; }

    /// <summary>How much of it that payment is to move: what became due since is not covered by it.</summary>
    public Money? ReservedAmount { get; init; }

    /// <summary>The payment that waits for the customer to pay it; it holds nothing.</summary>
    public string? AwaitedBy { get; init; }

    /// <summary>The rung that waits until it is free.</summary>
    public int? WaitingRung { get; init; }

    /// <summary>Since when it is unpaid, once that is on record; none while it is written off or below the minimum.</summary>
    public Instant? UnpaidSince { get; init; }

    /// <summary>Since when it was first unpaid: what it counts from when it is unpaid again.</summary>
    public Instant? FirstUnpaidSince { get; init; }

    /// <summary>When rung 0 ended without paying.</summary>
    public Instant? Rung0EndedAt { get; init; }

    /// <summary>When the last rung ended without paying.</summary>
    public Instant? ExhaustedAt { get; init; }

    /// <summary>When its newest attempt was declined hard; none where the newest was not.</summary>
    public Instant? HardDeclinedAt { get; init; }

    /// <summary>Until when live payments hold its consequences off: counted from the first submission in the episode.</summary>
    public Instant? HoldUntil { get; init; }

    /// <summary>Whether it is due again after money was taken back: such an invoice is never attempted automatically.</summary>
    public bool IsDueAgain { get; init; }

    /// <summary>From when the grace before its cancellation counts, where that is not its due time.</summary>
    public Instant? GraceFrom { get; init; }

    /// <summary>Whether it was written off: still payable, and in no total and no condition.</summary>
    public bool IsWrittenOff { get; init; }

    /// <summary>Whether the notice before its due time was sent.</summary>
    public bool IsAnnounced { get; init; }

    /// <summary>Whether a gateway declined an attempt for it: what follows is a reattempt.</summary>
    public bool WasDeclined { get; init; }

    /// <summary>What was paid on it with money.</summary>
    public Money Paid => Applied.Sum(Total.Currency, part => part.Amount);

    /// <summary>The invoice with this much less of one application.</summary>
    internal OpenInvoice TakeFrom(int application, Money amount)
    {
        var part = Applied[application];
        return this with { Applied = part.Amount == amount ? Applied.RemoveAt(application) : Applied.SetItem(application, part with { Amount = part.Amount - amount }) };
    }
}
