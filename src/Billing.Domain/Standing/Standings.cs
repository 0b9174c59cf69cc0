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

    /// <summary>The rule of the present standing; <see langword="null"/> for <c>good</c>.</summary>
    public static StandingRule? RuleOf(AccountState account, PolicyBook policies)
    {
        var policy = policies[PolicyOf(account, policies)];
        var severity = policy.SeverityOf(account.StandingName);
        return severity < 0 ? null : policy.Standings[severity];
    }

    /// <summary>The rules that are more severe than the present standing, mild to severe.</summary>
    public static IEnumerable<StandingRule> Ahead(AccountState account, PolicyBook policies)
    {
        var policy = policies[PolicyOf(account, policies)];
        return policy.Standings.Skip(policy.SeverityOf(account.StandingName) + 1);
    }

    /// <summary>The next step if nothing else happens, up to an instant or however far ahead; a wake-up is due then.</summary>
    public static StandingStep? Next(AccountState account, PolicyBook policies, Instant? until = null)
    {
        if (account.Standing is not { } record || account.Invoices.IsEmpty || account.Controls.EnforcementOffSince is not null) return null;
        var policy = policies[PolicyOf(account, policies)];
        var present = policy.SeverityOf(record.Name);
        // Facts that came after the timeline was derived count from there, whatever instants they name; during an extension nothing gets worse.
        var floor = account.Extension is { } extension ? Instant.Max(record.AsOf, extension.Until) : record.AsOf;
        var instants = Breakpoints(account, policy, policies).Append(floor)
            .Where(at => at >= floor).Select(at => Brakes.MayGetWorse(account, policies, at!.Value)).Where(at => at <= (until ?? Instant.MaxValue)).Select(at => at!.Value).Distinct().Order();
        foreach (var at in instants)
        {
            var value = Value(account, policy, policies, present, at);
            if (value > present) return new StandingStep(NameOf(policy, value), at);
        }

        return null;
    }

    /// <summary>The standing that facts, new at this instant, give: possibly a milder one.</summary>
    public static string ValueAt(AccountState account, PolicyBook policies, Instant now)
    {
        if (account.Controls.EnforcementOffSince is not null) return StandingRecord.Good;
        var policy = policies[PolicyOf(account, policies)];
        return NameOf(policy, Value(account, policy, policies, policy.SeverityOf(account.StandingName), now));
    }

    /// <summary>
    /// When a standing's condition comes to hold if nothing else happens, whatever its step still waits for;
    /// <see langword="null"/> for never.
    /// </summary>
    public static Instant? HoldsFrom(AccountState account, StandingRule rule, PolicyBook policies) =>
        new ConditionClock(account, UnpaidBy(account, policies, Instant.MaxValue, _ => true), policies).HoldsFrom(rule);

    /// <summary>The anchors after a change of standing: milder entries stay, a fall drops the worse ones, a rise adds those passed over.</summary>
    public static ImmutableArray<StandingEntry> Enter(ImmutableArray<StandingEntry> entered, Policy policy, string standing, Instant effectiveAt, Instant recordedAt)
    {
        var severity = policy.SeverityOf(standing);
        return [.. policy.Standings.Take(severity + 1).Select(rule =>
            entered.FirstOrDefault(entry => string.Equals(entry.Name, rule.Name, StringComparison.Ordinal)) ?? new StandingEntry(rule.Name, effectiveAt, Instant.Max(effectiveAt, recordedAt)))];
    }

    private static string NameOf(Policy policy, int severity) => severity == Good ? StandingRecord.Good : policy.Standings[severity].Name;

    /// <summary>With live payments: the more severe of what counts without the held invoices, and the milder of what counts with all and the present.</summary>
    private static int Value(AccountState account, Policy policy, PolicyBook policies, int present, Instant at)
    {
        var all = MostSevere(account, policy, policies, present, at, _ => true);
        if (!account.Invoices.Any(invoice => invoice.IsHeldAt(at))) return all;
        var free = MostSevere(account, policy, policies, present, at, invoice => !invoice.IsHeldAt(at));
        return Math.Max(free, Math.Min(all, present));
    }

    private static int MostSevere(AccountState account, Policy policy, PolicyBook policies, int present, Instant at, Func<OpenInvoice, bool> counts)
    {
        var clock = new ConditionClock(account, UnpaidBy(account, policies, at, counts), policies);
        for (var severity = policy.Standings.Length - 1; severity >= 0; severity--)
        {
            var rule = policy.Standings[severity];
            if (clock.HoldsFrom(rule) is { } from && from <= at && (severity <= present || !Deletions.Waits(account, policies, rule, from, at))) return severity;
        }

        return Good;
    }

    private static ImmutableArray<(OpenInvoice Invoice, Instant From)> UnpaidBy(AccountState account, PolicyBook policies, Instant at, Func<OpenInvoice, bool> counts) =>
    [
        .. account.Invoices.Where(counts)
            .Select(invoice => (invoice, from: invoice.UnpaidFrom(account, policies)))
            .Where(item => item.from is { } from && from <= at)
            .Select(item => (item.invoice, item.from!.Value))
            .OrderBy(item => item.Value).ThenBy(item => item.invoice.Sequence),
    ];

    /// <summary>The instants at which any part of any condition, a hold, a wait or an invoice changes its answer.</summary>
    private static IEnumerable<Instant?> Breakpoints(AccountState account, Policy policy, PolicyBook policies)
    {
        var leaves = policy.Standings.SelectMany(rule => rule.When.Leaves().Select(leaf => (leaf, rule.Deletes))).ToArray();
        var ofEntries = leaves.Where(item => item.leaf is Condition.InStanding).SelectMany(item => account.Standing!.Entered
            .Where(entry => string.Equals(entry.Name, ((Condition.InStanding)item.leaf).Standing, StringComparison.Ordinal))
            .Select(entry => (Instant?)(ConditionClock.CountsFrom(entry, item.Deletes) + ((Condition.InStanding)item.leaf).For)));
        var conditions = leaves.Select(item => item.leaf).ToArray();
        return account.Invoices.SelectMany(invoice => Breakpoints(account, invoice, conditions, policies)).Concat(ofEntries)
            .Concat(policy.Standings.SelectMany(rule => Deletions.Breakpoints(account, rule))).Concat(DeletionPulls.Breakpoints(account, policies));
    }

    private static IEnumerable<Instant?> Breakpoints(AccountState account, OpenInvoice invoice, Condition[] leaves, PolicyBook policies)
    {
        var from = invoice.UnpaidFrom(account, policies);
        yield return from;
        yield return invoice.HoldUntil;
        foreach (var leaf in leaves)
        {
            yield return leaf switch
            {
                Condition.UnpaidFor c => from + c.For,
                Condition.CollectionFailed => invoice.CollectionFailedFrom(account),
                Condition.RetriesExhausted => invoice.ExhaustedFrom(account, policies),
                Condition.HardDeclined => invoice.HardDeclinedAt,
                _ => null,
            };
        }
    }
}
