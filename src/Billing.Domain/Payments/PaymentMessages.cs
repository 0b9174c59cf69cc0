using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>One submission of a payment to a gateway with one method.</summary>
public sealed record Attempt
{
    /// <summary>Counts the payment's submissions, from 1; part of the gateway's key.</summary>
    public required int Ordinal { get; init; }

    /// <summary>The method.</summary>
    public required MethodCandidate Candidate { get; init; }

    /// <summary>When it was stored and so about to be sent, on the account's clock.</summary>
    public required Instant SubmittedAt { get; init; }

    /// <summary>What became of it.</summary>
    public AttemptOutcome Outcome { get; init; }

    /// <summary>The decline code.</summary>
    public string? Code { get; init; }

    /// <summary>
    /// The gateway's own id of the charge. Of a charge that is made before it moves money it is stored before the charge is
    /// confirmed: without it none was.
    /// </summary>
    public string? Reference { get; init; }

    /// <summary>What is booked because an operator said that it was captured; <see langword="null"/> as soon as the gateway has said what it was.</summary>
    public Money? SaidByHand { get; init; }
}

/// <summary>What became of a submission.</summary>
public enum AttemptOutcome
{
    /// <summary>Under way: it may have been sent or not.</summary>
    Submitting,

    /// <summary>Nobody knows whether money moved.</summary>
    Unknown,

    /// <summary>The gateway accepted it, the outcome comes later.</summary>
    Processing,

    /// <summary>The gateway did nothing and says so.</summary>
    Error,

    /// <summary>The gateway has no such charge and will take none: no money moved.</summary>
    NotCaptured,

    /// <summary>Declined for good.</summary>
    Declined,

    /// <summary>The money was captured.</summary>
    Succeeded,

    /// <summary>The customer has to do something first; no money moves before that.</summary>
    AwaitingCustomer,

    /// <summary>It was ended before the customer paid.</summary>
    Cancelled,

    /// <summary>The gateway has made the charge and moved no money. As an answer: store its id, then confirm. As a state: the confirm waits for its turn and was certainly not sent.</summary>
    Created,

    /// <summary>It waited for its turn at the gateway and was certainly not sent (an answer alone: there is no such attempt then).</summary>
    NotSent,
}

/// <summary>Account → Payment: move this money. A name that exists is never used again.</summary>
public sealed record StartPayment : Message
{
    /// <summary>The account that pays.</summary>
    public required string Account { get; init; }

    /// <summary>How much to charge; nothing, when credit covered it all.</summary>
    public required Money Amount { get; init; }

    /// <summary>The invoices that it has reserved.</summary>
    public required ImmutableArray<string> Invoices { get; init; }

    /// <summary>The methods that it may use, in order.</summary>
    public required ImmutableArray<MethodCandidate> Candidates { get; init; }

    /// <summary>Whether the customer asked for it.</summary>
    public bool ByHand { get; init; }

    /// <summary>Whether it is a rung: after a gateway's error it tries again later.</summary>
    public bool IsRung { get; init; }

    /// <summary>A hash of what the caller asked; empty for a rung.</summary>
    public string Content { get; init; } = "";

    /// <summary>The account's test clock.</summary>
    public string? Clock { get; init; }

    /// <summary>Whether the account is a test account.</summary>
    public bool Test { get; init; }

    /// <summary>Whether it waits for <see cref="PaymentResumed"/>: another payment has to be cancelled first.</summary>
    public bool OnHold { get; init; }

    /// <summary>How long a crypto address waits for coins.</summary>
    public Duration? CryptoWindow { get; init; }

    /// <summary>The earliest cancellation among its invoices: no window is longer.</summary>
    public Instant? LatestExpiry { get; init; }

    /// <summary>Whether an attempt for one of its invoices was declined before: the card networks' ceilings are asked first.</summary>
    public bool IsReattempt { get; init; }
}

/// <summary>Payment → gateway: send this attempt, unless its time has passed.</summary>
public sealed record SubmitAttempt(int Ordinal) : Message;

/// <summary>Payment → gateway: its id is stored, let the charge of this attempt move money, unless its time has passed.</summary>
public sealed record ConfirmAttempt(int Ordinal) : Message;

/// <summary>Payment → gateway: what became of this attempt?</summary>
public sealed record AskGateway(int Ordinal) : Message;

/// <summary>Payment → gateway: end this attempt before the customer pays.</summary>
public sealed record CancelAttempt(int Ordinal) : Message;

/// <summary>Payment → gateway: send this refund.</summary>
public sealed record SendRefund(string Refund) : Message;

/// <summary>The gateway's answer about a refund, or the loss of it.</summary>
public sealed record RefundAnswered(string Refund, AttemptOutcome Outcome, string? Reference, string? Code, Instant? TurnAt = null) : Message;

