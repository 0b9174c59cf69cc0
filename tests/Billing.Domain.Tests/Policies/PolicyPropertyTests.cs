using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;

namespace Billing.Domain.Tests;

/// <summary>Whatever JSON comes: a valid policy or errors, never an exception.</summary>
public sealed class PolicyPropertyTests
{
    private const int Documents = 1000;

    private static readonly byte[] Cloudflare = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "policies", "cloudflare.json"));

    /// <summary>Words of the language and things that break readers, so that arbitrary JSON gets far into it.</summary>
    private static readonly string[] Words =
    [
        "id", "$schema", "source", "assumption", "collection", "invoice", "standings", "message_contexts", "recovery", "cycle", "refunds", "charge",
        "retry_after", "processing_hold", "default", "bank", "notices", "minimum", "name", "when", "deny", "deny_if", "tagged", "message", "banner",
        "on_enter", "any", "all", "not", "in_standing", "unpaid_for", "unpaid_balance", "unpaid_invoices", "USD", "p", "late", "overdue", "good",
        "1d", "0m", "at_due", "offered", "purchase", "login", "notice:a", "power_down", "{due_date}", "", " ", "a.b", "\\u0000", "\\ud800", "😀",
    ];

    private static readonly string[] Scalars = ["null", "true", "false", "0", "1", "-1", "1.5", "1e400", "99999999999999999999"];

    [Fact]
    public void Parse_ArbitraryJson_NeverThrows() => Holds(Gen.Sized(Json), YieldsOneOrTheOther);

    [Fact]
    public void Parse_ArbitraryJsonInAPolicy_NeverThrows()
    {
        var valid = 0;
        var mutants = from value in Gen.Elements(ValuesOf(Cloudflare))
                      from json in Gen.Sized(size => Json(size / 8))
                      select Encoding.UTF8.GetString(Cloudflare[..value.Start]) + json + Encoding.UTF8.GetString(Cloudflare[value.End..]);
        Holds(
            mutants,
            json =>
            {
                if (PolicyDocument.Parse(JsonElement.Parse(json), "cloudflare").IsValid) valid++;
                return YieldsOneOrTheOther(json);
            });
        Assert.InRange(valid, 1, Documents - 1);
    }

    [Fact]
    public void Parse_ArbitraryCondition_NeverThrows() =>
        Holds(Gen.Sized(Json), json => YieldsOneOrTheOther($$$"""{"standings": [{"name": "a", "when": {"tagged": "x"}}, {"name": "late", "when": {{{json}}}}]}"""));

    private static bool YieldsOneOrTheOther(string json)
    {
        var reading = PolicyDocument.Parse(JsonElement.Parse(json), "p");
        return reading.IsValid == reading.Errors.IsEmpty
            && reading.Errors.All(e => e.Message.Length > 0)
            && (reading.Policy is null || !reading.Policy.Operations.Any(Operations.NeverDenied.Contains));
    }

    /// <summary>Where each value of a document starts and ends, in bytes.</summary>
    private static (int Start, int End)[] ValuesOf(byte[] json)
    {
        var values = new List<(int Start, int End)>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.EndObject or JsonTokenType.EndArray) continue;
            var rest = reader;
            rest.Skip();
            values.Add(((int)reader.TokenStartIndex, (int)rest.BytesConsumed));
        }

        return [.. values];
    }

    private static Gen<string> Json(int size)
    {
        var text = Gen.Elements(Words).Select(word => $"\"{word}\"");
        if (size <= 1) return Gen.OneOf(text, Gen.Elements(Scalars));

        var inner = Json(Math.Min(size / 3, 9));
        var array = Gen.ListOf(inner).Select(items => $"[{string.Join(',', items.Take(6))}]");
        var member = from key in text from value in inner select $"{key}:{value}";
        var fields = Gen.ListOf(member).Select(members => $"{{{string.Join(',', members.Take(8))}}}");
        return Gen.Frequency((1, text), (1, Gen.Elements(Scalars)), (2, array), (6, fields));
    }

    private static void Holds(Gen<string> documents, Func<string, bool> property) =>
        Check.One(Properties.Of(Documents), Prop.ForAll(documents.ToArbitrary(), property));
}
