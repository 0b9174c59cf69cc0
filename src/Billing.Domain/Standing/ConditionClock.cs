using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Turns a condition into the instant from which it holds if nothing else happens. Forecast, wake-up and effective time
/// all come from here.
/// </summary>
/// <param name="account">The account.</param>
/// <param name="unpaid">The invoices that count, each with the instant from which it is unpaid, earliest first.</param>
/// <param name="policies">The versions that the invoices keep.</param>
internal sealed class ConditionClock(AccountState account, ImmutableArray<(OpenInvoice Invoice, Instant From)> unpaid, PolicyBook policies)
{
    /// <summary>The instant from which a standing's condition holds, or <see langword="null"/> for never. Without an unpaid invoice nothing holds.</summary>
    public Instant? HoldsFrom(StandingRule rule) =>
        unpaid.IsEmpty ? null : Later(From(rule.When, rule.Deletes), unpaid[0].From);

    /// <summary>From when <c>in_standing</c> counts; into a standing that deletes it counts from the record, so that an outage never eats a countdown.</summary>
    public static Instant CountsFrom(StandingEntry entry, bool deletes) => deletes ? entry.CountdownFrom : entry.EffectiveAt;

    private Instant? From(Condition condition, bool deletes) => condition switch
    {
        Condition.UnpaidFor c => unpaid[0].From + c.For,
        Condition.UnpaidInvoices c => unpaid.Length >= c.Count ? unpaid[c.Count - 1].From : null,
        Condition.UnpaidBalance c => c.MinorUnits.TryGetValue(account.Currency.Code, out var amount) ? BalanceReached(amount) : null,
        Condition.CollectionFailed => Earliest(invoice => invoice.CollectionFailedFrom(account)),
        Condition.RetriesExhausted => Earliest(invoice => invoice.ExhaustedFrom(account, policies)),
        Condition.HardDeclined => Earliest(invoice => invoice.HardDeclinedAt),
        Condition.InStanding c => EntryOf(c.Standing) is { } entry ? CountsFrom(entry, deletes) + c.For : null,
        Condition.Tagged c => account.Existing.Tags.Contains(c.Tag, StringComparer.Ordinal) ? Instant.MinValue : null,
        Condition.Not c => From(c.Of, deletes) is null ? Instant.MinValue : null,
        Condition.All c => c.Of.Select(part => From(part, deletes)).Aggregate((Instant?)Instant.MinValue, Later),
        Condition.Any c => c.Of.Select(part => From(part, deletes)).Min(),
        _ => throw new InvalidOperationException($"No such condition: {condition}."),
    };

    private static Instant? Later(Instant? left, Instant? right) =>
        left is { } a && right is { } b ? Instant.Max(a, b) : null;

    private StandingEntry? EntryOf(string standing) =>
        account.Standing?.Entered.FirstOrDefault(entry => string.Equals(entry.Name, standing, StringComparison.Ordinal));

    private Instant? Earliest(Func<OpenInvoice, Instant?> from) =>
        unpaid.Min(item => from(item.Invoice) is { } at ? Instant.Max(at, item.From) : (Instant?)null);

    private Instant? BalanceReached(long amount)
    {
        var sum = 0L;
        foreach (var (invoice, from) in unpaid)
        {
            sum = checked(sum + invoice.Due.MinorUnits);
            if (sum >= amount) return from;
        }

        return null;
    }
}
