using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Turns a condition into the instant from which it holds if nothing else happens. Forecast, wake-up and effective time
/// all come from here.
/// </summary>
/// <param name="unpaid">The invoices that count, each with the instant from which it is unpaid, earliest first.</param>
/// <param name="entered">Since when the account is continuously at each standing.</param>
/// <param name="tags">The account's tags.</param>
/// <param name="currency">The account's currency.</param>
/// <param name="policies">The versions that the invoices keep.</param>
internal sealed class ConditionClock(
    ImmutableArray<(OpenInvoice Invoice, Instant From)> unpaid, ImmutableArray<StandingEntry> entered, ImmutableArray<string> tags, Currency currency, PolicyBook policies)
{
    /// <summary>The instant from which the condition holds, or <see langword="null"/> for never. Without an unpaid invoice nothing holds.</summary>
    public Instant? HoldsFrom(Condition condition) =>
        unpaid.IsEmpty ? null : Later(From(condition), unpaid[0].From);

    private Instant? From(Condition condition) => condition switch
    {
        Condition.UnpaidFor c => unpaid[0].From + c.For,
        Condition.UnpaidInvoices c => unpaid.Length >= c.Count ? unpaid[c.Count - 1].From : null,
        Condition.UnpaidBalance c => c.MinorUnits.TryGetValue(currency.Code, out var amount) ? BalanceReached(amount) : null,
        Condition.CollectionFailed => Earliest(invoice => invoice.CollectionFailedFrom()),
        Condition.RetriesExhausted => Earliest(invoice => invoice.ExhaustedFrom(policies)),
        Condition.HardDeclined => Earliest(invoice => invoice.HardDeclinedAt),
        Condition.InStanding c => EntryOf(c.Standing) is { } entry ? entry.EffectiveAt + c.For : null,
        Condition.Tagged c => tags.Contains(c.Tag, StringComparer.Ordinal) ? Instant.MinValue : null,
        Condition.Not c => From(c.Of) is null ? Instant.MinValue : null,
        Condition.All c => c.Of.Select(From).Aggregate((Instant?)Instant.MinValue, Later),
        Condition.Any c => c.Of.Select(From).Min(),
        _ => throw new InvalidOperationException($"No such condition: {condition}."),
    };

    private static Instant? Later(Instant? left, Instant? right) =>
        left is { } a && right is { } b ? Instant.Max(a, b) : null;

    private StandingEntry? EntryOf(string standing) =>
        entered.FirstOrDefault(entry => string.Equals(entry.Name, standing, StringComparison.Ordinal));

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
