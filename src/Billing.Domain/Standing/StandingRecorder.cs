using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Turns what time and facts bring about into facts on record: unpaid and cancelled invoices, entries, episodes, renewals.</summary>
internal static class StandingRecorder
{
    /// <summary>A timeline with more events than this in one decision does not end; none of a real account's comes near.</summary>
    private const int MostEvents = 100_000;

    /// <summary>The account as it will read once everything up to an instant is on record. Changes nothing.</summary>
    public static AccountState At(AccountState account, PolicyBook policies, Instant now)
    {
        if (Timeline.Next(account, policies, withRenewals: false) is not { } next || next.At > now) return account;
        var draft = new AccountDraft(account, now, policies) { IsReading = true };
        Advance(draft, now);
        return draft.State;
    }

    /// <summary>The next step if nothing is paid: planned attempts fail, money on hand is used, and time passes.</summary>
    /// <param name="reached">The account with everything up to now on record.</param>
    public static StandingStep? Forecast(AccountState reached, PolicyBook policies, Instant now)
    {
        if (reached.Invoices.IsEmpty) return null;
        var draft = Forecasts.Begin(reached, policies, now);
        for (var i = 0; i < Forecasts.MostEvents && Next(draft) is { } next; i++)
        {
            if (next is TimelineEvent.Steps step) return step.Step;
            Take(draft, next);
            ImproveAfter(draft, next, next.At);
        }

        return null;
    }

    /// <summary>Records everything that time brought about up to an instant, in order, from the facts as they were.</summary>
    public static void Advance(AccountDraft draft, Instant until)
    {
        for (var i = 0; Next(draft) is { } next && next.At <= until; i++)
        {
            if (i > MostEvents) throw new InvalidOperationException($"The timeline of {draft.Id} does not end: {next}.");
            Take(draft, next);
            ImproveAfter(draft, next, until);
        }

        draft.State = draft.State with { Standing = draft.State.Standing! with { AsOf = draft.Now } };
    }

    /// <summary>The value of new facts at this instant. A worse standing waits where the instant's order leaves it to the clock (<paramref name="until"/> before now).</summary>
    public static void Settle(AccountDraft draft, Instant until)
    {
        NoteWhatCounts(draft);
        Improve(draft, draft.Now);
        EndEpisode(draft);
        Advance(draft, until);
        Improve(draft, draft.Now);
        EndEpisode(draft);
        ResourceOrders.GoOn(draft, draft.Now);
        DeletionPulls.ForgetIfNoStepComes(draft);
        Periods.CaughtUp(draft, draft.Now);
        Waiting.Clear(draft);
    }

    private static TimelineEvent? Next(AccountDraft draft) => Timeline.Next(draft.State, draft.Policies, withRenewals: !draft.IsReading);

    /// <summary>Puts one event on record.</summary>
    public static void Take(AccountDraft draft, TimelineEvent next)
    {
        var at = Instant.Max(next.At, draft.State.Standing!.AsOf);
        switch (next)
        {
            case TimelineEvent.PromoExpires e:
                Promo.Expire(draft, e.Lot);
                break;
            case TimelineEvent.BecomesUnpaid e:
                BecomeUnpaid(draft, e.Invoice, e.At);
                break;
            case TimelineEvent.IsCancelled e:
                Cancellations.Cancel(draft, e.Invoice, at);
                Credit.SpendOnUnpaid(draft, at);
                NoteWhatCounts(draft);
                break;
            case TimelineEvent.ExtensionEnds:
                draft.State = draft.State with { Extension = null };
                CountAnew(draft, at);
                break;
            case TimelineEvent.EscalationsGoOn e:
                Brakes.GoOn(draft, e, at);
                break;
            case TimelineEvent.CollectionGoesOn e:
                Brakes.GoOn(draft, e);
                break;
            case TimelineEvent.AwaitsPull e:
                DeletionPulls.Await(draft, e, at);
                break;
            case TimelineEvent.AsksToDelete e:
                DeletionPermits.Ask(draft, e.Rule, at);
                break;
            case TimelineEvent.IsAnnounced e:
                draft.Keep(e.Invoice with { IsAnnounced = true });
                draft.Promise(e.Notice, new NoticeFacts { Kind = NoticeKind.BeforeDue, Invoice = NoticeTelling.Of(e.Invoice) });
                break;
            case TimelineEvent.NoticeIsDue e:
                Remind(draft, e, at);
                break;
            case TimelineEvent.Steps e:
                Enter(draft, e.Step.Name, at);
                break;
            case TimelineEvent.WaitsTooLong e:
                Waiting.Raise(draft, e);
                break;
            case TimelineEvent.Renews:
                Renewals.Bill(draft, at, (id, content, _) => Issuing.Make(draft, id, content));
                break;
        }

        // Each event sees what came before it, and nothing comes before this one any more.
        draft.State = draft.State with { Standing = draft.State.Standing! with { AsOf = Instant.Max(at, draft.State.Standing!.AsOf) } };
    }

    /// <summary>A pause is over: what destroys counts from here, and its notices are promised anew.</summary>
    public static void CountAnew(AccountDraft draft, Instant at)
    {
        var standing = draft.State.Standing!;
        draft.State = draft.State with
        {
            Standing = standing with { Entered = [.. standing.Entered.Select(entry => entry with { CountdownFrom = Instant.Max(at, entry.CountdownFrom) })] },
            Notices = [],
        };
        DeletionPulls.Forget(draft);
        DeletionPermits.Forget(draft);
    }

