using System.Globalization;
using NodaTime;

namespace Billing.Domain;

/// <summary>Conditions in words, and as the policy's language writes them.</summary>
internal static class ConditionText
{
    /// <summary>The single conditions that a condition is made of, negated ones as such.</summary>
    public static IEnumerable<Condition> Parts(Condition condition) => condition switch
    {
        Condition.All all => all.Of.SelectMany(Parts),
        Condition.Any any => any.Of.SelectMany(Parts),
        _ => [condition],
    };

    /// <summary>As a policy writes it: <c>unpaid_for 30d</c>.</summary>
    public static string Written(Condition leaf, Currency currency) => leaf switch
    {
        Condition.UnpaidFor c => $"unpaid_for {Short(c.For)}",
        Condition.UnpaidInvoices c => string.Create(CultureInfo.InvariantCulture, $"unpaid_invoices {c.Count}"),
        Condition.UnpaidBalance c => c.MinorUnits.TryGetValue(currency.Code, out var amount) ? string.Create(CultureInfo.InvariantCulture, $"unpaid_balance {currency.Code} {amount}") : "unpaid_balance",
        Condition.CollectionFailed => "collection_failed",
        Condition.RetriesExhausted => "retries_exhausted",
        Condition.HardDeclined => "hard_declined",
        Condition.InStanding c => $"in_standing {c.Standing} {Short(c.For)}",
        Condition.Tagged c => $"tagged {c.Tag}",
        Condition.Not { Of: Condition.Tagged c } => $"not tagged {c.Tag}",
        _ => throw new InvalidOperationException($"No single condition: {leaf}."),
    };

    /// <summary>Why it holds, as the end of a sentence that begins with "because".</summary>
    public static string Because(Condition leaf, Currency currency) => leaf switch
    {
        Condition.UnpaidFor c => c.For == Duration.Zero ? "an invoice is unpaid" : $"an invoice has been unpaid for {Long(c.For)}",
        Condition.UnpaidInvoices c => c.Count == 1 ? "an invoice is unpaid" : string.Create(CultureInfo.InvariantCulture, $"{c.Count} invoices or more are unpaid"),
        Condition.UnpaidBalance c => $"what is unpaid has reached {(c.MinorUnits.TryGetValue(currency.Code, out var amount) ? new Money(amount, currency).ToString() : "the policy's limit")}",
        Condition.CollectionFailed => "the first automatic attempt, or the due time of what is not charged automatically, passed without payment",
        Condition.RetriesExhausted => "the last planned attempt passed without payment",
        Condition.HardDeclined => "the newest attempt was declined for good",
        Condition.InStanding c => $"the account has been {c.Standing} or worse for {Long(c.For)}",
        Condition.Tagged c => $"the account is tagged {c.Tag}",
        Condition.Not { Of: Condition.Tagged c } => $"the account is not tagged {c.Tag}",
        _ => "its condition holds",
    };

    /// <summary>An instant as sentences write it, in UTC; seconds only where there are any.</summary>
    public static string At(Instant at) => at.ToString(at.ToUnixTimeTicks() % NodaConstants.TicksPerMinute == 0 ? "uuuu'-'MM'-'dd HH':'mm 'UTC'" : "uuuu'-'MM'-'dd HH':'mm':'ss.FFF 'UTC'", CultureInfo.InvariantCulture);

    private static string Short(Duration duration) => duration switch
    {
        _ when duration.TotalDays % 1 == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalDays}d"),
        _ when duration.TotalHours % 1 == 0 => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalHours}h"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{duration.TotalMinutes}m"),
    };

    private static string Long(Duration duration) => duration switch
    {
        _ when duration.TotalDays % 1 == 0 => Count(duration.TotalDays, "day"),
        _ when duration.TotalHours % 1 == 0 => Count(duration.TotalHours, "hour"),
        _ => Count(duration.TotalMinutes, "minute"),
    };

    private static string Count(double number, string unit) => string.Create(CultureInfo.InvariantCulture, $"{number} {unit}{(number == 1 ? "" : "s")}");
}
