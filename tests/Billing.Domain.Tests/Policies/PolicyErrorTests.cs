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
    [InlineData("""{"cycle": 1}""", "cycle", "object")]
    [InlineData("""{"cycle": {}}""", "cycle", "either an interval or a calendar")]
    [InlineData("""{"cycle": {"while_unpaid": "skip"}}""", "cycle", "either an interval or a calendar")]
    [InlineData("""{"cycle": {"interval": "30d", "calendar": "month"}}""", "cycle", "either an interval or a calendar")]
    [InlineData("""{"cycle": {"interval": "59m"}}""", "cycle.interval", "at least 1h")]
    [InlineData("""{"cycle": {"interval": null}}""", "cycle.interval", "duration")]
    [InlineData("""{"cycle": {"interval": "30d", "day": 1}}""", "cycle.day", "by the calendar")]
    [InlineData("""{"cycle": {"interval": "30d", "time_zone": "UTC"}}""", "cycle.time_zone", "by the calendar")]
    [InlineData("""{"cycle": {"calendar": "week"}}""", "cycle.calendar", "\"month\"")]
    [InlineData("""{"cycle": {"calendar": "month", "day": 0}}""", "cycle.day", "from 1 to 31")]
    [InlineData("""{"cycle": {"calendar": "month", "day": 32}}""", "cycle.day", "from 1 to 31")]
    [InlineData("""{"cycle": {"calendar": "month", "day": "1"}}""", "cycle.day", "from 1 to 31")]
    [InlineData("""{"cycle": {"calendar": "month", "time_zone": "Mars/Olympus"}}""", "cycle.time_zone", "IANA")]
    [InlineData("""{"cycle": {"calendar": "month", "time_zone": "europe/berlin"}}""", "cycle.time_zone", "IANA")]
    [InlineData("""{"cycle": {"calendar": "month", "time_zone": "UTC+02:00"}}""", "cycle.time_zone", "IANA")]
    [InlineData("""{"cycle": {"calendar": "month", "time_zone": null}}""", "cycle.time_zone", "text")]
    [InlineData("""{"cycle": {"interval": "30d", "while_unpaid": "pause"}}""", "cycle.while_unpaid", "\"renew\" or \"skip\"")]
    [InlineData("""{"cycle": {"interval": "30d", "intervall": "30d"}}""", "cycle.intervall", "Did you mean interval?")]
    [InlineData("""{"refunds": "no"}""", "refunds", "\"offered\" or \"refused\"")]
    [InlineData("""{"extensions": null}""", "extensions", "\"offered\" or \"refused\"")]
    [InlineData("""{"requires_subscription": {}}""", "requires_subscription", "array")]
    [InlineData("""{"requires_subscription": ["Credits"]}""", "requires_subscription[0]", "operation")]
    [InlineData("""{"requires_subscription": ["credits.use", "credits.use"]}""", "requires_subscription[1]", "already")]
    [InlineData("""{"recovery": []}""", "recovery", "object")]
    [InlineData("""{"recovery": {"resource": "manual"}}""", "recovery.resource", "Did you mean resources?")]
    [InlineData("""{"recovery": {"resources": "auto"}}""", "recovery.resources", "\"manual\" or \"automatic\"")]
    [InlineData("""{"recovery": {"subscription_period": "restart"}}""", "recovery.subscription_period", "\"restart_at_payment\"")]
    [InlineData("""{"recovery": {"subscription_period": "restart_at_payment"}}""", "recovery.subscription_period", "needs a cycle")]
    [InlineData("""{"cycle": {"interval": "30d"}, "recovery": {"subscription_period": "restart_at_payment"}}""", "recovery.subscription_period", "needs a cycle")]
    [InlineData("""{"cycle": {"calendar": "month", "while_unpaid": "skip"}, "recovery": {"subscription_period": "restart_at_payment"}}""", "recovery.subscription_period", "needs a cycle")]
    [InlineData("""{"cycle": {"interval": "1m", "while_unpaid": "skip"}, "recovery": {"subscription_period": "restart_at_payment"}}""", "cycle.interval", "at least 1h")]
    [InlineData("""{"collection": {"on_new_method": "retry"}}""", "collection.on_new_method", "\"nothing\" or \"charge\"")]
    [InlineData("""{"collection": {"minimum": []}}""", "collection.minimum", "object")]
    [InlineData("""{"collection": {"minimum": {"usd": 50}}}""", "collection.minimum.usd", "ISO 4217")]
    [InlineData("""{"collection": {"minimum": {"XXX": 50}}}""", "collection.minimum.XXX", "ISO 4217")]
    [InlineData("""{"collection": {"minimum": {"USD": -1}}}""", "collection.minimum.USD", "from 0 to 1000000000000")]
    [InlineData("""{"collection": {"minimum": {"USD": 0.5}}}""", "collection.minimum.USD", "whole number")]
    [InlineData("""{"collection": {"refuse_funding": "prepaid"}}""", "collection.refuse_funding", "array")]
    [InlineData("""{"collection": {"refuse_funding": ["Prepaid"]}}""", "collection.refuse_funding[0]", "lower-case")]
    [InlineData("""{"collection": {"refuse_funding": ["prepaid", "prepaid"]}}""", "collection.refuse_funding[1]", "already")]
    [InlineData("""{"collection": {"crypto_window": 60}}""", "collection.crypto_window", "duration")]
    [InlineData("""{"collection": {"crypto_window": "0m"}}""", "collection.crypto_window", "at least 1m")]
    [InlineData("""{"collection": {"notices": null}}""", "collection.notices", "object")]
    [InlineData("""{"collection": {"notices": {"atempt_failed": null}}}""", "collection.notices.atempt_failed", "Did you mean attempt_failed?")]
    [InlineData("""{"collection": {"notices": {"attempt_failed": ""}}}""", "collection.notices.attempt_failed", "lower-case")]
    [InlineData("""{"collection": {"notices": {"recovered": true}}}""", "collection.notices.recovered", "lower-case")]
    [InlineData("""{"collection": {"notices": {"before_due": "reminder"}}}""", "collection.notices.before_due", "object")]
    [InlineData("""{"collection": {"notices": {"before_due": {"before": "3d"}}}}""", "collection.notices.before_due.notice", "required")]
    [InlineData("""{"collection": {"notices": {"before_due": {"notice": "n"}}}}""", "collection.notices.before_due.before", "required")]
    [InlineData("""{"collection": {"notices": {"before_due": {"notice": "n", "before": "-3d"}}}}""", "collection.notices.before_due.before", "duration")]
    [InlineData("""{"collection": {"notices": {"before_due": {"notice": "n", "before": "3d", "at": "-3d"}}}}""", "collection.notices.before_due.at", "not known")]
    [InlineData("""{"invoice": {"cancel_after": "soon"}}""", "invoice.cancel_after", "duration")]
    [InlineData("""{"invoice": {"cancel_after": "-1d"}}""", "invoice.cancel_after", "duration")]
    [InlineData("""{"invoice": {"cancel_cancels_subscription": null}}""", "invoice.cancel_cancels_subscription", "true or false")]
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
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "on_enter": ["power_down", "power_down"]}""", "on_enter[1]", "already")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "on_enter": ["delete"]}""", "on_enter[0]", "delete_resources")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": "n"}""", "requires_notice", "array")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": ["n"]}""", "requires_notice[0]", "object")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"at": "-3d"}]}""", "requires_notice[0].notice", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n"}]}""", "requires_notice[0].at", "required")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "N", "at": "-3d"}]}""", "requires_notice[0].notice", "lower-case")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n", "at": "3d"}]}""", "requires_notice[0].at", "\"-3d\"")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n", "at": "-3651d"}]}""", "requires_notice[0].at", "3650 days")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n", "at": "-3d", "at_least": "-1h"}]}""", "requires_notice[0].at_least", "duration")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n", "at": "-3d", "at_last": "1h"}]}""", "requires_notice[0].at_last", "Did you mean at_least?")]
    [InlineData("""{"name": "late", "when": {"tagged": "x"}, "requires_notice": [{"notice": "n", "at": "-3d"}, {"notice": "n", "at": "-1d"}]}""", "requires_notice[1].notice", "already")]
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

    [Theory]
    [MemberData(nameof(NeverDenied))]
    public void Parse_ASubscriptionForWhatMustNeverNeedOne_Refused(string operation) =>
        Reading.Refused(Reading.Of($$"""{"requires_subscription": ["credits.use", "{{operation}}"]}"""), "requires_subscription[1]", "must never need a subscription");

    [Theory]
    [MemberData(nameof(NeverDenied))]
    public void Parse_DeniesATagWhatMustNeverBe_Refused(string operation)
    {
        var standing = Reading.Standing();
        standing["message"] = "m";
        standing["deny_if"] = System.Text.Json.Nodes.JsonNode.Parse($$"""[{"tagged": "a", "deny": ["{{operation}}"]}]""");
        Reading.Refused(Reading.OfStandings(standing), "standings[0].deny_if[0].deny[0]", "able to pay");
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
    public void Parse_TwelveFaults_TwelveErrors()
    {
        var reading = Reading.Of(
            """
            {
              "id": "other",
              "colection": {},
              "collection": { "charge": "later", "retry_after": ["2d", "1d"], "on_new_method": "refund" },
              "cycle": { "interval": "30d", "day": 1 },
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
            "cycle.day",
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
