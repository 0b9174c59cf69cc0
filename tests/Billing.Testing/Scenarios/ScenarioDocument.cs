using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Testing.Scenarios;

/// <summary>A dated timeline as its file says it. <c>README.md</c> beside the files says how they read.</summary>
public sealed class ScenarioDocument(JsonObject json, JsonObject? shared = null)
{
    /// <summary>Its name, which no other one has.</summary>
    public string Name => json["name"]!.GetValue<string>();

    /// <summary>The page, the chapter and the first words of the rule that it shows.</summary>
    public string? Source => json["source"]?.GetValue<string>();

    /// <summary><c>clock</c> or <c>real</c>, where the story has a meaning in one of them alone.</summary>
    public string? Only => json["only"]?.GetValue<string>();

    /// <summary>Why it cannot be told over HTTP, though all of its words can.</summary>
    public string? NotOverHttp => json["not_over_http"]?.GetValue<string>();

    /// <summary>When it begins.</summary>
    public Instant Start => Days.Parse((json["start"] ?? shared?["start"])!.GetValue<string>(), default);

    /// <summary>What the account is from the beginning.</summary>
    public JsonObject Account => json["account"]?.AsObject() ?? [];

    /// <summary>What happens, in order.</summary>
    public IEnumerable<JsonObject> Steps => json["steps"]!.AsArray().Select(step => step!.AsObject());

    /// <summary>The policy's name, of the file's or a shipped one; <see langword="null"/> where the scenario has a document of its own.</summary>
    public string? PolicyName => json["policy"] is JsonValue name ? name.GetValue<string>() : null;

    /// <summary>The policy's document, counted in single cents; <see langword="null"/> where it is a shipped one.</summary>
    public JsonObject? Policy => (json["policy"] as JsonObject ?? shared?["policies"]?[PolicyName ?? ""])?.AsObject() is { } own ? InSingleCents(own) : null;

    /// <summary>Every scenario of a file. They may share their <c>start</c> and <c>policies</c>, which the file says then.</summary>
    public static IEnumerable<ScenarioDocument> In(string file)
    {
        var document = JsonNode.Parse(File.ReadAllText(file))!.AsObject();
        // Beside the scenarios lie tables about them.
        if ((document["rules"] ?? document["conditions"]) is not null) return [];
        return document["scenarios"]!.AsArray().Select(scenario => new ScenarioDocument(scenario!.AsObject(), document));
    }

    /// <summary>The files of a folder, in order.</summary>
    public static IEnumerable<string> FilesIn(string folder) => Directory.GetFiles(folder, "*.json").Order(StringComparer.Ordinal);

    /// <summary>Tests count in single cents; where the minimum is what a test is about, its document says so.</summary>
    public static JsonObject InSingleCents(JsonNode document)
    {
        var json = document.DeepClone().AsObject();
        if (json["collection"] is JsonObject collection) collection.TryAdd("minimum", new JsonObject());
        else json["collection"] = new JsonObject { ["minimum"] = new JsonObject() };
        return json;
    }
}
