using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests;

/// <summary>The schema and the readers describe one language: each holds the other to it.</summary>
public sealed class PolicySchemaTests
{
    /// <summary>Set to have the checked-in schema written anew instead of compared.</summary>
    private const string Update = "UPDATE_POLICY_SCHEMA";

    /// <summary>What the schema cannot say: that which depends on another key, on a list of the world's, or on a sum.</summary>
    private static readonly string[] BeyondASchema =
    [
        "later than the retry", "listed already", "named already", "of an earlier standing", "is reserved", "milder standing", "cannot rest on itself",
        "No standing of this policy", "exactly one standing", "Is required of a standing that denies", "24h of in_standing", "needs a cycle", "IANA", "ISO 4217",
        "at least 1h", "at least 1m", "deep.", "means nothing in a banner", "at least one currency", "as the path says",
    ];

    /// <summary>Every key of the language at least once.</summary>
    private static readonly string Full =
        """
        {
          "$schema": "schema.json", "id": "p", "description": "d", "source": "s", "assumption": "a",
          "cycle": { "calendar": "month", "day": 1, "time_zone": "UTC", "while_unpaid": "renew" },
          "collection": {
            "charge": "at_issue", "due_after": "0d", "methods": "default", "retry_after": ["1d"], "retry_methods": "default", "on_new_method": "nothing",
            "processing_hold": { "default": "24h", "card": "24h", "bank": "6d", "crypto": "1h" }, "crypto_window": "60m", "minimum": { "USD": 50 },
            "refuse_funding": ["prepaid"], "notices": { "attempt_failed": "a", "recovered": "r", "before_due": { "notice": "b", "before": "3d" }, "issued": "i", "paid": "p" }
          },
          "invoice": { "cancel_after": "0d", "cancel_cancels_subscription": true, "balance_invoice": true, "settles_label": "Settles" },
          "standings": [
            { "name": "mild", "when": { "any": [ { "all": [ { "unpaid_for": "1d", "unpaid_invoices": 1, "unpaid_balance": { "USD": 1 }, "collection_failed": true,
                "retries_exhausted": true, "tagged": "t", "hard_declined": true, "not": { "tagged": "u" } } ] } ] },
              "deny": ["purchase"], "deny_if": [ { "tagged": "t", "deny": ["storage.access"] } ], "code": "c", "message": "m", "banner": "b", "login_redirect": true,
              "on_enter": ["power_down", "notice:n"], "requires_notice": [ { "notice": "n", "at": "-3d", "at_least": "48h" } ] },
            { "name": "harsh", "when": { "in_standing": { "mild": "24h" } }, "on_enter": ["delete_resources"] }
          ],
          "recovery": { "resources": "manual", "subscription_period": "keep" }, "requires_subscription": ["credits.use"],
          "refunds": "offered", "extensions": "offered", "message_contexts": { "c": "m" }
        }
        """;

    [Fact]
    public async Task Document_IsTheOneThatIsCheckedIn()
    {
        var built = JsonSerializer.Serialize(PolicySchema.Document, new JsonSerializerOptions { WriteIndented = true, NewLine = "\n", Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) + "\n";
        var file = Path.Combine(Repository.Root, "policies", "schema.json");
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 }) await File.WriteAllTextAsync(file, built);

