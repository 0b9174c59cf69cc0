using System.Text.Json;
using System.Text.RegularExpressions;

namespace Billing.Domain.Tests;

/// <summary>Judges a document by a schema, as an editor does: as much of JSON Schema (draft 2020-12) as the schema of policies uses.</summary>
internal static class SchemaCheck
{
    /// <summary>Keywords that describe and do not judge.</summary>
    private static readonly string[] Annotations = ["$schema", "$defs", "title", "description", "default", "examples", "additionalProperties"];

    /// <summary>What is wrong, each with its path; nothing where the document is as the schema says.</summary>
    /// <exception cref="NotSupportedException">The schema uses a keyword that is not known here, so that none goes unjudged.</exception>
    public static IEnumerable<string> Errors(JsonElement schema, JsonElement value, string path = "") =>
        schema.EnumerateObject().SelectMany(keyword => Judge(schema, keyword.Name, keyword.Value, value).Select(error => error.StartsWith('/') ? path + error : $"{path}: {error}"))
            .Concat(Unknown(schema, value).Select(key => $"{path}/{key}: not known"));

    /// <summary>The schema that a reference means.</summary>
    public static JsonElement Resolve(JsonElement schema) => schema.TryGetProperty("$ref", out var reference)
        ? PolicySchema.Document.GetProperty("$defs").GetProperty(reference.GetString()!.Split('/')[^1])
        : schema;

    /// <summary>ECMAScript's <c>$</c> is the end; .NET's would allow a line break before it.</summary>
    public static bool Matches(string pattern, string text) =>
        Regex.IsMatch(text, pattern.EndsWith('$') ? pattern[..^1] + @"\z" : pattern, RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1));

    private static IEnumerable<string> Judge(JsonElement schema, string keyword, JsonElement argument, JsonElement value) => keyword switch
    {
        _ when Annotations.Contains(keyword) => [],
        "$ref" => Errors(Resolve(schema), value),
        "anyOf" => If(!argument.EnumerateArray().Any(one => Fits(one, value)), keyword),
        "oneOf" => If(argument.EnumerateArray().Count(one => Fits(one, value)) != 1, keyword),
        "not" => If(Fits(argument, value), keyword),
        "type" => If(!IsOf(argument.GetString()!, value), keyword),
        "const" => If(!JsonElement.DeepEquals(argument, value), keyword),
        "enum" => If(!argument.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)), keyword),
        "pattern" => If(value.ValueKind == JsonValueKind.String && !Matches(argument.GetString()!, value.GetString()!), keyword),
        "maxLength" => If(value.ValueKind == JsonValueKind.String && value.GetString()!.EnumerateRunes().Count() > argument.GetInt32(), keyword),
        "minimum" => If(value.ValueKind == JsonValueKind.Number && value.GetDouble() < argument.GetDouble(), keyword),
        "maximum" => If(value.ValueKind == JsonValueKind.Number && value.GetDouble() > argument.GetDouble(), keyword),
        "items" => Items(value).SelectMany((item, i) => Errors(argument, item, $"/{i}")),
        "minItems" => If(value.ValueKind == JsonValueKind.Array && Items(value).Count() < argument.GetInt32(), keyword),
        "maxItems" => If(Items(value).Count() > argument.GetInt32(), keyword),
        "uniqueItems" => If(Items(value).Select(item => item.GetRawText()).Distinct().Count() != Items(value).Count(), keyword),
        "properties" => Properties(value).SelectMany(p => argument.TryGetProperty(p.Name, out var own) ? Errors(own, p.Value, $"/{p.Name}") : []),
        "patternProperties" => Properties(value).SelectMany(p => argument.EnumerateObject().Where(own => Matches(own.Name, p.Name)).SelectMany(own => Errors(own.Value, p.Value, $"/{p.Name}"))),
        "minProperties" => If(value.ValueKind == JsonValueKind.Object && Properties(value).Count() < argument.GetInt32(), keyword),
        "maxProperties" => If(Properties(value).Count() > argument.GetInt32(), keyword),
        "required" => If(value.ValueKind == JsonValueKind.Object && argument.EnumerateArray().Any(key => !value.TryGetProperty(key.GetString()!, out _)), keyword),
        "dependentRequired" => If(argument.EnumerateObject().Any(d => Has(value, d.Name) && d.Value.EnumerateArray().Any(key => !Has(value, key.GetString()!))), keyword),
        _ => throw new NotSupportedException($"No such keyword: {keyword}."),
    };

    /// <summary>Every object of the schema is closed: <c>additionalProperties</c> is false where it stands.</summary>
    private static IEnumerable<string> Unknown(JsonElement schema, JsonElement value) => schema.TryGetProperty("additionalProperties", out _)
        ? Properties(value).Select(p => p.Name).Where(key => !schema.GetProperty("properties").TryGetProperty(key, out _)
            && !(schema.TryGetProperty("patternProperties", out var patterns) && patterns.EnumerateObject().Any(p => Matches(p.Name, key))))
        : [];

    private static bool Fits(JsonElement schema, JsonElement value) => !Errors(schema, value).Any();

    private static IEnumerable<string> If(bool isWrong, string keyword) => isWrong ? [keyword] : [];

    private static bool Has(JsonElement value, string key) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty(key, out _);

    private static IEnumerable<JsonElement> Items(JsonElement value) => value.ValueKind == JsonValueKind.Array ? value.EnumerateArray() : [];

    private static IEnumerable<JsonProperty> Properties(JsonElement value) => value.ValueKind == JsonValueKind.Object ? value.EnumerateObject() : [];

    private static bool IsOf(string type, JsonElement value) => type switch
    {
        "object" => value.ValueKind == JsonValueKind.Object,
        "array" => value.ValueKind == JsonValueKind.Array,
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "null" => value.ValueKind == JsonValueKind.Null,
        "integer" => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
        _ => throw new NotSupportedException($"No such type: {type}."),
    };
}
