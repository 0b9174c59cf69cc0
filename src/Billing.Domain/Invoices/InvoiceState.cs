using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What an invoice is: its document and its ladder. What is due on it, the account knows; it says so here.</summary>
public sealed record InvoiceState
{
    /// <summary>Whose it is; <see langword="null"/> while the id is free.</summary>
    public string? Account { get; init; }

    /// <summary>The invoice's id.</summary>
    public string Id { get; init; } = "";

    /// <summary>The account's test clock.</summary>
    public string? Clock { get; init; }

    /// <summary>Whether the account is a test account.</summary>
    public bool Test { get; init; }

    /// <summary>Whether it is a document for the whole unpaid balance.</summary>
    public bool IsBalance { get; init; }

    /// <summary>What the caller said it is.</summary>
    public InvoiceContent? Content { get; init; }

    /// <summary>How it stands.</summary>
    public InvoiceStatus Status { get; init; }

    /// <summary>Whether the account was asked to issue it and has not answered.</summary>
    public bool IsIssuing { get; init; }

    /// <summary>Why the account did not issue it.</summary>
    public IssueDenied? Denied { get; init; }

    /// <summary>The caller's key of the finalize that issued it.</summary>
    public IdempotencyKey? FinalizeKey { get; init; }

    /// <summary>Its number, from issue on.</summary>
    public string? Number { get; init; }

    /// <summary>When it was issued.</summary>
    public Instant? IssuedAt { get; init; }

    /// <summary>When it is due.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>What it asks for, tax included.</summary>
    public Money? Total { get; init; }

    /// <summary>The tax in it.</summary>
    public Money? Tax { get; init; }

    /// <summary>The promotional credit that was spent on it.</summary>
    public Money? Promo { get; init; }

    /// <summary>What was paid on it, as the account last said.</summary>
    public Money? Paid { get; init; }

    /// <summary>The credit notes that stand against it.</summary>
    public ImmutableArray<CreditNote> CreditNotes { get => field.OrEmpty(); init; }

    /// <summary>Whether it is due again after money was taken back: it is never attempted automatically any more.</summary>
    public bool IsDueAgain { get; init; }

    /// <summary>What is due on it, as the account last said.</summary>
    public Money? Due { get; init; }

    /// <summary>Since when it is unpaid.</summary>
    public Instant? UnpaidSince { get; init; }

    /// <summary>The policy version whose collection rules it keeps.</summary>
    public PolicyRef? Rules { get; init; }

    /// <summary>When rung 0 is due; none for one that is never attempted automatically.</summary>
    public Instant? FirstRungAt { get; init; }

    /// <summary>The later rungs' offsets from the end of rung 0.</summary>
    public ImmutableArray<Duration> RetryAfter { get => field.OrEmpty(); init; }

    /// <summary>The rung that will be asked for next.</summary>
    public int NextRung { get; init; }

    /// <summary>The rungs that ended.</summary>
    public ImmutableArray<LadderRung> Ladder { get => field.OrEmpty(); init; }

    /// <summary>The submissions to a gateway.</summary>
    public ImmutableArray<AttemptLine> Attempts { get => field.OrEmpty(); init; }

    /// <summary>What paid it.</summary>
    public ImmutableArray<Application> Payments { get => field.OrEmpty(); init; }

    /// <summary>For a balance invoice: the invoices that it names.</summary>
    public ImmutableArray<Settled> Settles { get => field.OrEmpty(); init; }

    /// <summary>For a balance invoice: what stands above them.</summary>
    public string? SettlesLabel { get; init; }

    /// <summary>The newest balance invoice that names it.</summary>
    public string? SettledBy { get; init; }

    /// <summary>For a balance invoice: the newer one that took its place.</summary>
    public string? SupersededBy { get; init; }

    /// <summary>The account's facts counted when it last said anything.</summary>
    public long StandingVersion { get; init; }
}

/// <summary>A rung that ended.</summary>
public sealed record LadderRung(int Rung, Instant At, RungResult Result);
