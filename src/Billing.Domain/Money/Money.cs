using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing.Domain;

/// <summary>An amount of one currency in its minor unit. Arithmetic is checked, and never mixes currencies.</summary>
/// <remarks>
/// Implementation note: money is never floating point and never a bare number, so that an amount of the wrong currency
/// or an overflow stops a decision instead of becoming a wrong charge. Stored as one string, <c>"2000 USD"</c>.
/// </remarks>
[JsonConverter(typeof(MoneyJsonConverter))]
public readonly record struct Money(long MinorUnits, Currency Currency) : IComparable<Money>
{
    /// <summary>The largest amount that a caller may name: 10¹² minor units.</summary>
    public const long Largest = 1_000_000_000_000;

    /// <summary>Nothing, of a currency.</summary>
    public static Money Zero(Currency currency) => new(0, currency);

    /// <summary>Whether it is nothing.</summary>
    public bool IsZero => MinorUnits == 0;

    /// <summary>Whether it is more than nothing.</summary>
    public bool IsPositive => MinorUnits > 0;

    /// <summary>The smaller of two.</summary>
    public static Money Min(Money left, Money right) => left <= right ? left : right;

    /// <inheritdoc />
    public int CompareTo(Money other) => MinorUnits.CompareTo(other.Like(this).MinorUnits);

    /// <summary>As a person reads it: <c>29.00 USD</c>, <c>500 JPY</c>.</summary>
    public override string ToString()
    {
        var scale = 1L;
        for (var i = 0; i < Currency.Decimals; i++) scale *= 10;
        return ((decimal)MinorUnits / scale).ToString("F" + Currency.Decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + " " + Currency;
    }

    private Money Like(Money other) => Currency == other.Currency
        ? this
        : throw new InvalidOperationException($"{Currency} and {other.Currency} do not mix.");

#pragma warning disable CS1591 // Operators mean what they say.
    public static Money operator +(Money left, Money right) => new(checked(left.MinorUnits + right.Like(left).MinorUnits), left.Currency);
    public static Money operator -(Money left, Money right) => new(checked(left.MinorUnits - right.Like(left).MinorUnits), left.Currency);
    public static Money operator -(Money amount) => new(checked(-amount.MinorUnits), amount.Currency);
    public static bool operator <(Money left, Money right) => left.CompareTo(right) < 0;
    public static bool operator >(Money left, Money right) => left.CompareTo(right) > 0;
    public static bool operator <=(Money left, Money right) => left.CompareTo(right) <= 0;
    public static bool operator >=(Money left, Money right) => left.CompareTo(right) >= 0;
#pragma warning restore CS1591
}

/// <summary>Money as one string: <c>"2000 USD"</c>.</summary>
public sealed class MoneyJsonConverter : JsonConverter<Money>
{
    /// <inheritdoc />
    public override Money Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var parts = (reader.GetString() ?? "").Split(' ');
        return parts.Length == 2
            && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var minorUnits)
            && Currency.TryParse(parts[1], out var currency)
            ? new Money(minorUnits, currency)
            : throw new JsonException("Not an amount such as \"2000 USD\".");
    }

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Money value, JsonSerializerOptions options) =>
        writer.WriteStringValue(string.Create(CultureInfo.InvariantCulture, $"{value.MinorUnits} {value.Currency.Code}"));
}

/// <summary>Sums of money.</summary>
public static class MoneySums
{
    /// <summary>The sum, zero of the given currency where there is nothing to add.</summary>
    public static Money Sum<T>(this IEnumerable<T> items, Currency currency, Func<T, Money> amount) =>
        items.Aggregate(Money.Zero(currency), (sum, item) => sum + amount(item));
}
