using System.Text.Json;
using System.Text.Json.Nodes;

namespace Billing.Domain.Tests;

/// <summary>Policies as the tests write them.</summary>
internal static class Reading
{
    public const string Id = "p";

    /// <summary>A standing with nothing wrong, to put one fault in.</summary>
    public static JsonObject Standing(string name = "late", string when = """{"collection_failed": true}""") => new()
    {
        ["name"] = name,
        ["when"] = JsonNode.Parse(when),
    };

    public static PolicyReading Of(string json) => PolicyDocument.Parse(JsonElement.Parse(json), Id);

    public static PolicyReading Of(JsonNode json) => Of(json.ToJsonString());

    public static PolicyReading OfStandings(params JsonNode[] standings) => Of(new JsonObject { ["standings"] = new JsonArray(standings) });

    /// <summary>A policy whose only standing, <c>late</c>, holds when this does.</summary>
    public static PolicyReading OfCondition(string when) => OfStandings(Standing(when: when));

    public static Policy Valid(PolicyReading reading)
    {
        Assert.Empty(reading.Errors);
        Assert.True(reading.IsValid);
        return reading.Policy;
    }

    /// <summary>Exactly these paths are wrong, and there is no policy.</summary>
    public static void Refused(PolicyReading reading, params string[] paths)
    {
        Assert.Equal(paths, reading.Errors.Select(e => e.Path));
        Assert.All(reading.Errors, e => Assert.Matches(@"[.?]\z", e.Message));
        Assert.False(reading.IsValid);
        Assert.Null(reading.Policy);
    }

    /// <summary>One thing is wrong: there, and for that reason.</summary>
    public static void Refused(PolicyReading reading, string path, string reason)
    {
        Refused(reading, [path]);
        Assert.Contains(reason, reading.Errors[0].Message, StringComparison.Ordinal);
    }
}
