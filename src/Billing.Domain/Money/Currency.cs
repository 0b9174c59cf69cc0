using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Billing.Domain;

/// <summary>An ISO 4217 currency: three upper-case letters that the list names, with its number of decimals.</summary>
/// <remarks>Source: ISO 4217 list one, published 2025-05-12. A gateway's own exponent is the gateway adapter's business.</remarks>
[JsonConverter(typeof(CurrencyJsonConverter))]
public readonly record struct Currency
{
    private const string TwoDecimals =
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK " +
        "DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD " +
        "KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP " +
        "PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH " +
        "USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG";

    private static readonly FrozenDictionary<string, int> DecimalsByCode = TwoDecimals.Split(' ').Select(code => (code, decimals: 2))
        .Concat("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF".Split(' ').Select(code => (code, decimals: 0)))
        .Concat("BHD IQD JOD KWD LYD OMR TND".Split(' ').Select(code => (code, decimals: 3)))
        .ToFrozenDictionary(pair => pair.code, pair => pair.decimals, StringComparer.Ordinal);

    private readonly string? _code;

    private Currency(string code) => _code = code;

    /// <summary>The three letters.</summary>
    public string Code => _code ?? throw new InvalidOperationException("A default Currency has no code.");

    /// <summary>How many decimals its minor unit has: 0, 2 or 3.</summary>
    public int Decimals => DecimalsByCode[Code];

    /// <summary>Reads a code; <see langword="false"/> where the list does not name it.</summary>
    public static bool TryParse(string? code, out Currency currency)
    {
        currency = code is not null && DecimalsByCode.ContainsKey(code) ? new Currency(code) : default;
        return currency._code is not null;
    }

    /// <summary>Reads a code that is known to be good.</summary>
    /// <exception cref="FormatException">The list does not name it.</exception>
    public static Currency Parse(string code) =>
        TryParse(code, out var currency) ? currency : throw new FormatException($"'{code}' is no ISO 4217 currency.");

    /// <inheritdoc />
    public override string ToString() => _code ?? "";
}

/// <summary>A currency as its code.</summary>
public sealed class CurrencyJsonConverter : JsonConverter<Currency>
{
    /// <inheritdoc />
    public override Currency Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Currency.TryParse(reader.GetString(), out var currency) ? currency : throw new JsonException("Not an ISO 4217 currency.");

    /// <inheritdoc />
    public override void Write(Utf8JsonWriter writer, Currency value, JsonSerializerOptions options) => writer.WriteStringValue(value.Code);
}
