using System.Collections.Immutable;
using System.Text.Json;

namespace Billing.Domain;

/// <summary>
/// The keys of one object. Reading a key makes it known; <see cref="Close"/> refuses all that nobody read, so the readers
/// are themselves the list of what is allowed. Every object may carry <c>source</c> and <c>assumption</c>.
/// </summary>
internal sealed class Fields
{
    /// <summary>What any object may say about where it comes from.</summary>
    public static readonly string[] Annotations = ["source", "assumption"];

    private const int MostCharactersOfAKeyShown = 64;

    private readonly Node _node;
    private readonly Dictionary<string, JsonElement> _values = new(StringComparer.Ordinal);
    private readonly List<string> _known = [];

    public Fields(Node node)
    {
        _node = node;
        var refused = new HashSet<string>(StringComparer.Ordinal);
        foreach (var property in node.Json.EnumerateObject())
        {
            if (!_values.TryAdd(property.Name, property.Value) && refused.Add(property.Name)) Child(property.Name).Refuse("Is given more than once.");
        }

        foreach (var annotation in Annotations) Find(annotation)?.Text();
    }

    /// <summary>Whether it says nothing beyond annotations.</summary>
    public bool IsEmpty => _values.Keys.All(Annotations.Contains);

    /// <summary>The value of a key, <c>null</c> too; none where the key is left out.</summary>
    public Node? Find(string key)
    {
        if (!_known.Contains(key)) _known.Add(key);
        return _values.ContainsKey(key) ? Child(key) : null;
    }

    /// <summary>The value of a key for which <c>null</c> means the same as leaving it out.</summary>
    public Node? FindUnlessNull(string key) => Find(key) is { IsNull: false } node ? node : null;

    /// <summary>The value of a key that must be there; an error and none where it is not.</summary>
    public Node? Require(string key)
    {
        var node = Find(key);
        if (node is null) Miss(key, "Is required.");
        return node;
    }

    /// <summary>Every key and value, for an object whose keys are the writer's own; annotations left out.</summary>
    public IEnumerable<(string Key, Node Value)> Entries() =>
        _values.Keys.Where(key => !Annotations.Contains(key)).Select(key => (key, Child(key)));

    /// <summary>Amounts in minor units by currency.</summary>
    public ImmutableDictionary<string, long> Amounts(long least)
    {
        var minorUnits = ImmutableDictionary<string, long>.Empty;
        foreach (var (code, amount) in Entries())
        {
            if (!Currency.TryParse(code, out _)) amount.Refuse("A currency must be a code of ISO 4217, such as USD.");
            else if (amount.Whole(least, Money.Largest) is { } number) minorUnits = minorUnits.Add(code, number);
        }

        return minorUnits;
    }

    /// <summary>Records that a key which must be there is not.</summary>
    public void Miss(string key, string message) => Child(key).Refuse(message);

    /// <summary>Refuses every key that was not read.</summary>
    public void Close()
    {
        foreach (var key in _values.Keys.Where(key => !_known.Contains(key))) _node.Errors.Add(Child(key).Path, $"{Shown(key)} is not known here. {Hint(key)}");
    }

    private Node Child(string key)
    {
        var step = IsPlain(key) ? Shown(key) : $"[\"{JsonEncodedText.Encode(Shown(key))}\"]";
        var path = _node.Path.Length == 0 || step[0] == '[' ? _node.Path + step : $"{_node.Path}.{step}";
        return new Node(_values.GetValueOrDefault(key), path, _node.Errors);
    }

    private string Hint(string key)
    {
        var nearest = _known.MinBy(known => Edits(Shown(key), known))!;
        var mostEdits = Math.Min(3, nearest.Length / 2);
        return Edits(Shown(key), nearest) <= mostEdits
            ? $"Did you mean {nearest}?"
            : $"Known here: {string.Join(", ", _known)}.";
    }

    private static bool IsPlain(string key) => key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '$');

    /// <summary>The key, cut where it is long, never through a surrogate pair.</summary>
    private static string Shown(string key)
    {
        if (key.Length <= MostCharactersOfAKeyShown) return key;
        var end = char.IsHighSurrogate(key[MostCharactersOfAKeyShown - 1]) ? MostCharactersOfAKeyShown - 1 : MostCharactersOfAKeyShown;
        return key[..end] + "…";
    }

    /// <summary>The edit distance after Levenshtein, case aside: how many letters one would have to change, add or remove.</summary>
    private static int Edits(string left, string right)
    {
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0]++;
            for (var j = 1; j <= right.Length; j++)
            {
                var same = char.ToLowerInvariant(left[i - 1]) == char.ToLowerInvariant(right[j - 1]);
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + (same ? 0 : 1)));
            }
        }

        return row[right.Length];
    }
}
