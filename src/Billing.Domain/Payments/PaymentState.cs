using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>One intent to move money, its submissions, and where its money lies.</summary>
public sealed record PaymentState : AttendedState
{
    /// <inheritdoc />
    public override string? Owner => Start?.Account;

    /// <summary>What was asked; <see langword="null"/> while the name is free.</summary>
    public StartPayment? Start { get; init; }

    /// <summary>The payment's name.</summary>
    public string Id { get; init; } = "";

    /// <summary>How it stands.</summary>
    public PaymentStatus Status { get; init; }

    /// <summary>The submissions, in order.</summary>
    public ImmutableArray<Attempt> Attempts { get => field.OrEmpty(); init; }

    /// <summary>The methods that it may still go on to, the present one first.</summary>
    public ImmutableArray<MethodCandidate> Left { get => field.OrEmpty(); init; }

    /// <summary>When it asks the gateway, or tries again after an error.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>How often the gateway was asked about the present attempt.</summary>
    public int TimesAsked { get; init; }

    /// <summary>What was captured.</summary>
    public Money? Captured { get; init; }

    /// <summary>When it ended.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>When it was named.</summary>
    public Instant CreatedAt { get; init; }

    /// <summary>What went to which invoice; taken back as a negative amount.</summary>
    public ImmutableArray<Allocation> Allocations { get => field.OrEmpty(); init; }

    /// <summary>What of it is prepayment.</summary>
    public Money? Prepayment { get; init; }

    /// <summary>The account's facts counted when it took note of the end: money applied, or invoices released.</summary>
    public long SettledVersion { get; init; }

    /// <summary>Whether the account gave it up: nothing more is submitted.</summary>
    public bool IsCancelled { get; init; }

    /// <summary>When refunds are sent again after an error.</summary>
    public Instant? RefundDueAt { get; init; }

    /// <summary>Whether automatic payment is off: what was submitted goes on, and nothing more is submitted.</summary>
    public bool IsPaused { get; init; }

    /// <summary>Methods that it does not go on to any more.</summary>
    public ImmutableArray<PassOver> PassedOver { get => field.OrEmpty(); init; }

    /// <summary>What the customer has to do.</summary>
    public NextAction? Action { get; init; }

    /// <summary>Until when the customer may do it.</summary>
    public Instant? ExpiresAt { get; init; }

    /// <summary>For money received elsewhere: the caller's reference.</summary>
    public string? Reference { get; init; }

    /// <summary>For money received elsewhere: the gateway that told of it.</summary>
    public string? Gateway { get; init; }

    /// <summary>What the gateway has told of refunds, by charge and refund.</summary>
    public ImmutableArray<ToldRefund> RefundsTold { get => field.OrEmpty(); init; }

    /// <summary>The disputes that are over, by their names: what comes late about one opens nothing.</summary>
    public ImmutableArray<string> DisputesOver { get => field.OrEmpty(); init; }

    /// <summary>What was sent back.</summary>
    public Money? Refunded { get; init; }

    /// <summary>What was taken back.</summary>
    public Money? Reversed { get; init; }

    /// <summary>Since when a dispute about it is open.</summary>
    public Instant? DisputedAt { get; init; }

    /// <summary>Its refunds, in order.</summary>
    public ImmutableArray<Refund> Refunds { get => field.OrEmpty(); init; }

    /// <summary>The reversals and disputes that were taken note of, by their names: said twice they count once.</summary>
    public ImmutableArray<Reversal> Reversals { get => field.OrEmpty(); init; }

    /// <summary>The closed invoices on which money of it lies.</summary>
    public ImmutableArray<OpenInvoice> Closed { get => field.OrEmpty(); init; }

    /// <summary>The newest of the account's decisions about its money that it has heard.</summary>
    public long HeardVersion { get; init; }

    /// <summary>What the present method's card is asked before it is submitted; its invoices stay reserved meanwhile.</summary>
    public CeilingQuestion? Question { get; init; }

    /// <summary>Since when it waits for its turn at the gateway. Nothing of it is submitted meanwhile, and its invoices stay reserved.</summary>
    public Instant? InLineSince { get; init; }

    /// <summary>When it was refused at a card network's ceiling: from when the card may be tried again.</summary>
    public Instant? FreeAt { get; init; }

    /// <summary>The newest submission.</summary>
    public Attempt? Newest => Attempts.IsEmpty ? null : Attempts[^1];

    /// <summary>Whether it has ended; a gateway's later word may still tell of money.</summary>
    public bool IsOver => Status is PaymentStatus.Succeeded or PaymentStatus.Failed or PaymentStatus.Expired or PaymentStatus.Cancelled;

    /// <summary>Whether it failed because the gateway did nothing: no decline, the same call may be made again.</summary>
    public bool FailedByError => Status == PaymentStatus.Failed && Newest?.Outcome == AttemptOutcome.Error;

    /// <summary>Whether it failed because the card network allows no attempt now: nothing was submitted, the same call may be made again.</summary>
    public bool FailedAtCeiling => Status == PaymentStatus.Failed && FreeAt is not null && Attempts.All(attempt => attempt.Outcome == AttemptOutcome.Error);
}

/// <summary>What a gateway tells of refunds of a charge: one of them by its id, or how much all of them come to so far.</summary>
/// <param name="Id">Charge and refund.</param>
/// <param name="Charge">The gateway's id of the charge.</param>
/// <param name="Amount">How much; the most that was told.</param>
/// <param name="IsTotal">Whether it is all so far.</param>
public sealed record ToldRefund(string Id, string Charge, Money Amount, bool IsTotal) : IIdentified;

/// <summary>A question about the card networks' ceiling that is not answered yet.</summary>
/// <param name="Ordinal">The attempt that would be made.</param>
/// <param name="EndedAt">When the last attempt ended, if there was one: with no method left the payment ended then.</param>
public sealed record CeilingQuestion(int Ordinal, Instant? EndedAt);