/// <summary>The gateway's answer to a submission or a question, or the loss of it.</summary>
/// <param name="Ordinal">The attempt.</param>
/// <param name="Outcome">What the gateway says; <see cref="AttemptOutcome.NotCaptured"/> only from a strongly consistent read.</param>
/// <param name="Asked">Whether it answers a question.</param>
/// <param name="Reference">The gateway's own id of the charge.</param>
/// <param name="Amount">What was captured, as the gateway says it.</param>
/// <param name="Code">The decline code.</param>
/// <param name="At">When the gateway did it, where it says so.</param>
/// <param name="Action">What the customer has to do.</param>
/// <param name="SentAt">When it was sent, where that was later than the attempt says: it had to wait for its turn at the gateway, or what asked for it was held up.</param>
/// <param name="TurnAt">With <see cref="AttemptOutcome.NotSent"/>, when its turn is thought to come.</param>
public sealed record GatewayAnswered(
    int Ordinal, AttemptOutcome Outcome, bool Asked, string? Reference = null, Money? Amount = null, string? Code = null, Instant? At = null, NextAction? Action = null,
    Instant? SentAt = null, Instant? TurnAt = null) : Message;

/// <summary>A gateway's webhook about an attempt. The same in kind as an answer, and as true; it comes unasked and more than once.</summary>
public sealed record GatewayReported(string EventId, int Ordinal, AttemptOutcome Outcome, string? Reference, Money? Amount, string? Code, Instant? At) : Message;

/// <summary>How a payment stands.</summary>
public enum PaymentStatus
{
    /// <summary>Named, and nothing submitted, or waiting to try again after a gateway's error.</summary>
    Created,

    /// <summary>An attempt is stored and may be under way, or waits for the word that the card networks allow it.</summary>
    Submitting,

    /// <summary>A gateway accepted it; the outcome comes later.</summary>
    Processing,

    /// <summary>Nobody knows whether money moved.</summary>
    Unknown,

    /// <summary>Captured.</summary>
    Succeeded,

    /// <summary>No method paid.</summary>
    Failed,

    /// <summary>The customer has to do something first; it is not live.</summary>
    AwaitingCustomer,

    /// <summary>The customer's time is over.</summary>
    Expired,

    /// <summary>It was ended before it paid.</summary>
    Cancelled,
}

/// <summary>Payment → Account: what is new about it.</summary>
public sealed record PaymentReported : Message
{
    /// <summary>The payment.</summary>
    public required string Payment { get; init; }

    /// <summary>How it stands.</summary>
    public required PaymentStatus Status { get; init; }

    /// <summary>The invoices that it was for.</summary>
    public required ImmutableArray<string> Invoices { get; init; }

    /// <summary>The attempts whose outcome is new.</summary>
    public ImmutableArray<Attempt> Attempts { get => field.OrEmpty(); init; }

    /// <summary>When it was first submitted.</summary>
    public Instant? FirstSubmittedAt { get; init; }

    /// <summary>The kind of the method that was submitted first.</summary>
    public MethodKind FirstKind { get; init; }

    /// <summary>What was captured, once it has succeeded.</summary>
    public Money? Captured { get; init; }

    /// <summary>When it ended: when the gateway captured, or when the last method was declined.</summary>
    public Instant? EndedAt { get; init; }

    /// <summary>Whether the money was received elsewhere.</summary>
    public bool IsReceived { get; init; }

    /// <summary>Of money received, the gateway that told of it.</summary>
    public string? Gateway { get; init; }

    /// <summary>It failed, and at the card networks' ceilings nothing could be submitted: a rung was skipped.</summary>
    public bool IsAtCeiling { get; init; }

    /// <summary>The name existed: nothing was started, nothing is to be applied.</summary>
    public bool NameTaken { get; init; }
}

/// <summary>Payment → Account: the wait after a gateway's error is over, may it go on?</summary>
public sealed record ResumePayment(string Payment) : Message;

/// <summary>Account → Payment: go on, with this amount, these methods and for these invoices.</summary>
public sealed record PaymentResumed(Money Amount, ImmutableArray<MethodCandidate> Candidates, ImmutableArray<string> Invoices) : Message;

/// <summary>Account → Payment: do not go on to this method.</summary>
public sealed record PassOver(string Method, string Token) : Message;

/// <summary>Account → Payment: what was submitted goes on, and whether anything more is submitted.</summary>
public sealed record PausePayment(bool Paused) : Message;

/// <summary>Account → Payment: a reversal is taken note of.</summary>
public sealed record ReversalTaken(string Reversal, long StandingVersion) : Message;

/// <summary>Account → Payment: where its money lies now.</summary>
/// <param name="StandingVersion">The account's facts counted, this application included.</param>
/// <param name="Allocations">What went to which invoice.</param>
/// <param name="Prepayment">What became credit.</param>
public sealed record PaymentApplied(long StandingVersion, ImmutableArray<Allocation> Allocations, Money Prepayment) : Message;

/// <summary>Account → Payment: it ended without paying, and its invoices are free.</summary>
public sealed record PaymentReleased(long StandingVersion, bool Cancelled = false) : Message;

/// <summary>
/// Account → Payment: other money has paid its invoices. What was submitted goes on, and what that brings is prepayment;
/// nothing more is submitted.
/// </summary>
public sealed record StopPayment : Message;

/// <summary>Account → Payment: end it, if it waits for the customer or has not begun.</summary>
public sealed record CancelPayment : Message;
