using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests;

/// <summary>Arbitrary documents that a schema allows, to see what the readers make of them.</summary>
internal static class SchemaSamples
{
    /// <summary>Texts for each pattern of the schema; a new pattern wants some, and says so.</summary>
    private static readonly Dictionary<string, string[]> Texts = new(StringComparer.Ordinal)
    {
        [@"\S"] = ["a", "Pay.\nThen go on.", "UTC", "account"],
        ["^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$"] = ["p"],
        ["^[a-z][a-z0-9_]{0,63}$"] = ["a", "late_2", "past_due", "prepaid"],
        ["^[A-Z]{3}$"] = ["USD", "JPY"],
        ["^(0|[1-9][0-9]{0,6})[mhd]$"] = ["0m", "90m", "24h", "5d", "30d"],
        ["^(-(0|[1-9][0-9]{0,6})[mhd]|0[mhd])$"] = ["0d", "-0m", "-3d", "-48h"],
        [@"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$"] = ["purchase", "resource.create", "a.1_"],
        ["^notice:[a-z][a-z0-9_]{0,63}$"] = ["notice:a", "notice:past_due"],
    };

    /// <summary>A whole policy.</summary>
    public static Gen<string> Policies { get; } = Of(PolicySchema.Document, depth: 0).Select(json => json!.ToJsonString());

    private static Gen<JsonNode?> Of(JsonElement schema, int depth)
    {
        schema = SchemaCheck.Resolve(schema);
        if (schema.TryGetProperty("const", out var constant)) return Gen.Constant(constant).Select(Node);
        if (schema.TryGetProperty("enum", out var words)) return Gen.Elements(words.EnumerateArray().ToArray()).Select(Node);
        if (!schema.TryGetProperty("type", out var type)) return Gen.OneOf(schema.GetProperty("anyOf").EnumerateArray().Select(one => Of(one, depth)).ToArray());
        return type.GetString() switch
        {
            "string" => Gen.Elements(Texts[schema.GetProperty("pattern").GetString()!]).Select(text => (JsonNode?)text),
            "integer" => Gen.Elements(schema.GetProperty("minimum").GetInt64(), schema.GetProperty("maximum").GetInt64()).Select(number => (JsonNode?)number),
            "boolean" => Gen.Elements(true, false).Select(flag => (JsonNode?)flag),
            "array" => List(schema, depth),
            "object" => Fields(schema, depth),
            _ => Gen.Constant<JsonNode?>(null),
        };
    }

    private static Gen<JsonNode?> List(JsonElement schema, int depth)
    {
        var least = schema.TryGetProperty("minItems", out var bound) ? bound.GetInt32() : 0;
        return from count in Gen.Choose(least, depth > 5 ? least : 2)
               from items in Gen.ArrayOf(Of(schema.GetProperty("items"), depth + 1), count)
               select (JsonNode?)new JsonArray([.. schema.TryGetProperty("uniqueItems", out _) ? items.DistinctBy(item => item?.ToJsonString()) : items]);
    }

    private static Gen<JsonNode?> Fields(JsonElement schema, int depth)
    {
        var keys = schema.GetProperty("properties").EnumerateObject().Select(p => (Key: p.Name, Value: Of(p.Value, depth + 1)));
        if (schema.TryGetProperty("patternProperties", out var patterns))
        {
            var own = patterns.EnumerateObject().Single();
            keys = keys.Concat(Texts[own.Name].Select(key => (Key: key, Value: Of(own.Value, depth + 1))));
        }

        var members = keys.Where(key => depth < 5 || key.Key is not ("any" or "all")).Select(key => from value in key.Value
                                                                                                    from luck in Gen.Choose(0, 2)
                                                                                                    select (key.Key, Value: value, IsIn: luck > 0)).ToArray();
        return Gen.CollectToArray(members).Select(all => Fitting(schema, all));
    }

    /// <summary>The keys that luck chose, then what the schema demands beyond: some are added, some taken away.</summary>
    private static JsonNode? Fitting(JsonElement schema, (string Key, JsonNode? Value, bool IsIn)[] all)
    {
        var json = new JsonObject();
        foreach (var (key, value, isIn) in all)
        {
            if (isIn) json[key] = value?.DeepClone();
        }

        foreach (var (key, value, _) in all.Reverse())
        {
            if (!SchemaCheck.Errors(schema, JsonElement.Parse(json.ToJsonString())).Any()) break;
            if (!json.Remove(key)) json[key] = value?.DeepClone();
            else if (IsRequired(schema, key)) json[key] = value?.DeepClone();
        }

        return json;
    }

    private static bool IsRequired(JsonElement schema, string key) =>
        schema.TryGetProperty("required", out var required) && required.EnumerateArray().Any(one => one.GetString() == key);

    private static JsonNode? Node(JsonElement json) => JsonNode.Parse(json.GetRawText());
}
