namespace Billing.Domain.Tests;

public sealed class PolicyErrorTests
{
    [Theory]
    [InlineData("""[]""", "", "object")]
    [InlineData("""null""", "", "object")]
    [InlineData("""{"$schema": 1}""", "$schema", "text")]
    [InlineData("""{"id": "q"}""", "id", "\"p\"")]
    [InlineData("""{"id": 1}""", "id", "text")]
    [InlineData("""{"description": ""}""", "description", "blank")]
    [InlineData("""{"description": "a\u0000b"}""", "description", "control")]
    [InlineData("""{"source": 1}""", "source", "text")]
    [InlineData("""{"collection": {"assumption": []}}""", "collection.assumption", "text")]
    [InlineData("""{"collectoin": {}}""", "collectoin", "Did you mean collection?")]
    [InlineData("""{"Standings": []}""", "Standings", "Did you mean standings?")]
    [InlineData("""{"foo": 1}""", "foo", "Known here: source, assumption, $schema, id,")]
    [InlineData("""{"a.b": 1}""", """["a.b"]""", "not known")]
    [InlineData("""{"": 1}""", """[""]""", "not known")]
    [InlineData("""{"id": "p", "id": "p"}""", "id", "more than once")]
    [InlineData("""{"id": "p", "\u0069d": "p", "id": "p"}""", "id", "more than once")]
    [InlineData("""{"collection": {"charge": "at_due", "charge": "at_due"}}""", "collection.charge", "more than once")]
    [InlineData("""{"message_contexts": {"a": "x", "a": "x"}}""", "message_contexts.a", "more than once")]
    [InlineData("""{"collection": null}""", "collection", "object")]
    [InlineData("""{"collection": {"charge": "At_Issue"}}""", "collection.charge", "\"at_issue\" or \"at_due\"")]
    [InlineData("""{"collection": {"due_after": 5}}""", "collection.due_after", "duration")]
    [InlineData("""{"collection": {"methods": "others"}}""", "collection.methods", "\"default_then_others\"")]
    [InlineData("""{"collection": {"retry_methods": null}}""", "collection.retry_methods", "\"default_then_others\"")]
    [InlineData("""{"collection": {"retry_after": "1d"}}""", "collection.retry_after", "array")]
    [InlineData("""{"collection": {"retry_after": ["1d", 2]}}""", "collection.retry_after[1]", "duration")]
    [InlineData("""{"collection": {"retry_after": ["1d", "24h"]}}""", "collection.retry_after[1]", "later")]
    [InlineData("""{"collection": {"retry_after": ["2d", "1d", "3d"]}}""", "collection.retry_after[1]", "later")]
    [InlineData("""{"collection": {"processing_hold": "6d"}}""", "collection.processing_hold", "object")]
    [InlineData("""{"collection": {"processing_hold": {"bnak": "6d"}}}""", "collection.processing_hold.bnak", "Did you mean bank?")]
    [InlineData("""{"collection": {"processing_hold": {"bank": null}}}""", "collection.processing_hold.bank", "duration")]
    [InlineData("""{"collection": {"retries": []}}""", "collection.retries", "not known")]
    [InlineData("""{"invoice": []}""", "invoice", "object")]
    [InlineData("""{"invoice": {"balance_invoice": "true"}}""", "invoice.balance_invoice", "true or false")]
    [InlineData("""{"invoice": {"settles_label": " "}}""", "invoice.settles_label", "blank")]
    [InlineData("""{"invoice": {"settle_label": "x"}}""", "invoice.settle_label", "Did you mean settles_label?")]
    [InlineData("""{"message_contexts": []}""", "message_contexts", "object")]
    [InlineData("""{"message_contexts": {"A": "x"}}""", "message_contexts.A", "lower-case")]
    [InlineData("""{"message_contexts": {"a": 1}}""", "message_contexts.a", "text")]
    [InlineData("""{"standings": {}}""", "standings", "array")]
    [InlineData("""{"standings": [1]}""", "standings[0]", "object")]
    public void Parse_OneFault_NamesItsPath(string json, string path, string reason) => Reading.Refused(Reading.Of(json), path, reason);

