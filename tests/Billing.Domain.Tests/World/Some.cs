using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>Ordinary facts, so that a test names only what it is about.</summary>
internal static class Some
{
    public const string Account = "acme";

    public const string Clock = "clock";

    public const string PolicyId = "p";

    public static readonly Currency Usd = Currency.Parse("USD");

    public static Money Dollars(long minorUnits) => new(minorUnits, Usd);

    /// <summary>Gateways have told everything; where a pull is what a test is about, it says which there were.</summary>
    public static PolicyBook Book(string document, string id = PolicyId) => PolicyBook.Empty.With(id, [Policy(document, id)]).With(Pulls.Assumed);

    /// <summary>A valid policy.</summary>
    public static Policy Policy(string document, string id = PolicyId) => Reading.Valid(PolicyReading(InSingleCents(document), id));

    /// <summary>Tests count in single cents; where the minimum is what a test is about, its document says so.</summary>
    public static string InSingleCents(string document) => ScenarioDocument.InSingleCents(JsonNode.Parse(document)!).ToJsonString();

    public static PolicyReading PolicyReading(string document, string id = PolicyId)
    {
        var json = JsonNode.Parse(document)!.AsObject();
        json["id"] = id;
        return PolicyDocument.Parse(JsonElement.Parse(json.ToJsonString()), id);
    }

    /// <summary>A policy with these standings, each <c>name: condition</c>, mild to severe, each denying <c>purchase</c>.</summary>
    public static string Standings(string collection, params (string Name, string When)[] standings) => new JsonObject
    {
        ["collection"] = JsonNode.Parse(collection),
        ["standings"] = new JsonArray([.. standings.Select(standing => (JsonNode)new JsonObject
        {
            ["name"] = standing.Name,
            ["when"] = JsonNode.Parse(standing.When),
            ["deny"] = new JsonArray("purchase"),
            ["message"] = "Pay first.",
        })]),
    }.ToJsonString();

    public static PutAccount Profile(string policy = PolicyId, string? clock = null, ImmutableArray<string> tags = default) => new(
        ["name", "emails", "currency", "policy", "test_clock", "tags"],
        new AccountProfile { Id = Account, Name = "Acme", Emails = ["owner@example.com"], Currency = Usd, Policy = policy, TestClock = clock, Tags = tags.OrEmpty() });

    public static PutPaymentMethod Method(string id, bool? makeDefault = null, string? token = null, MethodKind kind = MethodKind.Card) =>
        new(new PaymentMethod { Id = id, Gateway = "sandbox", Token = token ?? $"tok-{id}", Kind = kind }, makeDefault);

    public static InvoiceContent Content(long amount, Collection collection = Collection.Automatic, Instant? dueAt = null) =>
        new() { Lines = [new InvoiceLine("work", amount)], Collection = collection, DueAt = dueAt };

    public static IdempotencyKey Key(string key, string content = "") => new(Ids.Hash(key), Ids.Hash(content));
}
