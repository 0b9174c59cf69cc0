using System.Text.Json;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>The kinds of value that the language of policies has, as JSON Schema: the counterpart of <see cref="Node"/> and <see cref="Fields"/>.</summary>
internal static class SchemaTypes
{
    public const string NamePattern = "^[a-z][a-z0-9_]{0,63}$";

    private const string DurationPattern = "(0|[1-9][0-9]{0,6})[mhd]";

    /// <summary>Something said; the rest of what a value is follows it.</summary>
    public static JsonObject Says(this JsonObject schema, string description)
    {
        schema.Insert(0, "description", description);
        return schema;
    }

    public static JsonObject Text(int most = PolicyBounds.TextLength) => new() { ["type"] = "string", ["pattern"] = @"\S", ["maxLength"] = most };

    public static JsonObject Name() => Pattern(NamePattern);

    public static JsonObject Pattern(string pattern) => new() { ["type"] = "string", ["pattern"] = pattern };

    /// <summary>At most 3650 days, which a pattern cannot say.</summary>
    public static JsonObject Duration() => Pattern($"^{DurationPattern}$");

    public static JsonObject DurationBefore() => Pattern($"^(-{DurationPattern}|0[mhd])$");

    public static JsonObject Operation() => new()
    {
        ["type"] = "string",
        ["pattern"] = @"^[a-z][a-z0-9_]*(\.[a-z0-9_]+)*$",
        ["maxLength"] = PolicyBounds.NameLength,
        ["not"] = new JsonObject { ["enum"] = Array(Operations.NeverDenied.Order(StringComparer.Ordinal)) },
        ["examples"] = Array(Operations.House.Except(Operations.NeverDenied).Order(StringComparer.Ordinal)),
    };

    public static JsonObject Word(params IEnumerable<string> words) => new() { ["enum"] = Array(words) };

    public static JsonObject Flag() => new() { ["type"] = "boolean" };

    public static JsonObject True() => new() { ["const"] = true };

    public static JsonObject Whole(long least, long most) => new() { ["type"] = "integer", ["minimum"] = least, ["maximum"] = most };

    /// <summary>Minor units by currency.</summary>
    public static JsonObject Amounts(long least) => Map("^[A-Z]{3}$", Whole(least, Money.Largest).Says("An amount in minor units, such as cents."));

    public static JsonObject List(JsonObject items, int most, bool isASet = false, int least = 0)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items };
        if (least > 0) list["minItems"] = least;
        list["maxItems"] = most;
        if (isASet) list["uniqueItems"] = true;
        return list;
    }

    /// <summary>An object whose keys are the writer's own.</summary>
    public static JsonObject Map(string keys, JsonObject values)
    {
        var map = Object();
        map["patternProperties"] = new JsonObject { [keys] = values };
        return map;
    }

    public static JsonObject Or(this JsonObject schema, params IEnumerable<JsonObject> others) => new() { ["anyOf"] = new JsonArray([schema, .. others]) };

    public static JsonObject OrNull(this JsonObject schema) => schema.Or(new JsonObject { ["type"] = "null" });

    public static JsonObject Ref(string definition) => new() { ["$ref"] = $"#/$defs/{definition}" };

    /// <summary>An object with these keys alone, and where it comes from.</summary>
    public static JsonObject Object(params IEnumerable<(string Key, JsonObject Schema)> properties)
    {
        var all = new JsonObject();
        foreach (var annotation in Fields.Annotations) all[annotation] = Ref(annotation);
        foreach (var (key, schema) in properties) all[key] = schema;
        return new JsonObject { ["type"] = "object", ["properties"] = all, ["additionalProperties"] = false };
    }

    public static JsonObject Requires(this JsonObject schema, params IEnumerable<string> keys)
    {
        schema["required"] = Array(keys);
        return schema;
    }

    /// <summary>Puts what each key is where it is left out into its schema.</summary>
    public static JsonObject Defaults(this JsonObject schema, JsonElement defaults)
    {
        foreach (var (key, property) in schema["properties"]!.AsObject())
        {
            if (!defaults.TryGetProperty(key, out var value)) continue;
            if (value.ValueKind == JsonValueKind.Object && property!["patternProperties"] is null) property.AsObject().Defaults(value);
            else property!["default"] = JsonNode.Parse(value.GetRawText());
        }

        return schema;
    }

    public static JsonArray Array(IEnumerable<string> words) => new([.. words.Select(word => (JsonNode)word)]);
}