        Assert.True(File.Exists(file) && built == await File.ReadAllTextAsync(file), $"The language of policies has changed. Look at the change, then run this test once with {Update}=1 and commit policies/schema.json.");
    }

    /// <summary>A key that nobody knows is put into each object; the answer lists those that the reader knows there.</summary>
    [Fact]
    public void Readers_OfEachObject_KnowTheKeysOfTheSchemaAndNoOthers()
    {
        Reading.Valid(Reading.Of(Full));
        var objects = 0;
        Visit(PolicySchema.Document, []);
        Assert.Equal(14, objects);

        void Visit(JsonElement schema, string[] path)
        {
            schema = SchemaCheck.Resolve(schema);
            if (schema.TryGetProperty("anyOf", out var any) && !schema.TryGetProperty("type", out _)) schema = any[0];
            if (schema.TryGetProperty("items", out var items)) Visit(items, [.. path, "0"]);
            if (!schema.TryGetProperty("properties", out var properties) || schema.TryGetProperty("patternProperties", out _)) return;

            objects++;
            Assert.Equal(KnownAt(path).Order(StringComparer.Ordinal), properties.EnumerateObject().Select(p => p.Name).Order(StringComparer.Ordinal));
            if (path is [.., "any", "0", "all", "0"]) return;
            foreach (var property in properties.EnumerateObject().Where(p => At(path).ContainsKey(p.Name))) Visit(property.Value, [.. path, property.Name]);
        }
    }

    [Fact]
    public void Full_NamesEveryKeyOfTheSchema()
    {
        var named = Keys(JsonNode.Parse(Full)!).ToHashSet(StringComparer.Ordinal);
        Assert.Empty(KeysOf(PolicySchema.Document).Distinct(StringComparer.Ordinal).Except([.. named, "interval"]));
    }

    [Fact]
    public void Documents_OfArbitraryKeys_AreNeverRefusedBySchemaAlone()
    {
        var mutants = from path in Gen.Elements(PathsOf(JsonNode.Parse(Full)!, []).ToArray()) from json in Gen.Elements(Fragments) select Mutant(path, json);
        var (accepted, refused) = (0, 0);
        Check.One(Properties.Of(2000), Prop.ForAll(mutants.ToArbitrary(), json =>
        {
            var reading = Reading.Of(json);
            if (!reading.IsValid)
            {
                refused++;
                return;
            }

            accepted++;
            Assert.Empty(SchemaCheck.Errors(PolicySchema.Document, JsonElement.Parse(json)));
        }));
        Assert.True(accepted > 100 && refused > 100, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public void Documents_ThatTheSchemaAllows_AreRefusedOnlyForWhatNoSchemaSays()
    {
        var (accepted, refused) = (0, 0);
        Check.One(Properties.Of(300), Prop.ForAll(SchemaSamples.Policies.ToArbitrary(), json =>
        {
            Assert.Empty(SchemaCheck.Errors(PolicySchema.Document, JsonElement.Parse(json)));
            var errors = Reading.Of(json).Errors;
            Assert.DoesNotContain(errors, error => !BeyondASchema.Any(reason => error.Message.Contains(reason, StringComparison.Ordinal)));
            if (errors.IsEmpty) accepted++;
            else refused++;
        }));
        Assert.True(accepted > 10 && refused > 10, $"{accepted} accepted, {refused} refused");
    }

    [Fact]
    public void Document_SaysWhatEachKeyIsAndWhatLeavingItOutMeans()
    {
        var schema = PolicySchema.Document;
        Assert.Equal("https://json-schema.org/draft/2020-12/schema", schema.GetProperty("$schema").GetString());
        foreach (var property in schema.GetProperty("properties").EnumerateObject()) Assert.True(SchemaCheck.Resolve(property.Value).TryGetProperty("description", out _), property.Name);
        Assert.Equal("24h", schema.GetProperty("properties").GetProperty("collection").GetProperty("properties").GetProperty("processing_hold").GetProperty("properties").GetProperty("default").GetProperty("default").GetString());
        Assert.Equal("offered", schema.GetProperty("properties").GetProperty("refunds").GetProperty("default").GetString());
        Assert.False(schema.GetProperty("$defs").GetProperty("standing").GetProperty("properties").GetProperty("login_redirect").GetProperty("default").GetBoolean());
    }

    [Theory]
    [InlineData("cloudflare")]
    [InlineData("digitalocean")]
    [InlineData("valid-email-checker")]
    public void ShippedPolicies_AreAsTheSchemaSays(string name)
    {
        var policy = JsonElement.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "policies", name + ".json")));
        Assert.Equal("schema.json", policy.GetProperty("$schema").GetString());
        Assert.Empty(SchemaCheck.Errors(PolicySchema.Document, policy));
    }

    private static readonly string[] Fragments =
    [
        "null", "true", "false", "0", "1", "31", "-1", "1.5", "1.0", "\"\"", "\"a\"", "\"1d\"", "\"-1d\"", "\"90m\\n\"", "\"default\"", "\"refused\"", "\"skip\"", "\"account\"", "\"notice:a\"",
        "[]", "[\"1d\"]", "[\"purchase\"]", "[\"login\"]", "[\"prepaid\", \"prepaid\"]", "{}", "{\"source\": \"s\"}", "{\"unpaid_for\": \"1d\"}", "{\"tagged\": \"t\"}", "{\"USD\": 1}",
        "{\"mild\": \"1d\"}", "{\"interval\": \"30d\"}", "{\"calendar\": \"month\", \"interval\": \"30d\"}", "{\"notice\": \"n\", \"before\": \"1d\"}", "[{\"tagged\": \"t\"}]",
    ];

    private static string[] KnownAt(string[] path)
    {
        var document = JsonNode.Parse(Full)!;
        At(document, path)["qqqqqqqqqqqqqqqqqqqqqqqq"] = 1;
        var message = Reading.Of(document).Errors.Single(error => error.Path.EndsWith("qqqqqqqqqqqqqqqqqqqqqqqq", StringComparison.Ordinal)).Message;
        return message[(message.IndexOf("Known here: ", StringComparison.Ordinal) + "Known here: ".Length)..^1].Split(", ");
    }

    private static JsonObject At(string[] path) => At(JsonNode.Parse(Full)!, path);

    private static JsonObject At(JsonNode document, string[] path) => Step(document, path).AsObject();

    private static JsonNode Step(JsonNode node, IEnumerable<string> path) => path.Aggregate(node, (at, step) => at is JsonArray array ? array[int.Parse(step, System.Globalization.CultureInfo.InvariantCulture)]! : at[step]!);

    private static string Mutant(string[] path, string json)
    {
        var document = JsonNode.Parse(Full)!;
        var parent = Step(document, path[..^1]);
        if (parent is JsonArray array) array[int.Parse(path[^1], System.Globalization.CultureInfo.InvariantCulture)] = JsonNode.Parse(json);
        else parent[path[^1]] = JsonNode.Parse(json);
        return document.ToJsonString();
    }

    private static IEnumerable<string[]> PathsOf(JsonNode? node, string[] path) => node switch
    {
        JsonObject fields => fields.SelectMany(field => PathsOf(field.Value, [.. path, field.Key]).Prepend([.. path, field.Key])),
        JsonArray items => items.SelectMany((item, i) => PathsOf(item, [.. path, $"{i}"]).Prepend([.. path, $"{i}"])),
        _ => [],
    };

    private static IEnumerable<string> Keys(JsonNode? node) => node switch
    {
        JsonObject fields => fields.SelectMany(field => Keys(field.Value).Prepend(field.Key)),
        JsonArray items => items.SelectMany(Keys),
        _ => [],
    };

    internal static IEnumerable<string> KeysOf(JsonElement schema) => schema.ValueKind switch
    {
        JsonValueKind.Object => schema.EnumerateObject().SelectMany(p => p.NameEquals("properties") ? p.Value.EnumerateObject().SelectMany(own => KeysOf(own.Value).Prepend(own.Name)) : p.NameEquals("default") ? [] : KeysOf(p.Value)),
        JsonValueKind.Array => schema.EnumerateArray().SelectMany(KeysOf),
        _ => [],
    };
}
