using System.Text.RegularExpressions;

namespace Billing.Api.Reading;

/// <summary>Ids in paths: those that callers choose are <see cref="Ids.IsValid"/>; those that we derive from them hold <c>~</c> too.</summary>
internal static partial class PathIds
{
    public const string Expected = "Must be an id: a letter or digit, then letters, digits and . _ : - , at most 128 characters.";

    /// <summary>Whether something of ours can have this id: a caller's, or a derived one.</summary>
    public static bool CanExist(string id) => id.Length <= Ids.MaxDerivedLength && Pattern().IsMatch(id);

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._:~-]*\z", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