    [Theory]
    [InlineData("""{"when": {"collection_failed": true}}""", "name", "required")]
    [InlineData("""{"name": "good", "when": {"collection_failed": true}}""", "name", "reserved")]
    [InlineData("""{"name": "source", "when": {"collection_failed": true}}""", "name", "reserved")]
    [InlineData("""{"name": "Late", "when": {"collection_failed": true}}""", "name", "lower-case")]
    [InlineData("""{"name": "late\n", "when": {"collection_failed": true}}""", "name", "lower-case")]
    [InlineData("""{"name": "1st", "when": {"collection_failed": true}}""", "name", "lower-case")]
    [InlineData("""{"name": null, "when": {"collection_failed": true}}""", "name", "lower-case")]
    [InlineData("""{"name": "late"}""", "when", "required")]
    [InlineData("""{"name": "late", "when": null}""", "when", "object")]
    [InlineData("""{"name": "late", "wen": {}, "when": {"tagged": "x"}}""", "wen", "Did you mean when?")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "deny": ["purchase"]}""", "message", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "deny": ["purchase"], "message": null}""", "message", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "deny_if": [{"tagged": "a", "deny": ["purchase"]}]}""", "message", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny": "purchase"}""", "deny", "array")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny": [1]}""", "deny[0]", "operation")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny": ["Payment.Create"]}""", "deny[0]", "operation")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny": ["purchase", "payment.create"]}""", "deny[1]", "never be denied")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny": ["purchase", "purchase"]}""", "deny[1]", "already")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny_if": [{"tagged": "a", "deny": ["login"]}]}""", "deny_if[0].deny[0]", "never be denied")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny_if": [{"tagged": "a"}]}""", "deny_if[0].deny", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny_if": [{"tagged": "a", "deny": []}]}""", "deny_if[0].deny", "at least one")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny_if": [{"deny": ["purchase"]}]}""", "deny_if[0].tagged", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": "m", "deny_if": [7]}""", "deny_if[0]", "object")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "code": "Not Paid"}""", "code", "lower-case")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "message": 1}""", "message", "text")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "banner": "Pay {amount}"}""", "banner", "{amount}")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "login_redirect": 1}""", "login_redirect", "true or false")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "on_enter": ["mail"]}""", "on_enter[0]", "notice:")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "on_enter": ["notice:"]}""", "on_enter[0]", "notice:")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "on_enter": ["notice:a", "notice:a"]}""", "on_enter[1]", "already")]
    public void Parse_OneFaultInAStanding_NamesItsPath(string standing, string path, string reason) =>
        Reading.Refused(Reading.Of($$$"""{"standings": [{"name": "mild", "when": {"tagged": "m"}}, {{{standing}}}]}"""), "standings[1]." + path, reason);

    [Fact]
    public void Parse_TwoStandingsOfOneName_RefusesTheSecond() =>
        Reading.Refused(Reading.OfStandings(Reading.Standing("a"), Reading.Standing("b"), Reading.Standing("a")), "standings[2].name", "earlier standing");

    [Theory]
    [MemberData(nameof(NeverDenied))]
    public void Parse_DeniesWhatMustNeverBe_Refused(string operation)
    {
        var standing = Reading.Standing();
        standing["message"] = "m";
        standing["deny"] = new System.Text.Json.Nodes.JsonArray(operation);
        Reading.Refused(Reading.OfStandings(standing), "standings[0].deny[0]", "able to pay");
    }

    public static TheoryData<string> NeverDenied() =>
        new("payment.create", "payment_method.add", "invoice.read", "data.export", "subscription.cancel", "resource.delete", "login", "account.close");

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("a~b")]
    public void Parse_IdOfThePathIsNone_Refused(string id) => Assert.Equal("id", Assert.Single(PolicyDocument.Parse(System.Text.Json.JsonElement.Parse("{}"), id).Errors).Path);

    [Theory]
    [InlineData("""{"description": "\ud800"}""")]
    [InlineData("""{"\udc00": 1}""")]
    [InlineData("""{"standings": [{"x": ["\ud83d"]}]}""")]
    public void Parse_HalfASurrogatePair_RefusedWhole(string json) => Reading.Refused(Reading.Of(json), "", "Unicode");

    [Fact]
    public void Parse_BrokenUtf8_RefusedWhole()
    {
        using var document = System.Text.Json.JsonDocument.Parse((byte[])[.. "{\"id\":\""u8, 0xC3, 0x28, .. "\"}"u8]);
        Reading.Refused(PolicyDocument.Parse(document.RootElement, Reading.Id), "", "Unicode");
    }

    [Fact]
    public void Parse_NoJsonAtAll_Refused() => Reading.Refused(PolicyDocument.Parse(default, Reading.Id), "", "object");

    [Fact]
    public void Parse_ElevenFaults_ElevenErrors()
    {
        var reading = Reading.Of(
            """
            {
              "id": "other",
              "colection": {},
              "collection": { "charge": "later", "retry_after": ["2d", "1d"], "on_new_method": "charge" },
              "invoice": { "balance_invoice": 1 },
              "standings": [
                { "name": "late", "when": { "unpaid_for": "5 days" }, "deny": ["login"] },
                { "name": "late", "when": { "in_standing": { "gone": "1d" } } }
              ]
            }
            """);
        Reading.Refused(
            reading,
            "id",
            "collection.charge",
            "collection.retry_after[1]",
            "collection.on_new_method",
            "invoice.balance_invoice",
            "standings[0].when.unpaid_for",
            "standings[0].deny[0]",
            "standings[0].message",
            "standings[1].name",
            "standings[1].when.in_standing.gone",
            "colection");
    }
}
