using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>A change of standing.</summary>
/// <param name="Name">The standing that is entered.</param>
/// <param name="At">From when it holds.</param>
public sealed record StandingStep(string Name, Instant At);

/// <summary>
/// The one idea of the house: standing is a pure function of facts, policy and now. It is the most severe standing whose
/// condition holds, with live payments holding the worse off for a while.
/// </summary>
/// <remarks>
/// Implementation note: with facts that stand still, time makes a standing worse and never better. So the steps between
/// two instants are found by asking at each instant at which any part of any condition becomes true (a breakpoint), in
/// order; a late caller walks the same steps as a punctual one.
/// </remarks>
internal static class Standings
{
    /// <summary>The index of <c>good</c>, milder than every standing of a policy.</summary>
    private const int Good = -1;

    /// <summary>The policy version that the account's standing follows: the episode's, else the one in force.</summary>
    public static PolicyRef PolicyOf(AccountState account, PolicyBook policies) =>
        account.Episode?.Policy ?? policies.InForce(account.Existing.Policy!);

    /// <summary>The next step if nothing else happens, up to an instant or however far ahead; a wake-up is due then.</summary>
    public static StandingStep? Next(AccountState account, PolicyBook policies, Instant? until = null)
    {
        if (account.Standing is not { } record || account.Invoices.IsEmpty) return null;
        var policy = policies[PolicyOf(account, policies)];
        var present = policy.SeverityOf(record.Name);
        // Facts that came after the timeline was derived count from there, whatever instants they name.
        var instants = Breakpoints(account, policy, policies, record.Entered).Append(record.AsOf)
            .Where(at => at >= record.AsOf && at <= (until ?? Instant.MaxValue)).Select(at => at!.Value).Distinct().Order();
        foreach (var at in instants)
        {
            var value = Value(account, policy, policies, record.Entered, present, at);
            if (value > present) return new StandingStep(NameOf(policy, value), at);
        }

        return null;
    }

    /// <summary>The standing that facts, new at this instant, give: possibly a milder one.</summary>
    public static string ValueAt(AccountState account, PolicyBook policies, Instant now)
    {
        var policy = policies[PolicyOf(account, policies)];
        return NameOf(policy, Value(account, policy, policies, account.Standing?.Entered ?? [], policy.SeverityOf(account.StandingName), now));
    }

    /// <summary>The anchors after a change of standing: milder entries stay, a fall drops the worse ones, a rise adds those passed over.</summary>
    public static ImmutableArray<StandingEntry> Enter(ImmutableArray<StandingEntry> entered, Policy policy, string standing, Instant effectiveAt, Instant recordedAt)
    {
        var severity = policy.SeverityOf(standing);
        return [.. policy.Standings.Take(severity + 1).Select(rule =>
            entered.FirstOrDefault(entry => string.Equals(entry.Name, rule.Name, StringComparison.Ordinal)) ?? new StandingEntry(rule.Name, effectiveAt, recordedAt))];
    }

    private static string NameOf(Policy policy, int severity) => severity == Good ? StandingRecord.Good : policy.Standings[severity].Name;

    /// <summary>With live payments: the more severe of what counts without the held invoices, and the milder of what counts with all and the present.</summary>
    private static int Value(AccountState account, Policy policy, PolicyBook policies, ImmutableArray<StandingEntry> entered, int present, Instant at)
    {
        var all = MostSevere(account, policy, policies, entered, at, _ => true);
        if (!account.Invoices.Any(invoice => invoice.IsHeldAt(at))) return all;
        var free = MostSevere(account, policy, policies, entered, at, invoice => !invoice.IsHeldAt(at));
        return Math.Max(free, Math.Min(all, present));
    }

    private static int MostSevere(
        AccountState account, Policy policy, PolicyBook policies, ImmutableArray<StandingEntry> entered, Instant at, Func<OpenInvoice, bool> counts)
    {
        var unpaid = UnpaidAt(account, at, counts);
        var clock = new ConditionClock(unpaid, entered, account.Existing.Tags, account.Currency, policies);
        for (var severity = policy.Standings.Length - 1; severity >= 0; severity--)
        {
            if (clock.HoldsFrom(policy.Standings[severity].When) is { } from && from <= at) return severity;
        }

        return Good;
    }

    private static ImmutableArray<(OpenInvoice Invoice, Instant From)> UnpaidAt(AccountState account, Instant at, Func<OpenInvoice, bool> counts) =>
    [
        .. account.Invoices.Where(counts)
            .Select(invoice => (invoice, from: invoice.UnpaidFrom()))
            .Where(item => item.from is { } from && from <= at)
            .Select(item => (item.invoice, item.from!.Value))
            .OrderBy(item => item.Value).ThenBy(item => item.invoice.Sequence),
    ];

    /// <summary>The instants at which any part of any condition, a hold or an invoice changes its answer.</summary>
    private static IEnumerable<Instant?> Breakpoints(AccountState account, Policy policy, PolicyBook policies, ImmutableArray<StandingEntry> entered)
    {
        var leaves = policy.Standings.SelectMany(rule => rule.When.Leaves()).ToArray();
        var ofEntries = leaves.OfType<Condition.InStanding>()
            .SelectMany(leaf => entered.Where(entry => string.Equals(entry.Name, leaf.Standing, StringComparison.Ordinal)).Select(entry => (Instant?)(entry.EffectiveAt + leaf.For)));
        return account.Invoices.SelectMany(invoice => Breakpoints(invoice, leaves, policies)).Concat(ofEntries);
    }

    private static IEnumerable<Instant?> Breakpoints(OpenInvoice invoice, Condition[] leaves, PolicyBook policies)
    {
        var from = invoice.UnpaidFrom();
        yield return from;
        yield return invoice.HoldUntil;
        foreach (var leaf in leaves)
        {
            yield return leaf switch
            {
                Condition.UnpaidFor c => from + c.For,
                Condition.CollectionFailed => invoice.CollectionFailedFrom(),
                Condition.RetriesExhausted => invoice.ExhaustedFrom(policies),
                Condition.HardDeclined => invoice.HardDeclinedAt,
                _ => null,
            };
        }
    }
}
