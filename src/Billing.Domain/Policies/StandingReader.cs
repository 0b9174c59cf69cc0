using System.Collections.Immutable;
using System.Text.Json;
using System.Text.RegularExpressions;
using NodaTime;

namespace Billing.Domain;

/// <summary>Reads the standings, mild to severe.</summary>
internal static partial class StandingReader
{
    /// <summary><c>good</c> is milder than all and derived; the others are annotations, so <c>in_standing</c> could not name them.</summary>
    private static readonly ImmutableArray<string> ReservedNames = ["good", .. Fields.Annotations];

    private static readonly ImmutableArray<string> Placeholders = ["{due_date}", "{amount_due}"];

    private const string NoticePrefix = "notice:";
    private const string PowerDown = "power_down";
    private const string DeleteResources = "delete_resources";

    private const string NotApproached =
        "A standing that deletes must be reached by at least 24h of in_standing of a milder one, in each alternative of any: such as {\"in_standing\": {\"suspended\": \"14d\"}}.";

    /// <summary>In place of a condition that could not be read; the policy is discarded anyway.</summary>
    private static readonly Condition Never = new Condition.Any([]);

    public static ImmutableArray<StandingRule> ReadAll(Node? node)
    {
        var items = node?.Items(PolicyBounds.Standings) ?? [];
        var names = items.Select(NameOf).ToImmutableArray();
        return [.. items.Select((item, i) => Read(item, new StandingScope(names, i))).OfType<StandingRule>()];
    }

    /// <summary>
    /// Whether the condition cannot hold before a milder standing has lasted for a day, whichever of its alternatives holds:
    /// what is deleted does not come back, so nobody may lose it without having been told by a lesser consequence.
    /// </summary>
    private static bool IsApproached(Condition condition) => condition switch
    {
        Condition.InStanding milder => milder.For >= PolicyBounds.ShortestWayToDeletion,
        Condition.All all => all.Of.Any(IsApproached),
        Condition.Any any => any.Of.All(IsApproached),
        _ => false,
    };

    /// <summary>The condition; none where anything in it is wrong, so that half of one is not judged.</summary>
    private static Condition? ReadWhen(Node? when, StandingScope scope)
    {
        if (when is not { } node) return null;
        var before = node.Errors.Count;
        var condition = ConditionReader.Read(node, scope);
        return node.Errors.Count == before ? condition : null;
    }

    private static StandingRule? Read(Node node, StandingScope scope)
    {
        if (node.Object() is not { } standing) return null;

        var name = ReadName(standing, scope);
        var when = standing.Require("when");
        var condition = ReadWhen(when, scope);
        var onEnter = ReadOnEnter(standing.Find("on_enter"));
        var rule = new StandingRule
        {
            Name = name,
            When = condition ?? Never,
            Deny = OperationListReader.Read(standing.Find("deny"), OperationListReader.MustNotBeDenied),
            DenyIf = ReadDenyIf(standing.Find("deny_if")),
            Code = standing.FindUnlessNull("code")?.Identifier() ?? name,
            Message = ReadMessage(standing, isDenying: AreGiven("deny") || AreGiven("deny_if")),
            Banner = ReadBanner(standing.FindUnlessNull("banner")),
            LoginRedirect = standing.Find("login_redirect")?.Flag() ?? false,
            NoticesOnEnter = [.. onEnter.Where(entry => entry.StartsWith(NoticePrefix, StringComparison.Ordinal)).Select(entry => entry[NoticePrefix.Length..])],
            PowersDown = onEnter.Contains(PowerDown),
            Deletes = onEnter.Contains(DeleteResources),
            RequiresNotice = ReadRequiredNotices(standing.Find("requires_notice")),
        };
        if (rule.Deletes && condition is { } read && !IsApproached(read)) when!.Value.Refuse(NotApproached);
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

    private static ImmutableArray<TaggedDeny> ReadDenyIf(Node? node)
    {
        var denies = ImmutableArray.CreateBuilder<TaggedDeny>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            if (item.Object() is not { } entry) continue;
            var tag = entry.Require("tagged")?.Text(PolicyBounds.NameLength);
            var deny = entry.Require("deny");
            if (deny is { Json.ValueKind: JsonValueKind.Array, HasItems: false }) deny.Value.Refuse("Must name at least one operation.");
            denies.Add(new TaggedDeny(tag ?? "", OperationListReader.Read(deny, OperationListReader.MustNotBeDenied)));
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
        var entries = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            var entry = item.Json.ValueKind == JsonValueKind.String ? item.Json.GetString()! : "";
            if (!IsEntry(entry)) item.Refuse("Must be \"notice:\" and the notice's name, \"power_down\" or \"delete_resources\".");
            else if (entries.Contains(entry)) item.Refuse($"{entry} is listed already.");
            else entries.Add(entry);
        }

        return entries.ToImmutable();

        static bool IsEntry(string entry) =>
            entry is PowerDown or DeleteResources || (entry.StartsWith(NoticePrefix, StringComparison.Ordinal) && Node.IsName(entry[NoticePrefix.Length..]));
    }

    private static ImmutableArray<RequiredNotice> ReadRequiredNotices(Node? node)
    {
        var required = ImmutableArray.CreateBuilder<RequiredNotice>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            if (item.Object() is not { } entry) continue;
            var notice = entry.Require("notice");
            var name = notice?.Identifier();
            var before = entry.Require("at")?.DurationBefore();
            var atLeast = entry.Find("at_least") is { } least ? least.Duration() : Duration.Zero;
            entry.Close();
            if (name is not null && required.Any(earlier => earlier.Notice == name)) notice!.Value.Refuse($"{name} is named already.");
            else required.Add(new RequiredNotice(name ?? "", before ?? Duration.Zero, atLeast ?? Duration.Zero));
        }

        return required.ToImmutable();
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
