using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What promised a notice. A template is looked up by the notice's own name first, then by this.</summary>
public enum NoticeKind
{
    /// <summary>A standing was entered.</summary>
    Standing,

    /// <summary>A step comes that is not taken without this notice.</summary>
    Warning,

    /// <summary>An automatic attempt was declined.</summary>
    AttemptFailed,

    /// <summary>The account is in good standing again.</summary>
    Recovered,

    /// <summary>An invoice will be due.</summary>
    BeforeDue,

    /// <summary>An invoice was issued.</summary>
    Invoice,

    /// <summary>Money was received.</summary>
    Receipt,
}

/// <summary>
/// What a notice tells: the facts at the instant of its promise, so that it says the same however late it is sent. Ids,
/// numbers and amounts; who the account is, the profile knows.
/// </summary>
public sealed record NoticeFacts
{
    /// <summary>The most invoices that a notice lists; of the others it tells how many there are.</summary>
    public const int MostInvoices = 20;

    /// <summary>The most characters of a line's description; what is longer is cut, since an outbox is no archive.</summary>
    public const int DescriptionLength = 120;

    /// <summary>What promised it.</summary>
    public required NoticeKind Kind { get; init; }

    /// <summary>When it was promised.</summary>
    public Instant At { get; init; }

    /// <summary>The standing by then.</summary>
    public string Standing { get; init; } = StandingRecord.Good;

    /// <summary>The policy's own message of that standing.</summary>
    public string? Message { get; init; }

    /// <summary>What is unpaid.</summary>
    public Money? Unpaid { get; init; }

    /// <summary>What is unpaid, invoice by invoice, oldest first.</summary>
    public ImmutableArray<NoticeInvoice> Invoices { get => field.OrEmpty(); init; }

    /// <summary>How many unpaid invoices are not listed.</summary>
    public int InvoicesLeftOut { get; init; }

    /// <summary>What happens next if nothing is paid; for a warning, the step that it warns of.</summary>
    public NoticeStep? Next { get; init; }

    /// <summary>When the next automatic attempt is planned.</summary>
    public Instant? NextAttemptAt { get; init; }

    /// <summary>When the first unpaid invoice is cancelled.</summary>
    public Instant? CancelAt { get; init; }

    /// <summary>The invoice that it is about.</summary>
    public NoticeInvoice? Invoice { get; init; }

    /// <summary>The method that was charged, or will be.</summary>
    public NoticeMethod? Method { get; init; }

    /// <summary>The code of the decline.</summary>
    public string? Code { get; init; }

    /// <summary>For an invoice: the document.</summary>
    public NoticeDocument? Document { get; init; }

    /// <summary>For a receipt: the money.</summary>
    public NoticePayment? Payment { get; init; }
}

/// <summary>An invoice with something due.</summary>
public sealed record NoticeInvoice(string Id, string Number, Instant DueAt, Money Due);

/// <summary>A step of standing that comes.</summary>
/// <param name="Standing">The standing that is entered.</param>
/// <param name="At">When.</param>
/// <param name="Deletes">Whether resources are deleted then.</param>
/// <param name="PowersDown">Whether resources are powered down then.</param>
public sealed record NoticeStep(string Standing, Instant At, bool Deletes = false, bool PowersDown = false);

/// <summary>A payment method as a customer knows it.</summary>
public sealed record NoticeMethod(MethodKind Kind, string? Brand = null, string? Last4 = null);

/// <summary>An invoice as its reader sees it.</summary>
public sealed record NoticeDocument
{
    /// <summary>When it was issued.</summary>
    public required Instant IssuedAt { get; init; }

    /// <summary>The lines, before tax.</summary>
    public required ImmutableArray<InvoiceLine> Lines { get => field.OrEmpty(); init; }

    /// <summary>The sum of the lines.</summary>
    public required Money Net { get; init; }

    /// <summary>The promotional credit that was spent on it.</summary>
    public required Money Promo { get; init; }

    /// <summary>The tax in it.</summary>
    public required Money Tax { get; init; }

    /// <summary>What it asks for, tax included.</summary>
    public required Money Total { get; init; }

    /// <summary>When it is charged automatically; none where the customer pays it.</summary>
    public Instant? ChargedAt { get; init; }
}

/// <summary>Money that was received.</summary>
/// <param name="Id">The payment.</param>
/// <param name="At">When.</param>
/// <param name="Amount">How much.</param>
/// <param name="Parts">What it paid; <see cref="NoticeInvoice.Due"/> is the part.</param>
/// <param name="Credit">What is left of it as credit.</param>
public sealed record NoticePayment(string Id, Instant At, Money Amount, ImmutableArray<NoticeInvoice> Parts, Money Credit)
{
    /// <summary>What it paid.</summary>
    public ImmutableArray<NoticeInvoice> Parts { get => field.OrEmpty(); init; } = Parts;
}
