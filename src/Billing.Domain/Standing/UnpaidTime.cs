using NodaTime;

namespace Billing.Domain;

/// <summary>From when an open invoice counts as unpaid, and from when its collection counts as failed.</summary>
/// <remarks>
/// Implementation note: all of these are instants, not flags. "Is it unpaid now?" is a comparison, so the same function
/// answers for now, for a late wake-up and for the future.
/// </remarks>
internal static class UnpaidTime
{
    /// <summary>From when the invoice is unpaid if nothing else happens; <see langword="null"/> while that waits for an attempt.</summary>
    public static Instant? UnpaidFrom(this OpenInvoice invoice) => invoice switch
    {
        { UnpaidSince: { } since } => since,
        { Collection: Collection.Manual } => invoice.DueAt,
        { Rung0EndedAt: { } ended } => ended,
        // A live rung 0 is no unpaid invoice until the hold is over; our own lateness never counts.
        { HoldUntil: { } hold, ReservedBy: not null } => Instant.Max(hold, invoice.DueAt),
        _ => null,
    };

    /// <summary>From when <c>collection_failed</c> holds for it.</summary>
    public static Instant? CollectionFailedFrom(this OpenInvoice invoice) =>
        invoice.Collection == Collection.Manual ? invoice.DueAt : invoice.Rung0EndedAt;

    /// <summary>From when <c>retries_exhausted</c> holds for it.</summary>
    public static Instant? ExhaustedFrom(this OpenInvoice invoice, PolicyBook policies) =>
        invoice.Collection == Collection.Manual ? invoice.DueAt + LastOffset(invoice, policies) : invoice.ExhaustedAt;

    /// <summary>Whether live payments hold its consequences off at an instant.</summary>
    public static bool IsHeldAt(this OpenInvoice invoice, Instant at) =>
        invoice.ReservedBy is not null && (invoice.HoldUntil is not { } until || at < until);

    /// <summary>The invoice as it will be if every planned attempt fails: what a forecast looks at.</summary>
    public static OpenInvoice IfNothingIsPaid(this OpenInvoice invoice, PolicyBook policies)
    {
        if (invoice.Collection == Collection.Manual) return invoice;
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
