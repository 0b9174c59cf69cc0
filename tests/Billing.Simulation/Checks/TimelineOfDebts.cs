using Billing.Domain;
using Billing.Simulation.Histories;
using Billing.Simulation.Installations;
using NodaTime;

namespace Billing.Simulation.Checks;

/// <summary>
/// An account of manual invoices that nobody pays: its timeline follows from due times and policy alone, however late the
/// wake-ups and whatever crashed. Computed here once more, in another way than the rules do.
/// </summary>
internal static class TimelineOfDebts
{
    public static void Check(Installation world, Actor actor)
    {
        var policy = world.Policies.Book[new PolicyRef(Installation.PolicyId, 1)];
        (Instant DueAt, long Due)[] debts = [.. world.Account(actor.Account).Invoices.Select(invoice => (invoice.DueAt, invoice.Due.MinorUnits)).OrderBy(debt => debt.DueAt)];
        var expected = Expected(policy, debts, world.Now);
        (string, Instant)[] recorded =
        [
            .. world.Events(actor.Account).Where(e => e.Type == "standing.changed").Select(e => (e.Data.GetProperty("standing").GetString()!, Instant.FromDateTimeOffset(e.EffectiveAt))),
        ];
        Net.Require(expected.SequenceEqual(recorded), () => $"the timeline is {string.Join(", ", recorded)}, and has to be {string.Join(", ", expected)}");
        var asked = world.Invoice(actor.Invoices.FirstOrDefault() ?? "");
        Net.Require(actor.Invoices.Count == 0 || asked.Account is null || debts.Length > 0, () => $"the debts are gone: {asked}");
    }

    private static List<(string Standing, Instant At)> Expected(Policy policy, (Instant DueAt, long Due)[] debts, Instant until)
    {
        var steps = new List<(string, Instant)>();
        var entered = new Instant?[policy.Standings.Length];
        var present = -1;
        while (true)
        {
            var next = Enumerable.Range(present + 1, policy.Standings.Length - present - 1)
                .Select(severity => (Severity: severity, At: From(policy.Standings[severity].When, policy, debts, entered)))
                .Where(step => step.At is { } at && at <= until).OrderBy(step => step.At).ThenByDescending(step => step.Severity).ToArray();
            if (next.Length == 0) return steps;
            var (severity, at) = (next[0].Severity, next[0].At!.Value);
            for (var i = present + 1; i <= severity; i++) entered[i] = at;
            present = severity;
            steps.Add((policy.Standings[severity].Name, at));
        }
    }

    private static Instant? From(Condition condition, Policy policy, (Instant DueAt, long Due)[] debts, Instant?[] entered)
    {
        switch (condition)
        {
            case Condition.UnpaidFor { For: var wait }:
                return debts.Length == 0 ? null : debts[0].DueAt + wait;
            case Condition.UnpaidInvoices { Count: var count }:
                return debts.Length < count ? null : debts[count - 1].DueAt;
            case Condition.InStanding { Standing: var standing, For: var wait }:
                return entered[policy.SeverityOf(standing)] + wait;
            case Condition.UnpaidBalance { MinorUnits: var amounts }:
                var sum = 0L;
                foreach (var (dueAt, due) in debts)
                {
                    sum += due;
                    if (sum >= amounts["USD"]) return dueAt;
                }

                return null;
            default:
                throw new NotSupportedException($"{condition} is not of time alone.");
        }
    }
}
