using Microsoft.AspNetCore.WebUtilities;

namespace Billing.Api.Gate;

/// <summary>What a question for the gate says after its <c>?</c>, read without a collection of it.</summary>
/// <param name="Operation">What the account would do.</param>
/// <param name="Context">For a longer message of the policy.</param>
/// <param name="MinVersion">The answer has to know of at least so many recorded facts.</param>
/// <param name="Unknown">The names that are none of these, as they are shown.</param>
internal readonly record struct GateQuery(string? Operation, string? Context, string? MinVersion, List<string>? Unknown)
{
    private static readonly HashSet<string>.AlternateLookup<ReadOnlySpan<char>> Known = Operations.House.ToHashSet(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Reads the query; a name that comes twice has both values, with a comma between them.</summary>
    public static GateQuery Read(QueryString text)
    {
        string? operation = null, context = null, minVersion = null;
        List<string>? unknown = null;
        foreach (var pair in new QueryStringEnumerable(text.Value))
        {
            var name = pair.DecodeName().Span;
            if (name.Equals("operation", StringComparison.OrdinalIgnoreCase)) operation = Join(operation, pair.DecodeValue().Span);
            else if (name.Equals("context", StringComparison.OrdinalIgnoreCase)) context = Join(context, pair.DecodeValue().Span);
            else if (name.Equals("min_version", StringComparison.OrdinalIgnoreCase)) minVersion = Join(minVersion, pair.DecodeValue().Span);
            else (unknown ??= []).Add(JsonTexts.Shown(name.ToString()));
        }

        return new GateQuery(operation, context, minVersion, unknown);
    }

    private static string Join(string? before, ReadOnlySpan<char> value)
    {
        if (before is not null) return $"{before},{value}";
        return Known.TryGetValue(value, out var operation) ? operation : value.ToString();
    }
}
