using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Records money that was received elsewhere. The reference is its idempotency.</summary>
public sealed record RecordReceived : Message
{
    /// <summary>The account that paid.</summary>
    public required string Account { get; init; }

    /// <summary>How much.</summary>
    public required Money Amount { get; init; }

    /// <summary>The caller's reference, once for each account.</summary>
    public required string Reference { get; init; }

    /// <summary>The invoice that it is for; <see langword="null"/>: prepayment.</summary>
    public string? Invoice { get; init; }

    /// <summary>When it was received; <see langword="null"/>: now.</summary>
    public Instant? ReceivedAt { get; init; }

    /// <summary>The account's test clock.</summary>
    public string? Clock { get; init; }

    /// <summary>Whether the account is a test account.</summary>
    public bool Test { get; init; }

    /// <summary>The gateway that told of it, where none of ours recorded it by hand; the reference is then the gateway's id of the charge.</summary>
    public string? Gateway { get; init; }

    /// <summary>Whether the amount is all so far for this reference, so that more of it may come.</summary>
    public bool IsTotal { get; init; }
}

/// <summary>Sends money of a captured payment back.</summary>
/// <param name="Amount">How much; <see langword="null"/>: all that is left, or the named invoice's part.</param>
/// <param name="Invoice">Only this invoice's part.</param>
/// <param name="Reopen">Whether the invoice is due again; otherwise a credit note stands against it.</param>
/// <param name="Reference">Where money received elsewhere was sent.</param>
/// <param name="Key">The caller's key.</param>
public sealed record RefundPayment(Money? Amount, string? Invoice, bool Reopen, string? Reference, IdempotencyKey Key) : Message;

/// <summary>Records that money was taken back: a debit returned, a cheque bounced, a wrong booking.</summary>
/// <param name="Amount">How much; <see langword="null"/>: all that was captured and not refunded.</param>
/// <param name="Reason">Why.</param>
/// <param name="Key">The caller's key.</param>
public sealed record ReversePayment(Money? Amount, string Reason, IdempotencyKey Key) : Message;

/// <summary>An operator says, with evidence, what became of a payment whose outcome is unknown. A later word of the gateway wins.</summary>
public sealed record ResolvePayment(AttemptOutcome Outcome, string Evidence, IdempotencyKey Key) : Message;

/// <summary>How a dispute goes.</summary>
public enum DisputeOutcome
{
    /// <summary>The customer disputes the charge; nothing becomes due.</summary>
    Opened,

    /// <summary>The money stays.</summary>
    Won,

    /// <summary>The money is taken back, whether or not a dispute was opened before.</summary>
    Lost,
}

/// <summary>A gateway's webhook about a dispute. It comes more than once, and counts once.</summary>
/// <param name="EventId">The gateway's id of the event.</param>
/// <param name="Ordinal">The attempt whose charge is disputed.</param>
/// <param name="Outcome">How it goes.</param>
/// <param name="Amount">How much was taken back; <see langword="null"/>: all that was captured and not refunded.</param>
/// <param name="At">When, where the gateway says so.</param>
/// <param name="Dispute">The gateway's id of the dispute; without one an attempt has one dispute.</param>
public sealed record GatewayDisputed(string EventId, int Ordinal, DisputeOutcome Outcome, Money? Amount, Instant? At, string? Dispute = null) : Message;

/// <summary>
/// Account → Payment: this invoice, on which money of yours lies, is closed. A reversal brings it back, so that the account
/// need not remember paid invoices.
/// </summary>
/// <param name="Invoice">What it was.</param>
/// <param name="StandingVersion">The account's facts counted, this one included.</param>
public sealed record InvoiceClosed(OpenInvoice Invoice, long StandingVersion) : Message;

/// <summary>Where the money of a payment lies, as the payment brings it to the account with a refund or a reversal.</summary>
/// <param name="Allocations">What went to which invoice, in order; taken back as a negative amount.</param>
/// <param name="Closed">The closed invoices among them, as the account last told.</param>
/// <param name="HeardVersion">The newest of the account's decisions that the payment has heard about its money.</param>
public sealed record MoneyTrail(ImmutableArray<Allocation> Allocations, ImmutableArray<OpenInvoice> Closed, long HeardVersion);

/// <summary>Payment → Account: money of it was taken back.</summary>
public sealed record PaymentReversed(string Payment, string Reversal, Money Amount, string Reason, Instant OccurredAt, MoneyTrail Trail) : Message;

/// <summary>Payment → Account: may this be sent back, and from where? Of a reported one only: from where was it taken?</summary>
public sealed record RefundAsked(string Payment, string Refund, Money? Amount, string? Invoice, bool Reopen, MoneyTrail Trail, bool WasSent = false) : Message;

/// <summary>Account → Payment: send it, or not. What was taken from where has been told before.</summary>
/// <param name="Refund">The refund.</param>
/// <param name="Amount">How much is to be sent.</param>
/// <param name="Refused">Why it is not to be sent.</param>
/// <param name="StandingVersion">The account's facts counted, this one included.</param>
public sealed record RefundDecided(string Refund, Money Amount, Refused? Refused, long StandingVersion) : Message;

/// <summary>Account → Payment: send this much of what is prepayment back; the account has set it aside.</summary>
public sealed record RefundPrepayment(string Refund, Money Amount, long StandingVersion) : Message;

/// <summary>Account → Payment: what it brought was older than what the account has told meanwhile; bring it again.</summary>
public sealed record TrailIsOld(string Subject) : Message;

/// <summary>Payment → Account: a dispute about it was opened or has ended.</summary>
public sealed record DisputeChanged(string Payment, DisputeOutcome Outcome, string? Method) : Message;

/// <summary>A part of a payment that went to an invoice; taken back as a negative amount.</summary>
/// <param name="Invoice">The invoice.</param>
/// <param name="Amount">How much.</param>
/// <param name="FromPrepayment">Whether it lay as prepayment before.</param>
public sealed record Allocation(string Invoice, Money Amount, bool FromPrepayment = false);

/// <summary>A part of an invoice that a payment, or credit that was granted, paid.</summary>
/// <param name="Payment">The payment; for granted credit the grant's name.</param>
/// <param name="Amount">How much.</param>
/// <param name="IsGranted">Whether it was granted credit.</param>
/// <param name="FromPrepayment">Whether it lay as prepayment before.</param>
public sealed record Application(string Payment, Money Amount, bool IsGranted = false, bool FromPrepayment = false);
