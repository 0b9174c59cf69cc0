using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace Billing.Domain;

/// <summary>
/// Which events a subscriber wants: <c>payment.succeeded</c> that one, <c>payment.*</c> all that begin so, <c>*</c> all.
/// </summary>
public static partial class WebhookFilter
{
    /// <summary>The most characters of a pattern.</summary>
    public const int LongestPattern = 64;

    private const string All = "*";
    private const string Rest = ".*";

    /// <summary>Whether a text is a pattern.</summary>
    public static bool IsValid(string pattern) => pattern.Length <= LongestPattern && Pattern().IsMatch(pattern);

    /// <summary>Whether an event of this type is wanted.</summary>
    public static bool Matches(ImmutableArray<string> patterns, string type)
    {
        foreach (var pattern in patterns)
        {
            if (pattern == All || string.Equals(pattern, type, StringComparison.Ordinal)) return true;
            if (pattern.EndsWith(Rest, StringComparison.Ordinal) && type.AsSpan().StartsWith(pattern.AsSpan(0, pattern.Length - 1), StringComparison.Ordinal)) return true;
        }

        return false;
    }

    /// <summary>The types that are wanted, where every pattern is one; else <see langword="null"/>, and each event has to be looked at.</summary>
    public static IReadOnlyCollection<string>? Types(ImmutableArray<string> patterns) =>
        patterns.Any(pattern => pattern.EndsWith('*')) ? null : patterns;

    [GeneratedRegex(@"\A(\*|[a-z0-9_]+(\.[a-z0-9_]+)*(\.\*)?)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
