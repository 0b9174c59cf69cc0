using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Who starts the payment of an invoice.</summary>
public enum Collection
{
    /// <summary>We do, by its ladder; the customer may too.</summary>
    Automatic,

    /// <summary>The customer.</summary>
    Manual,
}

/// <summary>A line of an invoice.</summary>
/// <param name="Description">What it is for.</param>
/// <param name="Amount">The line's total.</param>
/// <param name="Quantity">How many, for the reader; it multiplies nothing.</param>
public sealed record InvoiceLine(string Description, long Amount, long? Quantity = null);

/// <summary>What a caller says an invoice is.</summary>
public sealed record InvoiceContent
{
    /// <summary>The lines, before tax.</summary>
    public required ImmutableArray<InvoiceLine> Lines { get; init; }

    /// <summary>Who starts the payment.</summary>
    public Collection Collection { get; init; }

    /// <summary>When it is due, where the caller says so; else by the policy.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>The subscriptions that it bills.</summary>
    public ImmutableArray<string> Subscriptions { get => field.OrEmpty(); init; }

    /// <summary>The sum of the lines, in minor units.</summary>
    public long Net => Lines.Aggregate(0L, (sum, line) => checked(sum + line.Amount));

    /// <summary>The same for the same content.</summary>
    public string Hash => Ids.Hash([Collection.ToString(), DueAt?.ToString() ?? "", .. Lines.SelectMany(l => new[] { l.Description, $"{l.Amount}", $"{l.Quantity}" }), .. Subscriptions]);
}

/// <summary>Makes an invoice, or a draft of it. The id is claimed for good.</summary>
public sealed record PutInvoice(string Account, string? Clock, bool Test, Currency Currency, InvoiceContent Content, bool Draft) : Message;

/// <summary>Issues a draft.</summary>
public sealed record FinalizeInvoice(IdempotencyKey? Key) : Message;

/// <summary>Invoice → Account: issue me.</summary>
public sealed record IssueInvoice(string Invoice, InvoiceContent Content) : Message;

/// <summary>Account → Invoice: it is issued, with everything that the document shows.</summary>
public sealed record InvoiceIssued : Message
{
    /// <summary>In the account's series, without gaps.</summary>
    public required string Number { get; init; }

    /// <summary>When it was issued.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>When it is due.</summary>
    public required Instant DueAt { get; init; }

    /// <summary>What is owed for it, tax included.</summary>
    public required Money Total { get; init; }

    /// <summary>The tax in it.</summary>
    public required Money Tax { get; init; }

    /// <summary>The promotional credit that was spent on it, before tax.</summary>
    public Money? Promo { get; init; }

    /// <summary>The policy version whose collection rules it keeps.</summary>
    public required PolicyRef Rules { get; init; }

    /// <summary>When rung 0 is due; <see langword="null"/> for one that is never attempted automatically.</summary>
    public Instant? FirstRungAt { get; init; }

    /// <summary>The later rungs' offsets from the end of rung 0.</summary>
    public ImmutableArray<Duration> RetryAfter { get => field.OrEmpty(); init; }

    /// <summary>The account's facts counted, this one included.</summary>
    public required long StandingVersion { get; init; }
}

/// <summary>Account → Invoice: a renewal, made and issued by the account itself.</summary>
public sealed record InvoiceMade(string Account, string? Clock, bool Test, InvoiceContent Content, InvoiceIssued Issued) : Message;

/// <summary>Account → Invoice: a credit note stands against it.</summary>
/// <param name="Number">In the account's series of credit notes, without gaps.</param>
/// <param name="Amount">Gross.</param>
/// <param name="Reason">What it says.</param>
/// <param name="At">When.</param>
public sealed record CreditNote(string Number, Money Amount, string Reason, Instant At) : Message;

/// <summary>Account → Invoice: it cannot be issued now; it stays a draft.</summary>
public sealed record IssueDenied(string Code, string Detail) : Message;

/// <summary>An unpaid invoice that a balance invoice names.</summary>
public sealed record Settled(string Invoice, string Number, Money AmountDue);

/// <summary>Account → balance Invoice: you are a document for the whole unpaid balance. Never a second debt.</summary>
public sealed record BalanceInvoiceIssued(
    string Account, string? Clock, bool Test, string Number, Instant IssuedAt, Money Total, ImmutableArray<Settled> Settles, string Label, long StandingVersion) : Message;

/// <summary>How an invoice stands.</summary>
public enum InvoiceStatus
{
    /// <summary>Not issued.</summary>
    Draft,

    /// <summary>Issued, something is due.</summary>
    Open,

    /// <summary>Nothing is due any more.</summary>
    Paid,

    /// <summary>Withdrawn by an operator; it keeps its number.</summary>
    Void,

    /// <summary>Not paid in time, and not payable any more.</summary>
    Cancelled,

    /// <summary>Given up on; still payable.</summary>
    WrittenOff,
}

/// <summary>Account → Invoice: what the Account, which is the authority, knows of it.</summary>
public sealed record PositionChanged : Message
{
    /// <summary>How it stands.</summary>
    public required InvoiceStatus Status { get; init; }

    /// <summary>What is due on it.</summary>
    public required Money Due { get; init; }

    /// <summary>Since when it is unpaid.</summary>
    public Instant? UnpaidSince { get; init; }

    /// <summary>Everything that was paid on it, in order.</summary>
    public Money? Paid { get; init; }

    /// <summary>Whether it is due again after money was taken back: it is never attempted automatically any more.</summary>
    public bool IsDueAgain { get; init; }

    /// <summary>The payments that were applied with this change; taken back as a negative amount.</summary>
    public ImmutableArray<Application> Applied { get => field.OrEmpty(); init; }

    /// <summary>The balance invoice that names it.</summary>
    public string? SettledBy { get; init; }

    /// <summary>For a balance invoice: the newer one that took its place.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>The account's facts counted, this one included.</summary>
    public required long StandingVersion { get; init; }
}

/// <summary>Account → Invoice: submissions to a gateway for it.</summary>
public sealed record AttemptsMade(ImmutableArray<AttemptLine> Attempts) : Message;

/// <summary>A submission as an invoice shows it.</summary>
public sealed record AttemptLine(Instant At, string? Method, AttemptOutcome Outcome, string? Code, string Payment, int Ordinal);

/// <summary>Invoice → Account: this rung is due. Earlier ones that never began are missed.</summary>
public sealed record BeginRung(string Invoice, int Rung) : Message;

/// <summary>How a rung ended.</summary>
public enum RungResult
{
    /// <summary>The invoice was paid by it.</summary>
    Paid,

    /// <summary>Its methods were declined.</summary>
    Failed,

    /// <summary>There was no method that it may use.</summary>
    Skipped,

    /// <summary>It never began: a later one came due before it could.</summary>
    Missed,
}

/// <summary>Account → Invoice: a rung ended.</summary>
public sealed record RungEnded(int Rung, RungResult Result, Instant At, string? Payment = null) : Message;
