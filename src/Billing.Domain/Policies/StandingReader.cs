using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Billing.Domain;

/// <summary>Reads the standings, mild to severe.</summary>
internal static partial class StandingReader
{
    /// <summary><c>good</c> is milder than all and derived; the others are annotations, so <c>in_standing</c> could not name them.</summary>
    private static readonly ImmutableArray<string> ReservedNames = ["good", .. Fields.Annotations];

    private static readonly ImmutableArray<string> Placeholders = ["{due_date}", "{amount_due}"];

    /// <summary>In place of a condition that could not be read; the policy is discarded anyway.</summary>
    private static readonly Condition Never = new Condition.Any([]);

    public static ImmutableArray<StandingRule> ReadAll(Node? node)
    {
        var items = node?.Items(PolicyBounds.Standings) ?? [];
        var names = items.Select(NameOf).ToImmutableArray();
        return [.. items.Select((item, i) => Read(item, new StandingScope(names, i))).OfType<StandingRule>()];
    }

    private static StandingRule? Read(Node node, StandingScope scope)
    {
        if (node.Object() is not { } standing) return null;

        var name = ReadName(standing, scope);
        var rule = new StandingRule
        {
            Name = name,
            When = standing.Require("when") is { } when ? ConditionReader.Read(when, scope) ?? Never : Never,
            Deny = ReadOperations(standing.Find("deny")),
            DenyIf = ReadDenyIf(standing.Find("deny_if")),
            Code = standing.FindUnlessNull("code")?.Identifier() ?? name,
            Message = ReadMessage(standing, isDenying: AreGiven("deny") || AreGiven("deny_if")),
            Banner = ReadBanner(standing.FindUnlessNull("banner")),
            LoginRedirect = standing.Find("login_redirect")?.Flag() ?? false,
            NoticesOnEnter = ReadOnEnter(standing.Find("on_enter")),
        };
        NotYetSupported.InStanding(standing);
        standing.Close();
        return rule;

        bool AreGiven(string key) => standing.Find(key) is { HasItems: true };
    }

    /// <summary>A standing's name before it is read, so that conditions of any standing can speak of any other.</summary>
    private static string? NameOf(Node node) =>
        node.Json.ValueKind == JsonValueKind.Object && node.Json.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;

    private static string ReadName(Fields standing, StandingScope scope)
    {
        if (standing.Require("name") is not { } node) return "";

        var name = node.Identifier() ?? "";
        if (ReservedNames.Contains(name)) node.Refuse($"\"{name}\" is reserved; choose another name.");
        else if (name.Length > 0 && scope.IsTaken(name)) node.Refuse($"\"{name}\" is the name of an earlier standing.");
        return name;
    }

    private static ImmutableArray<string> ReadOperations(Node? node)
    {
        var operations = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node?.Items(PolicyBounds.Denies) ?? [])
        {
            var operation = item.Json.ValueKind == JsonValueKind.String ? item.Json.GetString() : null;
            if (!Operations.IsWellFormed(operation)) item.Refuse("Must be an operation such as \"resource.create\", at most 64 characters.");
            else if (Operations.NeverDenied.Contains(operation!)) item.Refuse($"{operation} must never be denied: an account that owes must be able to pay, and to leave.");
            else if (operations.Contains(operation!)) item.Refuse($"{operation} is listed already.");
            else operations.Add(operation!);
        }

        return operations.ToImmutable();
    }

    private static ImmutableArray<TaggedDeny> ReadDenyIf(Node? node)
    {
        var denies = ImmutableArray.CreateBuilder<TaggedDeny>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            if (item.Object() is not { } entry) continue;
            var tag = entry.Require("tagged")?.Text(PolicyBounds.NameLength);
            var deny = entry.Require("deny");
            if (deny is { Json.ValueKind: JsonValueKind.Array, HasItems: false }) deny.Value.Refuse("Must name at least one operation.");
            denies.Add(new TaggedDeny(tag ?? "", ReadOperations(deny)));
            entry.Close();
        }

        return denies.ToImmutable();
    }

    private static string ReadMessage(Fields standing, bool isDenying)
    {
        if (standing.FindUnlessNull("message") is { } node) return node.Text() ?? "";
        if (isDenying) standing.Miss("message", "Is required of a standing that denies: whoever is denied must learn why.");
        return "";
    }

    private static string? ReadBanner(Node? node)
    {
        if (node?.Text() is not { } banner) return null;
        foreach (var placeholder in PlaceholderPattern().EnumerateMatches(banner))
        {
            var text = banner.Substring(placeholder.Index, placeholder.Length);
            if (!Placeholders.Contains(text)) node.Value.Refuse($"{text} means nothing in a banner; {string.Join(" and ", Placeholders)} do.");
        }

        return banner;
    }

    private static ImmutableArray<string> ReadOnEnter(Node? node)
    {
        const string Prefix = "notice:";
        var notices = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            var entry = item.Json.ValueKind == JsonValueKind.String ? item.Json.GetString()! : "";
            if (NotYetSupported.OnEnter(item, entry)) continue;
            if (!entry.StartsWith(Prefix, StringComparison.Ordinal) || !Node.IsName(entry[Prefix.Length..])) item.Refuse("Must be \"notice:\" and the notice's name, \"power_down\" or \"delete_resources\".");
            else if (notices.Contains(entry[Prefix.Length..])) item.Refuse($"{entry} is listed already.");
            else notices.Add(entry[Prefix.Length..]);
        }

        return notices.ToImmutable();
    }

    [GeneratedRegex(@"\{[^{}]*\}", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex PlaceholderPattern();
}

/// <summary>Where a standing stands among the others: what its conditions may speak of.</summary>
/// <param name="Names">The names, mild to severe; <see langword="null"/> where one has none.</param>
/// <param name="Own">This standing's place.</param>
internal sealed record StandingScope(ImmutableArray<string?> Names, int Own)
{
    public string OwnName => Names[Own] ?? "";

    public bool IsTaken(string name) => Names.IndexOf(name) < Own;

    public bool IsKnown(string name) => Names.Contains(name);

    public bool IsMilder(string name) => IsKnown(name) && IsTaken(name);
}
