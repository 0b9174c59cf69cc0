using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// One value of a document and where it stands. Each reading gives the value, or records what is wrong and gives
/// <see langword="null"/>, so that the reader goes on and finds the next error too.
/// </summary>
internal readonly partial record struct Node(JsonElement Json, string Path, FieldErrors Errors)
{
    internal const string ExpectedName = "Must be lower-case letters, digits and underscores, a letter first, at most 64.";

    public bool IsNull => Json.ValueKind == JsonValueKind.Null;

    /// <summary>Whether it is an array with something in it, right or wrong.</summary>
    public bool HasItems => Json.ValueKind == JsonValueKind.Array && Json.GetArrayLength() > 0;

    /// <summary>Records that this value is wrong: one sentence, for the path says where.</summary>
    public void Refuse(string message) => Errors.Add(Path, message);

    public Fields? Object()
    {
        if (Json.ValueKind == JsonValueKind.Object) return new Fields(this);
        Refuse("Must be an object.");
        return null;
    }

    /// <summary>The items, those past the bound left out; none where it is no array.</summary>
    public ImmutableArray<Node> Items(int most)
    {
        if (Json.ValueKind != JsonValueKind.Array)
        {
            Refuse("Must be an array.");
            return [];
        }

        if (Json.GetArrayLength() > most) Refuse($"Must have at most {most} items.");
        var self = this;
        return [.. Json.EnumerateArray().Take(most).Select((item, i) => new Node(item, $"{self.Path}[{i}]", self.Errors))];
    }

    /// <summary>Text for people: not blank, and without control characters other than line breaks and tabs (a database cannot keep NUL).</summary>
    public string? Text(int most = PolicyBounds.TextLength)
    {
        if (Json.ValueKind != JsonValueKind.String)
        {
            Refuse("Must be a text.");
            return null;
        }

        var text = Json.GetString()!;
        if (string.IsNullOrWhiteSpace(text)) Refuse("Must not be blank.");
        else if (text.Length > most) Refuse($"Must have at most {most} characters.");
        else if (text.Any(c => char.IsControl(c) && c is not ('\n' or '\t'))) Refuse("Must not hold control characters.");
        else return text;
        return null;
    }

    /// <summary>A name for programs: <c>[a-z][a-z0-9_]{0,63}</c>.</summary>
    public string? Identifier()
    {
        if (Json.ValueKind == JsonValueKind.String && Json.GetString() is { } name && IsName(name)) return name;
        Refuse(ExpectedName);
        return null;
    }

    public bool? Flag()
    {
        if (Json.ValueKind is JsonValueKind.True or JsonValueKind.False) return Json.GetBoolean();
        Refuse("Must be true or false.");
        return null;
    }

    public Duration? Duration()
    {
        if (Json.ValueKind == JsonValueKind.String && Durations.TryParse(Json.GetString(), out var duration)) return duration;
        Refuse(Durations.Expected);
        return null;
    }

    /// <summary>A duration that is not shorter than this.</summary>
    public Duration? DurationOfAtLeast(Duration least, string shown)
    {
        if (Duration() is not { } duration) return null;
        if (duration >= least) return duration;
        Refuse($"Must be at least {shown}.");
        return null;
    }

    /// <summary>How long before an instant, as its offset: <c>"-3d"</c>.</summary>
    public Duration? DurationBefore()
    {
        if (Json.ValueKind == JsonValueKind.String && Durations.TryParseBefore(Json.GetString(), out var before)) return before;
        Refuse(Durations.ExpectedBefore);
        return null;
    }

    public long? Whole(long least, long most)
    {
        if (Json.ValueKind == JsonValueKind.Number && Json.TryGetInt64(out var number) && number >= least && number <= most) return number;
        Refuse($"Must be a whole number from {least} to {most}.");
        return null;
    }

    /// <summary>One of a few words.</summary>
    public string? Word(params ReadOnlySpan<string> words)
    {
        if (Json.ValueKind == JsonValueKind.String && words.Contains(Json.GetString()!)) return Json.GetString();
        Refuse($"Must be {string.Join(" or ", words.ToArray().Select(word => $"\"{word}\""))}.");
        return null;
    }

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex(@"\A[a-z][a-z0-9_]{0,63}\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern();
}
