using System.Globalization;
using System.Text.Json;

namespace Billing.Api.Foresight;

/// <summary>The sentences from which rules come, as the policies' documents carry them.</summary>
/// <param name="documents">The documents of the policy versions.</param>
internal sealed class PolicySources(IReadOnlyDictionary<PolicyRef, JsonElement> documents)
{
    /// <summary>Reads the documents of the versions that rules name.</summary>
    public static async Task<PolicySources> ReadAsync(IGrainFactory grains, IEnumerable<RuleRef?> rules)
    {
        var documents = new Dictionary<PolicyRef, JsonElement>();
        foreach (var versions in rules.OfType<RuleRef>().Select(rule => rule.Policy).Distinct().GroupBy(policy => policy.Id, StringComparer.Ordinal))
        {
            var stored = (await grains.Policy(versions.Key).Read()).Versions;
            foreach (var version in versions.Where(version => version.Version <= stored.Length)) documents[version] = JsonElement.Parse(stored[version.Version - 1].Document);
        }

        return new PolicySources(documents);
    }

    /// <summary>The source that is nearest to a rule: of the rule itself, or of what it is part of.</summary>
    public string? Find(RuleRef rule)
    {
        if (!documents.TryGetValue(rule.Policy, out var at)) return null;
        var found = at.Text("source");
        foreach (var part in rule.Path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (Step(at, part) is not { } next) break;
            at = next;
            found = at.Text("source") ?? found;
        }

        return found;
    }

    private static JsonElement? Step(JsonElement at, string part)
    {
        if (at.ValueKind == JsonValueKind.Object) return at.TryGetProperty(part, out var value) ? value : null;
        var isPlace = at.ValueKind == JsonValueKind.Array & int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var index);
        return isPlace && index < at.GetArrayLength() ? at[index] : null;
    }
}
