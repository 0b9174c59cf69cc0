namespace Billing.Api.Invoices;

/// <summary>What an invoice is.</summary>
public sealed record InvoiceRequest
{
    /// <summary>1 to 100 lines, before tax; together at most 10¹² minor units.</summary>
    public required IReadOnlyList<InvoiceLineRequest> Lines { get; init; }

    /// <summary>Who starts the payment; <c>automatic</c> where it is left out.</summary>
    public Collection? Collection { get; init; }

    /// <summary>Whether it stays a draft until it is finalized.</summary>
    public bool? Draft { get; init; }

    /// <summary>When it is due, not before now; by the policy where it is left out.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>The account's subscription that it is for.</summary>
    public string? Subscription { get; init; }
}

/// <summary>A line of an invoice.</summary>
public sealed record InvoiceLineRequest
{
    /// <summary>What it is for, at most 500 characters.</summary>
    public required string Description { get; init; }

    /// <summary>The line's total in minor units of the account's currency, 0 to 10¹².</summary>
    public required long Amount { get; init; }

    /// <summary>How many, for the reader; it multiplies nothing.</summary>
    public long? Quantity { get; init; }
}

/// <summary>A line of an invoice.</summary>
/// <param name="Description">What it is for.</param>
/// <param name="Amount">The line's total, in minor units.</param>
/// <param name="Quantity">How many, for the reader.</param>
public sealed record InvoiceLineResponse(string Description, long Amount, long? Quantity);

/// <summary>What is taken off an invoice.</summary>
public sealed record AdjustRequest
{
    /// <summary>How much, tax included: 1 to the invoice's total less the credit notes so far, in minor units.</summary>
    public required long Amount { get; init; }

    /// <summary>What the credit note says, at most 500 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>A credit note that stands against an invoice.</summary>
/// <param name="Number">In the account's series of credit notes, without gaps.</param>
/// <param name="Amount">How much, tax included, in minor units.</param>
/// <param name="Reason">What it says.</param>
/// <param name="At">When it was issued.</param>
public sealed record CreditNoteResponse(string Number, long Amount, string Reason, Instant At);

/// <summary>One submission to a gateway.</summary>
/// <param name="At">When it was submitted.</param>
/// <param name="Method">The payment method; <c>null</c> for a one-off.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">The decline code.</param>
public sealed record AttemptResponse(Instant At, string? Method, AttemptOutcome Outcome, string? Code);

/// <summary>A rung that ended: one planned automatic collection.</summary>
/// <param name="Rung">Its number; 0 is the first.</param>
/// <param name="At">When it ended.</param>
/// <param name="Result">How.</param>
public sealed record RungResponse(int Rung, Instant At, RungResult Result);

/// <summary>A payment applied to an invoice.</summary>
/// <param name="Payment">The payment.</param>
/// <param name="Amount">The part of it, in minor units; below zero where it was taken back, or became prepayment.</param>
public sealed record AppliedResponse(string Payment, long Amount);

/// <summary>An invoice that a balance invoice names.</summary>
/// <param name="Invoice">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="AmountDue">What was due on it when the balance invoice was issued.</param>
public sealed record SettlesResponse(string Invoice, string Number, long AmountDue);

/// <summary>An invoice. Amounts are in minor units of its currency; instants are on the account's clock.</summary>
public sealed record InvoiceResponse
{
    /// <summary>The id.</summary>
    public required string Id { get; init; }

    /// <summary>Whose it is.</summary>
    public required string Account { get; init; }

    /// <summary>The number in the account's series, from issue on.</summary>
    public string? Number { get; init; }

    /// <summary><c>standard</c>, or <c>balance</c>: a document for the whole unpaid balance, never a second debt.</summary>
    public required string Kind { get; init; }

    /// <summary>How it stands.</summary>
    public required InvoiceStatus Status { get; init; }

    /// <summary>As it is shown: an open one is <c>pending</c> before its due time and <c>overdue</c> from then on; else the status.</summary>
    public required string DisplayStatus { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }

    /// <summary>What it asks for, tax included; of a draft, before tax.</summary>
    public required long Total { get; init; }

    /// <summary>The tax in it, from issue on.</summary>
    public required long Tax { get; init; }

    /// <summary>The promo that was spent on it, before tax.</summary>
    public required long Promo { get; init; }

    /// <summary>What is due on it now; of a written-off one, what is left.</summary>
    public required long AmountDue { get; init; }

    /// <summary>What was paid on it with money.</summary>
    public required long AmountPaid { get; init; }

    /// <summary>When it was issued.</summary>
    public Instant? IssuedAt { get; init; }

