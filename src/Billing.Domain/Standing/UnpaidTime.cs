using NodaTime;

namespace Billing.Domain;

/// <summary>From when an open invoice counts as unpaid, and from when its collection counts as failed.</summary>
/// <remarks>
/// Implementation note: all of these are instants, not flags. "Is it unpaid now?" is a comparison, so the same function
/// answers for now, for a late wake-up and for the future.
/// </remarks>
internal static class UnpaidTime
{
    /// <summary>From when the invoice is unpaid if nothing else happens; <see langword="null"/> while that waits for an attempt, and for one that does not count.</summary>
    public static Instant? UnpaidFrom(this OpenInvoice invoice, AccountState account, PolicyBook policies) => invoice switch
    {
        { UnpaidSince: { } since } => since,
        _ when !invoice.Counts(policies) => null,
        { FirstUnpaidSince: { } first } => first,
        { IsDueAgain: true } or { Collection: Collection.Manual } => invoice.DueAt,
        { Rung0EndedAt: { } ended } => ended,
        // A live rung 0 is no unpaid invoice until the hold is over; our own lateness never counts.
        { HoldUntil: { } hold, ReservedBy: not null } => Instant.Max(hold, invoice.DueAt),
        _ when account.Controls.AutoPayOffSince is not null => invoice.DueAt,
        _ => null,
    };

    /// <summary>From when <c>collection_failed</c> holds for it.</summary>
    public static Instant? CollectionFailedFrom(this OpenInvoice invoice, AccountState account) => invoice switch
    {
        { IsDueAgain: true } => invoice.FirstUnpaidSince ?? invoice.DueAt,
        { Collection: Collection.Manual } => invoice.DueAt,
        { Rung0EndedAt: { } ended } => ended,
        _ => account.Controls.AutoPayOffSince is null ? null : invoice.DueAt,
    };

    /// <summary>From when <c>retries_exhausted</c> holds for it.</summary>
    public static Instant? ExhaustedFrom(this OpenInvoice invoice, AccountState account, PolicyBook policies) => invoice switch
    {
        { IsDueAgain: true } => (invoice.FirstUnpaidSince ?? invoice.DueAt) + LastOffset(invoice, policies),
        { Collection: Collection.Manual } => invoice.DueAt + LastOffset(invoice, policies),
        { ExhaustedAt: { } ended } => ended,
        _ => account.Controls.AutoPayOffSince is null ? null : invoice.DueAt + LastOffset(invoice, policies),
    };

    /// <summary>When it is cancelled, where its terms say so, unless something of its own keeps it.</summary>
    public static Instant? CancelAt(this OpenInvoice invoice, PolicyBook policies) =>
        policies[invoice.Rules].Invoice.CancelAfter is { } grace && invoice.Counts(policies)
            ? (invoice.GraceFrom is { } from ? Instant.Max(from, invoice.DueAt) : invoice.DueAt) + grace
            : null;

    /// <summary>Whether live payments that cover all of it hold its consequences off at an instant.</summary>
    public static bool IsHeldAt(this OpenInvoice invoice, Instant at) =>
        invoice.ReservedBy is not null && !(invoice.Due > invoice.ReservedAmount) && (invoice.HoldUntil is not { } until || at < until);

    /// <summary>Whether it can be unpaid at all: not written off, and not too little to be charged by itself.</summary>
    public static bool Counts(this OpenInvoice invoice, PolicyBook policies) => !invoice.IsWrittenOff && !invoice.IsSmall(policies);

    /// <summary>Whether what is due is too little to be charged by itself.</summary>
    public static bool IsSmall(this OpenInvoice invoice, PolicyBook policies) => policies[invoice.Rules].Collection.IsBelowMinimum(invoice.Due);

    /// <summary>
    /// The invoice as it will be if every planned attempt fails: what a forecast looks at. A payment that has just started
    /// counts as failed; one of which is known until when it holds consequences off, holds them off until then.
    /// </summary>
    public static OpenInvoice IfNothingIsPaid(this OpenInvoice invoice, PolicyBook policies)
    {
        if (invoice.HoldUntil is null) invoice = invoice with { ReservedBy = null };
        if (invoice.Collection == Collection.Manual || invoice.IsDueAgain) return invoice;
        var rules = policies[invoice.Rules].Collection;
        var rung0 = invoice.Rung0EndedAt ?? (rules.Charge == ChargeTime.AtDue ? invoice.DueAt : invoice.IssuedAt);
        return invoice with { Rung0EndedAt = rung0, ExhaustedAt = invoice.ExhaustedAt ?? rung0 + LastOffset(invoice, policies) };
    }

    private static Duration LastOffset(OpenInvoice invoice, PolicyBook policies)
    {
        var offsets = policies[invoice.Rules].Collection.RetryAfter;
        return offsets.IsEmpty ? Duration.Zero : offsets[^1];
    }
}
