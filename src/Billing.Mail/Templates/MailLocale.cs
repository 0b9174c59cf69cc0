using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Billing.Mail.Templates;

/// <summary>How a language writes amounts, dates and the words that facts are made of: the <c>locale.json</c> beside its templates.</summary>
/// <remarks>
/// Implementation note: the service runs without a culture database (<c>InvariantGlobalization</c>), so that an amount looks
/// the same in every container. What a language needs for its mails is little, and stands where its texts are translated.
/// </remarks>
internal sealed class MailLocale
{
    private readonly Dictionary<string, string> _texts;
    private readonly string[] _months;

    private MailLocale(string name, Dictionary<string, string> texts, string[] months) => (Name, _texts, _months) = (name, texts, months);

    /// <summary>Says nothing yet.</summary>
    public static readonly MailLocale Empty = new("", [], [.. Enumerable.Range(1, 12).Select(month => month.ToString(CultureInfo.InvariantCulture))]);

    /// <summary>Its BCP 47 tag.</summary>
    public string Name { get; }

    /// <summary>The same under another name, with everything that a document says otherwise.</summary>
    /// <exception cref="JsonException">It is no object of texts, of objects of texts, and of twelve months.</exception>
    public MailLocale With(string name, string json)
    {
        var texts = new Dictionary<string, string>(_texts, StringComparer.Ordinal);
        var months = _months;
        using var document = JsonDocument.Parse(json);
        foreach (var member in document.RootElement.EnumerateObject())
        {
            switch (member.Value.ValueKind)
            {
                case JsonValueKind.String:
                    texts[member.Name] = member.Value.GetString()!;
                    break;
                case JsonValueKind.Array when member.Name == "months" && member.Value.GetArrayLength() == 12:
                    months = [.. member.Value.EnumerateArray().Select(month => month.GetString() ?? throw new JsonException("A month is a text."))];
                    break;
                case JsonValueKind.Object:
                    foreach (var word in member.Value.EnumerateObject()) texts[$"{member.Name}.{word.Name}"] = word.Value.GetString() ?? throw new JsonException("A word is a text.");
                    break;
                default:
                    throw new JsonException($"'{member.Name}' is no text, no object of texts, and not twelve months.");
            }
        }

        return new MailLocale(name, texts, months);
    }

    /// <summary>The same under another name.</summary>
    public MailLocale As(string name) => new(name, _texts, _months);

    /// <summary>An amount: <c>$1,234.50</c>, <c>1.234,50 €</c>.</summary>
    public string Money(Money amount)
    {
        var pattern = _texts.TryGetValue("symbols." + amount.Currency.Code, out var symbol) ? Text("money", "{symbol}{number}") : Text("money_by_code", "{number} {code}");
        var number = Number(amount);
        return (amount.MinorUnits < 0 ? "−" : "") + pattern.Replace("{number}", number, StringComparison.Ordinal)
            .Replace("{symbol}", symbol, StringComparison.Ordinal).Replace("{code}", amount.Currency.Code, StringComparison.Ordinal);
    }

    /// <summary>A day in a zone: <c>6 March 2026</c>.</summary>
    public string Date(Instant at, DateTimeZone zone)
    {
        var date = at.InZone(zone).Date;
        return Text("date", "{day} {month} {year}").Replace("{day}", Digits(date.Day), StringComparison.Ordinal)
            .Replace("{month}", _months[date.Month - 1], StringComparison.Ordinal).Replace("{year}", Digits(date.Year), StringComparison.Ordinal);
    }

    /// <summary>A moment in a zone: <c>6 March 2026, 14:00 CET</c>.</summary>
    public string Moment(Instant at, DateTimeZone zone)
    {
        var local = at.InZone(zone);
        return Text("moment", "{date}, {time} {zone}").Replace("{date}", Date(at, zone), StringComparison.Ordinal)
            .Replace("{time}", local.ToString("HH:mm", CultureInfo.InvariantCulture), StringComparison.Ordinal)
            .Replace("{zone}", zone.GetZoneInterval(at).Name, StringComparison.Ordinal);
    }

    /// <summary>A word; <see langword="null"/> where the language has none for it.</summary>
    public string? Word(string group, string name) => _texts.GetValueOrDefault($"{group}.{name}");

    private string Text(string name, string otherwise) => _texts.GetValueOrDefault(name, otherwise);

    private string Number(Money amount)
    {
        var digits = UInt128.CreateChecked(Int128.Abs(amount.MinorUnits)).ToString(CultureInfo.InvariantCulture).PadLeft(amount.Currency.Decimals + 1, '0');
        var whole = digits[..^amount.Currency.Decimals];
        var number = new StringBuilder();
        for (var i = 0; i < whole.Length; i++)
        {
            if (i > 0 && (whole.Length - i) % 3 == 0) number.Append(Text("group", ","));
            number.Append(whole[i]);
        }

        if (amount.Currency.Decimals > 0) number.Append(Text("decimal", ".")).Append(digits[^amount.Currency.Decimals..]);
        return number.ToString();
    }

    private static string Digits(int number) => number.ToString(CultureInfo.InvariantCulture);
}
