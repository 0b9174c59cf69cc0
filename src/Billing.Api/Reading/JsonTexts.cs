using System.Text.Json;

namespace Billing.Api.Reading;

/// <summary>
/// Texts of a JSON document. A parser lets half a surrogate pair and broken UTF-8 pass and throws only when the text is
/// asked for; here that is an answer.
/// </summary>
internal static class JsonTexts
{
    private const int MostShown = 64;

    /// <summary>A string's text; <see langword="null"/> where it is not valid Unicode.</summary>
    public static string? String(JsonElement json)
    {
        try
        {
            return json.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>A text for people, or an error.</summary>
    public static string? Read(JsonElement json, int most, string path, Errors errors)
    {
        var text = json.ValueKind == JsonValueKind.String ? String(json) : null;
        var wrong = text switch
        {
            null => json.ValueKind == JsonValueKind.String ? "Must be valid Unicode." : "Must be a text.",
            _ when string.IsNullOrWhiteSpace(text) => "Must not be blank.",
            { Length: var length } when length > most => $"Must have at most {most} characters.",
            _ when text.Any(char.IsControl) => "Must not hold control characters.",
            _ => null,
        };
        if (wrong is null) return text;
        errors.Add(path, wrong);
        return null;
    }

    /// <summary>The path of the first name that an object of a document gives twice; <see langword="null"/> where none does.</summary>
    public static string? FindTwice(ReadOnlySpan<byte> document, JsonDocumentOptions options) => FindTwice(JsonElement.Parse(document, options with { AllowDuplicateProperties = true }), "");

    private static string? FindTwice(JsonElement json, string path)
    {
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                var names = new HashSet<string>(StringComparer.Ordinal);
                foreach (var property in json.EnumerateObject())
                {
                    var own = path.Length == 0 ? Shown(property.Name) : $"{path}.{Shown(property.Name)}";
                    if (!names.Add(property.Name)) return own;
                    if (FindTwice(property.Value, own) is { } below) return below;
                }

                return null;
            case JsonValueKind.Array:
                var at = 0;
                foreach (var item in json.EnumerateArray())
                {
                    if (FindTwice(item, $"{path}[{at++}]") is { } below) return below;
                }

                return null;
            default:
                return null;
        }
    }

    /// <summary>A name as an error shows it: cut where it is long, without control characters.</summary>
    public static string Shown(string name)
    {
        var shown = new string([.. name.Take(MostShown).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c)]);
        return name.Length > MostShown ? shown + "…" : shown;
    }
}
