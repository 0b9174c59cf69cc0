using System.Collections.Frozen;
using Billing.Gateways;

namespace Billing.Stripe;

/// <summary>
/// How Stripe counts a currency: zero-decimal currencies; special cases (ISK and UGX have no decimals and are said with two,
/// which are zero); three-decimal currencies, whose last digit must be zero; minimum charge amounts. The page to compare it
/// with is docs.stripe.com/currencies. Of it, excerpts were read on 2026-11-30: ISK and the last digit of three decimals. UGX and
/// the minimums are not checked against it.
/// </summary>
public static class StripeUnits
{
    private static readonly FrozenSet<string> WithoutDecimals = Codes("BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF");
    private static readonly FrozenSet<string> WholeSaidWithTwo = Codes("ISK UGX");

    /// <summary>In the minor unit of ISO 4217.</summary>
    private static readonly FrozenDictionary<string, long> Minimums = new Dictionary<string, long>(StringComparer.Ordinal)
    {
        ["USD"] = 50, ["AED"] = 200, ["AUD"] = 50, ["BRL"] = 50, ["CAD"] = 50, ["CHF"] = 50, ["CZK"] = 15_00, ["DKK"] = 2_50, ["EUR"] = 50,
        ["GBP"] = 30, ["HKD"] = 4_00, ["HUF"] = 175_00, ["INR"] = 50, ["JPY"] = 50, ["MXN"] = 10_00, ["MYR"] = 2_00, ["NOK"] = 3_00, ["NZD"] = 50,
        ["PLN"] = 2_00, ["RON"] = 2_00, ["SEK"] = 3_00, ["SGD"] = 50, ["THB"] = 10_00,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The unit of a currency.</summary>
    public static GatewayUnit Of(Currency currency)
    {
        Money? minimum = Minimums.TryGetValue(currency.Code, out var least) ? new Money(least, currency) : null;
        if (WithoutDecimals.Contains(currency.Code)) return new GatewayUnit(0, 1, minimum);
        if (WholeSaidWithTwo.Contains(currency.Code)) return new GatewayUnit(2, 100, minimum);
        return currency.Decimals == 3 ? new GatewayUnit(3, 10, minimum) : new GatewayUnit(2, 1, minimum);
    }

    /// <summary>An amount of Stripe's, in ours; <see langword="null"/> where it names no currency of ISO 4217.</summary>
    public static Money? Read(long? units, string? currency) =>
        units is { } said && Currency.TryParse(currency?.ToUpperInvariant(), out var known) ? Of(known).ToMoney(said, known) : null;

    /// <summary>The same, but <see langword="null"/> too where ours cannot hold exactly what Stripe says.</summary>
    public static Money? ReadExactly(long? units, string? currency)
    {
        // Stripe says at most two decimals more than we do; what is beyond that is too much, and must not overflow.
        if (units is not (>= 0 and <= Money.Largest * 100) || Read(units, currency) is not { } read || read.MinorUnits > Money.Largest) return null;
        return (Of(read.Currency) with { Step = 1 }).FromMoney(read) == units ? read : null;
    }

    private static FrozenSet<string> Codes(string codes) => codes.Split(' ').ToFrozenSet(StringComparer.Ordinal);
}
