using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Turns what the standing function says into facts on record: unpaid invoices, entries, episodes.</summary>
internal static class StandingRecorder
{
    /// <summary>The account as it will read once everything up to an instant is on record. Changes nothing.</summary>
    public static AccountState At(AccountState account, PolicyBook policies, Instant now)
    {
        if (account.Invoices.IsEmpty) return account;
        var draft = new AccountDraft(account, now, policies);
        Advance(draft, now);
        return draft.State;
    }

    /// <summary>The next step if nothing is paid: planned attempts fail, money on hand is used, and time passes.</summary>
    /// <param name="reached">The account with everything up to now on record.</param>
    public static StandingStep? Forecast(AccountState reached, PolicyBook policies, Instant now)
    {
        if (reached.Invoices.IsEmpty) return null;
        var unpaid = reached with { Invoices = [.. reached.Invoices.Select(invoice => invoice.IfNothingIsPaid(policies))] };
        return NextStep(new AccountDraft(unpaid, now, policies), Instant.MaxValue);
    }

    /// <summary>Records every invoice that became unpaid and every step that was passed up to an instant, in order, from the facts as they were.</summary>
    public static void Advance(AccountDraft draft, Instant until)
    {
        while (NextStep(draft, until) is { } step) Enter(draft, step.Name, step.At);
        draft.State = draft.State with { Standing = draft.State.Standing! with { AsOf = draft.Now } };
    }

    /// <summary>The value of new facts at this instant. A worse standing waits where the instant's order leaves it to the clock (<paramref name="until"/> before now).</summary>
    public static void Settle(AccountDraft draft, Instant until)
    {
        Advance(draft, until);
        var standing = Standings.ValueAt(draft.State, draft.Policies, draft.Now);
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        if (policy.SeverityOf(standing) < policy.SeverityOf(draft.State.StandingName)) Enter(draft, standing, draft.Now);
        EndEpisode(draft);
    }

    /// <summary>The invoice that becomes unpaid next, and when.</summary>
    public static (OpenInvoice Invoice, Instant At)? NextUnpaid(AccountState account) =>
        account.Invoices.Where(invoice => invoice.UnpaidSince is null)
            .Select(invoice => (invoice, at: invoice.UnpaidFrom()))
            .Where(item => item.at is not null)
            .Select(item => ((OpenInvoice Invoice, Instant At)?)(item.invoice, item.at!.Value))
            .OrderBy(item => item!.Value.At).ThenBy(item => item!.Value.Invoice.DueAt).ThenBy(item => item!.Value.Invoice.Sequence)
            .FirstOrDefault();

    /// <summary>The next step up to an instant, with every invoice on record that becomes unpaid before it.</summary>
    private static StandingStep? NextStep(AccountDraft draft, Instant until)
    {
        while (true)
        {
            var step = Standings.Next(draft.State, draft.Policies, until);
            if (NextUnpaid(draft.State) is not { } unpaid || unpaid.At > until || unpaid.At > step?.At) return step;
            BecomeUnpaid(draft, unpaid.Invoice, unpaid.At);
        }
    }

    private static void BecomeUnpaid(AccountDraft draft, OpenInvoice invoice, Instant at)
    {
        // Money on hand goes first: what it pays was never unpaid.
        if (invoice.ReservedBy is null) Credit.Spend(draft, [invoice.Id]);
        if (draft.State.Invoices.Find(invoice.Id) is not { } left) return;

        invoice = draft.Keep(left with { UnpaidSince = at });
        draft.State = draft.State with { Episode = draft.State.Episode ?? new Episode(at, draft.Policies.InForce(draft.State.Existing.Policy!)) };
        draft.Record("invoice.unpaid", at, new JsonObject { ["invoice"] = invoice.Id, ["amount_due"] = invoice.Due.MinorUnits, ["currency"] = invoice.Due.Currency.Code });
        if (IsDenying(draft)) BalanceInvoices.Issue(draft);
    }

    private static void Enter(AccountDraft draft, string standing, Instant at)
    {
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        var before = draft.State.Standing!;
        var isWorse = policy.SeverityOf(standing) > policy.SeverityOf(before.Name);
        draft.State = draft.State with
        {
            Standing = new StandingRecord
            {
                Name = standing,
                Since = at,
                AsOf = Instant.Max(at, before.AsOf),
                Entered = Standings.Enter(before.Entered, policy, standing, at, draft.Now),
            },
        };
        draft.Record("standing.changed", at, new JsonObject { ["standing"] = standing, ["before"] = before.Name });
        if (string.Equals(standing, StandingRecord.Good, StringComparison.Ordinal)) draft.Record("standing.cleared", at, new JsonObject { ["before"] = before.Name });
        if (!isWorse) return;
        foreach (var notice in policy.Standings[policy.SeverityOf(standing)].NoticesOnEnter) draft.Promise(notice);
        if (IsDenying(draft)) BalanceInvoices.Issue(draft);
    }

    private static void EndEpisode(AccountDraft draft)
    {
        if (draft.State.Episode is null || draft.State.Invoices.Any(invoice => invoice.UnpaidSince is not null)) return;
        draft.State = draft.State with { Episode = null };
    }

    private static bool IsDenying(AccountDraft draft)
    {
        var policy = draft.Policies[Standings.PolicyOf(draft.State, draft.Policies)];
        var severity = policy.SeverityOf(draft.State.StandingName);
        return severity >= 0 && policy.Standings[severity].IsDenying;
    }
}
