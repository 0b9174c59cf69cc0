using NodaTime;

namespace Billing.Domain;

/// <summary>Something that time alone brings about.</summary>
internal abstract record TimelineEvent(Instant At)
{
    /// <summary>At one instant: credit ends, invoices become unpaid, are cancelled, pauses and waits end, steps are taken, renewals come.</summary>
    public abstract int Order { get; }

    internal sealed record PromoExpires(PromoLot Lot, Instant At) : TimelineEvent(At)
    {
        public override int Order => 0;
    }

    internal sealed record BecomesUnpaid(OpenInvoice Invoice, Instant At) : TimelineEvent(At)
    {
        public override int Order => 1;
    }

    internal sealed record IsCancelled(OpenInvoice Invoice, Instant At) : TimelineEvent(At)
    {
        public override int Order => 2;
    }

    internal sealed record ExtensionEnds(Instant At) : TimelineEvent(At)
    {
        public override int Order => 3;
    }

    internal sealed record EscalationsGoOn(Instant At) : TimelineEvent(At)
    {
        public override int Order => 3;
    }

    internal sealed record CollectionGoesOn(Instant At) : TimelineEvent(At)
    {
        public override int Order => 1;
    }

    internal sealed record AwaitsPull(string Standing, Instant At) : TimelineEvent(At)
    {
        public override int Order => 6;
    }

    internal sealed record AsksToDelete(StandingRule Rule, Instant At) : TimelineEvent(At)
    {
        public override int Order => 6;
    }

    internal sealed record IsAnnounced(OpenInvoice Invoice, string Notice, Instant At) : TimelineEvent(At)
    {
        public override int Order => 4;
    }

    internal sealed record NoticeIsDue(StandingRule Rule, RequiredNotice Notice, Instant At) : TimelineEvent(At)
    {
        public override int Order => 5;
    }

    internal sealed record Steps(StandingStep Step) : TimelineEvent(Step.At)
    {
        public override int Order => 6;
    }

    internal sealed record WaitsTooLong(string Kind, string Subject, Instant At) : TimelineEvent(At)
    {
        public override int Order => 7;
    }

    internal sealed record Renews(Instant At) : TimelineEvent(At)
    {
        public override int Order => 8;
    }
}

/// <summary>
/// What time alone brings about, in order: one function gives the next wake-up, the forecast and, for a late wake-up, every
/// step that was passed.
/// </summary>
internal static class Timeline
{
    /// <summary>The next event if nothing else happens.</summary>
    /// <param name="account">The account.</param>
    /// <param name="policies">The policies.</param>
    /// <param name="withRenewals">Not for a reader: a renewal is billed, or it has not come.</param>
    public static TimelineEvent? Next(AccountState account, PolicyBook policies, bool withRenewals = true)
    {
        if (account.Standing is not { } record) return null;
        return All(account, policies, withRenewals).OrderBy(item => Instant.Max(item.At, record.AsOf)).ThenBy(item => item.Order).ThenBy(item => item.At).FirstOrDefault();
    }

    /// <summary>Whether the next event belongs to dunning: only such a deadline is worth a reminder of its own.</summary>
    public static bool IsDunning(AccountState account, PolicyBook policies) => Next(account, policies) is not (null or TimelineEvent.Renews or TimelineEvent.PromoExpires);

    private static IEnumerable<TimelineEvent> All(AccountState account, PolicyBook policies, bool withRenewals)
    {
        foreach (var lot in account.Promo.Where(lot => lot.ExpiresAt is not null)) yield return new TimelineEvent.PromoExpires(lot, lot.ExpiresAt!.Value);
        if (NextUnpaid(account, policies) is { } unpaid) yield return unpaid;
        if (Cancellations.Next(account, policies) is { } cancelled) yield return cancelled;
        if (account.Extension is { } extension) yield return new TimelineEvent.ExtensionEnds(extension.Until);
        foreach (var invoice in account.Invoices.Where(invoice => !invoice.IsAnnounced))
        {
            if (policies[invoice.Rules].Collection.BeforeDueNotice is { } before) yield return new TimelineEvent.IsAnnounced(invoice, before.Notice, invoice.DueAt - before.Before);
        }

        if (Deletions.NextNotice(account, policies) is { } notice) yield return new TimelineEvent.NoticeIsDue(notice.Rule, notice.Notice, notice.At);
        if (Standings.Next(account, policies) is { } step) yield return new TimelineEvent.Steps(step);
        if (DeletionPulls.Next(account, policies) is { } awaits) yield return awaits;
        if (DeletionPermits.Next(account, policies) is { } asks) yield return asks;
        foreach (var end in Brakes.Ends(account, policies)) yield return end;
        foreach (var waiting in Waiting.TooLong(account, policies)) yield return waiting;
        if (withRenewals && !DeletionPulls.IsAwaited(account, policies) && !DeletionPermits.IsUnanswered(account) && Renewals.Next(account, policies) is { } renewal) yield return new TimelineEvent.Renews(renewal);
    }

    private static TimelineEvent.BecomesUnpaid? NextUnpaid(AccountState account, PolicyBook policies) =>
        account.Invoices.Where(invoice => invoice.UnpaidSince is null)
            .Select(invoice => (invoice, at: invoice.UnpaidFrom(account, policies)))
            .Where(item => item.at is not null)
            .OrderBy(item => item.at).ThenBy(item => item.invoice.DueAt).ThenBy(item => item.invoice.Sequence)
            .Select(item => new TimelineEvent.BecomesUnpaid(item.invoice, item.at!.Value))
            .FirstOrDefault();
}