    /// <summary>Enters a standing: actions and notices on a worse one, revocation and recovery on a better one.</summary>
    public static void Enter(AccountDraft draft, string standing, Instant at, string? reason = null)
    {
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        var before = draft.State.Standing!;
        var severity = policy.SeverityOf(standing);
        var isWorse = severity > policy.SeverityOf(before.Name);
        draft.State = draft.State with
        {
            Standing = new StandingRecord
            {
                Name = standing,
                Since = at,
                AsOf = Instant.Max(at, before.AsOf),
                Entered = Standings.Enter(before.Entered, policy, standing, at, draft.Now),
            },
            Notices = isWorse ? draft.State.Notices.RemoveAll(notice => policy.SeverityOf(notice.Standing) <= severity) : [],
        };
        DeletionPulls.Forget(draft);
        DeletionPermits.Forget(draft);
        var data = new JsonObject { ["standing"] = standing, ["before"] = before.Name };
        if (reason is not null) data["reason"] = reason;
        draft.Record("standing.changed", at, data);
        if (isWorse) ActOnEntry(draft, policy.Standings[severity], at);
        else Recover(draft, policy, severity, before.Name, at, isPaid: reason is null);
    }

    /// <summary>Enters the value of the facts where that is a milder standing, or where the policy does not have the present one.</summary>
    public static void Improve(AccountDraft draft, Instant at)
    {
        var standing = Standings.ValueAt(draft.State, draft.Policies, at);
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        var isOther = !string.Equals(standing, draft.State.StandingName, StringComparison.Ordinal);
        if (isOther && policy.SeverityOf(standing) <= policy.SeverityOf(draft.State.StandingName)) Enter(draft, standing, at);
    }

    /// <summary>What was cancelled at one instant makes the standing better once, when the last of it is cancelled.</summary>
    private static void ImproveAfter(AccountDraft draft, TimelineEvent taken, Instant until)
    {
        if (taken is not TimelineEvent.IsCancelled) return;
        var at = draft.State.Standing!.AsOf;
        if (Next(draft) is TimelineEvent.IsCancelled next && Instant.Max(next.At, at) == at && next.At <= until) return;
        Improve(draft, at);
        EndEpisode(draft);
    }

    private static void ActOnEntry(AccountDraft draft, StandingRule rule, Instant at)
    {
        ResourceOrders.OnEnter(draft, rule, at);
        foreach (var notice in rule.NoticesOnEnter) draft.Promise(notice, new NoticeFacts { Kind = NoticeKind.Standing });
        if (rule.IsDenying) BalanceInvoices.Issue(draft);
    }

    private static void Recover(AccountDraft draft, Policy policy, int severity, string before, Instant at, bool isPaid)
    {
        ResourceOrders.OnBetter(draft, policy, severity, at);
        if (severity >= 0 || !isPaid) return;
        draft.Record("standing.cleared", at, new JsonObject { ["before"] = before });
        if (policy.Collection.RecoveredNotice is { } notice) draft.Promise(notice, new NoticeFacts { Kind = NoticeKind.Recovered });
    }

    private static void BecomeUnpaid(AccountDraft draft, OpenInvoice invoice, Instant at)
    {
        // Money on hand goes first: what it pays was never unpaid.
        if (invoice.ReservedBy is null) Credit.Spend(draft, [invoice.Id], at);
        if (draft.State.Invoices.Find(invoice.Id) is not { } left || !left.Counts(draft.Policies)) return;

        invoice = draft.Keep(left with { UnpaidSince = at, FirstUnpaidSince = left.FirstUnpaidSince ?? at });
        draft.State = draft.State with { Episode = draft.State.Episode ?? new Episode(at, draft.Policies.InForce(draft.State.Existing.Policy!)) };
        draft.Record("invoice.unpaid", at, new JsonObject { ["invoice"] = invoice.Id, ["amount_due"] = invoice.Due.MinorUnits, ["currency"] = invoice.Due.Currency.Code });
        Periods.NotePastDue(draft, invoice, at);
        if (Standings.RuleOf(draft.State, draft.Policies) is { IsDenying: true }) BalanceInvoices.Issue(draft);
    }

    /// <summary>
    /// Sends a notice that a coming step waits for; found late, it is sent late, and everything counts from there. A reader
    /// cannot wait for proof, so it takes the notice as delivered.
    /// </summary>
    private static void Remind(AccountDraft draft, TimelineEvent.NoticeIsDue due, Instant at)
    {
        var sentAt = Instant.Max(at, draft.Now);
        var id = draft.Promise(due.Notice.Notice, NoticeTelling.Warns(draft, due.Rule, due.Notice, sentAt));
        var promised = new PromisedNotice(id, due.Notice.Notice, due.Rule.Name, sentAt, draft.IsForecast ? at : null);
        draft.State = draft.State with { Notices = draft.State.Notices.Add(promised) };
    }

    /// <summary>What was written off or paid down below the minimum is not unpaid any more.</summary>
    private static void NoteWhatCounts(AccountDraft draft)
    {
        foreach (var invoice in draft.State.Invoices)
        {
            if (invoice.UnpaidSince is not null && !invoice.Counts(draft.Policies)) draft.Keep(invoice with { UnpaidSince = null });
        }
    }

    private static void EndEpisode(AccountDraft draft)
    {
        if (draft.State.Episode is null || draft.State.Invoices.Any(invoice => invoice.UnpaidSince is not null)) return;
        draft.State = draft.State with { Episode = null };
    }
}
