using System.Text.Json;
using NodaTime.Text;

namespace Billing.Api.Reading;

/// <summary>
/// The fields of one object of a request. Each reading gives the value, or notes what is wrong and gives none, so that a
/// caller sees every error at once. Reading a field makes it known; <see cref="Close"/> refuses all others.
/// </summary>
internal sealed class Fields
{
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly List<Fields> _children = [];
    private readonly string _path;
    private readonly Errors _errors;

    /// <summary>The fields of a value; none, with an error, where it is no object.</summary>
    public Fields(JsonElement json, string path, Errors errors)
    {
        (_path, _errors) = (path, errors);
        if (json.ValueKind == JsonValueKind.Undefined) return;
        if (json.ValueKind != JsonValueKind.Object)
        {
            errors.Add(path, "Must be an object.");
            return;
        }

        foreach (var property in json.EnumerateObject()) _values[property.Name] = property.Value;
    }

    /// <summary>Every field that the caller gave, <c>null</c> ones included.</summary>
    public IEnumerable<string> Given => _values.Keys;

    /// <summary>Whether the caller gave a field, <c>null</c> included.</summary>
    public bool Has(string name) => _values.ContainsKey(name);

    /// <summary>The path of a field.</summary>
    public string PathOf(string name) => _path.Length == 0 ? name : $"{_path}.{name}";

    /// <summary>Notes that a field is wrong.</summary>
    public void Refuse(string name, string message) => _errors.Add(PathOf(name), message);

    /// <summary>A field's value; none where it is left out or <c>null</c>.</summary>
    public JsonElement? Find(string name, bool required = false)
    {
        _known.Add(name);
        if (_values.TryGetValue(name, out var value) && value.ValueKind != JsonValueKind.Null) return value;
        if (required) Refuse(name, "Is required.");
        return null;
    }

    /// <summary>A text of at most so many characters, not blank, valid Unicode without control characters.</summary>
    public string? Text(string name, int most, bool required = false) =>
        Find(name, required) is { } value ? JsonTexts.Read(value, most, PathOf(name), _errors) : null;

    /// <summary>The id of something that a caller named.</summary>
    public string? Id(string name, bool required = false)
    {
        if (Find(name, required) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.String && JsonTexts.String(value) is { } id && Ids.IsValid(id)) return id;
        Refuse(name, PathIds.Expected);
        return null;
    }

    /// <summary>A whole number; a number as text is an error.</summary>
    public long? Whole(string name, long least, long most, bool required = false)
    {
        if (Find(name, required) is not { } value) return null;
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= least && number <= most) return number;
        Refuse(name, $"Must be a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>An amount in minor units.</summary>
    public long? Amount(string name, bool required = false, long least = 0) => Whole(name, least, Money.Largest, required);

    /// <summary>Refuses a field that says <c>null</c>, and one that is left out where the thing is new.</summary>
    public void Require(string name, bool isNew)
    {
        if ((isNew || Has(name)) && Find(name) is null) Refuse(name, "Is required.");
    }

    /// <summary>True or false.</summary>
    public bool? Flag(string name)
    {
        if (Find(name) is not { } value) return null;
        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False) return value.GetBoolean();
        Refuse(name, "Must be true or false.");
        return null;
    }

    /// <summary>One of a few words, each with its meaning.</summary>
    public T? Word<T>(string name, bool required, params ReadOnlySpan<(string Word, T Meaning)> words) where T : struct
    {
        if (Find(name, required) is not { } value) return null;
        var text = value.ValueKind == JsonValueKind.String ? JsonTexts.String(value) : null;
        var expected = new List<string>();
        foreach (var (word, meaning) in words)
        {
            if (string.Equals(word, text, StringComparison.Ordinal)) return meaning;
            expected.Add($"\"{word}\"");
        }

        Refuse(name, $"Must be {string.Join(" or ", expected)}.");
        return null;
    }

    /// <summary>An instant, RFC 3339; finer than a millisecond is cut off, the precision of every instant here.</summary>
    public Instant? Instant(string name, bool required = false)
    {
        if (Find(name, required) is not { } value) return null;
        var text = value.ValueKind == JsonValueKind.String ? JsonTexts.String(value) : null;
        if (text is not null && OffsetDateTimePattern.Rfc3339.Parse(text) is { Success: true } parsed && parsed.Value.ToInstant() is var instant
            && instant >= ApiBounds.EarliestInstant && instant <= ApiBounds.LatestInstant)
        {
            return NodaTime.Instant.FromUnixTimeMilliseconds(instant.ToUnixTimeMilliseconds());
        }

        Refuse(name, "Must be an instant such as \"2026-03-06T00:00:00Z\", from the year 1970 to 9000.");
        return null;
    }

    /// <summary>The items of an array, each with its path.</summary>
    public IReadOnlyList<(JsonElement Json, string Path)> Items(string name, int least, int most, bool required = false)
    {
        if (Find(name, required) is not { } value) return [];
        if (value.ValueKind != JsonValueKind.Array)
        {
            Refuse(name, "Must be an array.");
            return [];
        }

        var length = value.GetArrayLength();
        if (length < least || length > most) Refuse(name, $"Must have {least} to {most} items.");
        return [.. value.EnumerateArray().Take(most).Select((item, i) => (item, $"{PathOf(name)}[{i}]"))];
    }

    /// <summary>The items of an array of objects.</summary>
    public IReadOnlyList<Fields> Objects(string name, int least, int most, bool required = false) =>
        [.. Items(name, least, most, required).Select(item => Child(item.Json, item.Path))];

    /// <summary>An object; none where it is left out or <c>null</c>.</summary>
    public Fields? Object(string name, bool required = false) => Find(name, required) is { } value ? Child(value, PathOf(name)) : null;

    /// <summary>Refuses every field that nobody read, here and below.</summary>
    public void Close()
    {
        foreach (var name in _values.Keys.Where(name => !_known.Contains(name))) Refuse(JsonTexts.Shown(name), "Is not known here.");
        foreach (var child in _children) child.Close();
    }

    private Fields Child(JsonElement json, string path)
    {
        var child = new Fields(json, path, _errors);
        _children.Add(child);
        return child;
    }
}