    /// <summary>When it is due.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>Since when it is, or was last, unpaid.</summary>
    public Instant? UnpaidSince { get; init; }

    /// <summary>Who starts the payment.</summary>
    public required Collection Collection { get; init; }

    /// <summary>The subscriptions that it bills.</summary>
    public required IReadOnlyList<string> Subscriptions { get; init; }

    /// <summary>The lines.</summary>
    public required IReadOnlyList<InvoiceLineResponse> Lines { get; init; }

    /// <summary>The credit notes that stand against it, oldest first.</summary>
    public required IReadOnlyList<CreditNoteResponse> CreditNotes { get; init; }

    /// <summary>Submissions to a gateway, oldest first.</summary>
    public required IReadOnlyList<AttemptResponse> Attempts { get; init; }

    /// <summary>The rungs that ended, oldest first.</summary>
    public required IReadOnlyList<RungResponse> Ladder { get; init; }

    /// <summary>When the next automatic attempt is planned.</summary>
    public Instant? NextAttemptAt { get; init; }

    /// <summary>What paid it, oldest first; what was taken back is negative.</summary>
    public required IReadOnlyList<AppliedResponse> Payments { get; init; }

    /// <summary>Of a balance invoice: what it names.</summary>
    public required IReadOnlyList<SettlesResponse> Settles { get; init; }

    /// <summary>Of a balance invoice: what stands above the numbers of the originals.</summary>
    public string? SettlesLabel { get; init; }

    /// <summary>The newest balance invoice that names it.</summary>
    public string? SettledBy { get; init; }

    /// <summary>Of a balance invoice: the newer one that took its place.</summary>
    public string? SupersededBy { get; init; }

    internal static InvoiceResponse Of(InvoiceState invoice, Instant now)
    {
        var total = invoice.Total!.Value;
        var due = invoice.Status == InvoiceStatus.Draft ? 0 : invoice.Due?.MinorUnits ?? 0;
        return new InvoiceResponse
        {
            Id = invoice.Id,
            Account = invoice.Account!,
            Number = invoice.Number,
            Kind = invoice.IsBalance ? "balance" : "standard",
            Status = invoice.Status,
            DisplayStatus = invoice.Status != InvoiceStatus.Open ? Word(invoice.Status) : now >= invoice.DueAt ? "overdue" : "pending",
            Currency = total.Currency.Code,
            Total = total.MinorUnits,
            Tax = invoice.Tax?.MinorUnits ?? 0,
            AmountDue = due,
            AmountPaid = Paid(invoice, total.MinorUnits - due),
            Promo = invoice.Promo?.MinorUnits ?? 0,
            IssuedAt = invoice.IssuedAt,
            DueAt = invoice.DueAt ?? invoice.Content?.DueAt,
            UnpaidSince = invoice.UnpaidSince,
            Collection = invoice.Content?.Collection ?? Collection.Manual,
            Subscriptions = invoice.Content?.Subscriptions ?? [],
            CreditNotes = [.. invoice.CreditNotes.Select(note => new CreditNoteResponse(note.Number, note.Amount.MinorUnits, note.Reason, note.At))],
            Lines = [.. (invoice.Content?.Lines ?? []).Select(line => new InvoiceLineResponse(line.Description, line.Amount, line.Quantity))],
            Attempts = [.. invoice.Attempts.Select(attempt => new AttemptResponse(attempt.At, attempt.Method, attempt.Outcome, attempt.Code))],
            Ladder = [.. invoice.Ladder.Select(rung => new RungResponse(rung.Rung, rung.At, rung.Result))],
            NextAttemptAt = InvoiceRules.Due(invoice),
            Payments = [.. invoice.Payments.Select(applied => new AppliedResponse(applied.Payment, applied.Amount.MinorUnits))],
            Settles = [.. invoice.Settles.Select(settled => new SettlesResponse(settled.Invoice, settled.Number, settled.AmountDue.MinorUnits))],
            SettlesLabel = invoice.SettlesLabel,
            SettledBy = invoice.SettledBy,
            SupersededBy = invoice.SupersededBy,
        };
    }

    /// <summary>What the account last said; a balance invoice is paid by paying what it names.</summary>
    private static long Paid(InvoiceState invoice, long settled) => invoice switch
    {
        { Paid: { } paid } => paid.MinorUnits,
        { Status: InvoiceStatus.Draft or InvoiceStatus.Void or InvoiceStatus.Cancelled } => 0,
        { IsBalance: true } => settled,
        _ => invoice.Payments.Sum(applied => applied.Amount.MinorUnits),
    };

    private static string Word(InvoiceStatus status) => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(status.ToString());
}
