using System.Text.Json;
using System.Text.Json.Nodes;
using static Billing.Domain.SchemaTypes;

namespace Billing.Domain;

/// <summary>The language of policies as a JSON Schema (draft 2020-12), so that an editor completes and checks while somebody writes.</summary>
/// <remarks>
/// Implementation note: the schema says what each key may be by itself; what depends on another key, such as a standing that
/// must be milder, only the readers say. Tests hold the two together: the readers know exactly the keys of the schema, accept
/// nothing that it refuses, and refuse what it accepts only for reasons of that kind.
/// </remarks>
public static class PolicySchema
{
    /// <summary>The content type under which it is served.</summary>
    public const string ContentType = "application/schema+json";

    /// <summary>The schema.</summary>
    public static JsonElement Document { get; } = JsonElement.Parse(Build().ToJsonString());

    private static JsonObject Build()
    {
        var policy = Policy().Defaults(PolicyDefaults.Document);
        policy.Insert(0, "$schema", "https://json-schema.org/draft/2020-12/schema");
        policy.Insert(1, "title", "Billing policy");
        policy["$defs"] = new JsonObject
        {
            ["source"] = Text().Says("The sentence that the rule comes from, and where it stands."),
            ["assumption"] = Text().Says("What we chose where the source is silent."),
            ["standing"] = StandingSchema.Standing().Defaults(PolicyDefaults.Standing),
            ["condition"] = StandingSchema.Condition(),
        };
        return policy;
    }

    private static JsonObject Policy() => Object(
        ("$schema", Text().Says("Where this schema is, for editors.")),
        ("id", Pattern("^[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$").Says("The policy's id, as in the path that it is uploaded to.")),
        ("description", Text().OrNull().Says("What the policy is for.")),
        ("cycle", Cycle().OrNull().Says("When subscriptions are billed; null: this policy has none.")),
        ("collection", Collection()),
        ("invoice", Invoice()),
        ("standings", List(Ref("standing"), PolicyBounds.Standings).Says("What being unpaid leads to, mild to severe. No standing holds: good.")),
        ("recovery", Recovery()),
        ("requires_subscription", List(Operation(), PolicyBounds.Denies, isASet: true).Says("Operations that need an active or past_due subscription.")),
        ("refunds", Word("offered", "refused").Says("Whether an operator may refund at a customer's wish. What a gateway reports is a fact either way.")),
        ("extensions", Word("offered", "refused").Says("Whether an account may be given more time.")),
        ("message_contexts", Map(NamePattern, Text()).Says("Longer messages that callers of some endpoints see, by context.")))
        .Says("How invoices are collected and what being unpaid leads to. Durations: \"90m\", \"23h\", \"5d\", at most 3650 days; a day is 24 hours.");

    private static JsonObject Cycle()
    {
        var cycle = Object(
            ("interval", Duration().Says("Each subscription by its own rhythm, in advance; at least 1h.")),
            ("calendar", Word("month").Says("All subscriptions of an account together, in arrears, at 00:00 of a day of the month.")),
            ("day", With(Whole(1, 31).Says("The day of the month; the last of a month that does not have it."), "default", 1)),
            ("time_zone", With(Text(PolicyBounds.NameLength).Says("An IANA time zone, or \"account\" for the account's own."), "default", "UTC")),
            ("while_unpaid", With(Word("renew", "skip").Says("What a renewal does that comes while its subscription is past_due: bill as always, or bill nothing and move nothing."), "default", "renew")));
        cycle["oneOf"] = new JsonArray(new JsonObject().Requires("interval"), new JsonObject().Requires("calendar"));
        cycle["dependentRequired"] = new JsonObject { ["day"] = new JsonArray("calendar"), ["time_zone"] = new JsonArray("calendar") };
        return cycle;
    }

    private static JsonObject Collection() => Object(
        ("charge", Word("at_issue", "at_due").Says("When the first automatic attempt (rung 0) is made.")),
        ("due_after", Duration().Says("Due time = issued + this.")),
        ("methods", Methods().Says("The methods that rung 0 may use.")),
        ("retry_after", List(Duration(), PolicyBounds.Retries).Says("The later rungs' instants, from the end of rung 0, each later than the one before.")),
        ("retry_methods", Methods().Says("The methods that the later rungs may use.")),
        ("on_new_method", Word("nothing", "charge").Says("Whether a method that is added while something is unpaid is charged at once.")),
        ("processing_hold", ProcessingHold()),
        ("crypto_window", Duration().Says("How long a crypto address waits for coins; at least 1m.")),
        ("minimum", Amounts(least: 0).Says("Below this many minor units an invoice is neither charged nor unpaid: it goes with the next charge.")),
        ("refuse_funding", List(Name(), PolicyBounds.Entries, isASet: true).Says("Kinds of funding, such as prepaid, that are not taken as a method.")),
        ("notices", Notices()))
        .Says("How invoices are collected. An invoice keeps the rules of the version in force when it was issued.");

    private static JsonObject Methods() => Word("default", "default_then_others");

    private static JsonObject ProcessingHold() => Object(
        [
            ("default", Duration().Says("For every kind that is not named.")),
            .. Enum.GetNames<MethodKind>().Select(kind => (kind.ToLowerInvariant(), Duration())),
        ])
        .Says("How long a payment that is under way holds consequences off, from its first submission, by kind of method.");

    private static JsonObject Notices() => Object(
        ("attempt_failed", Name().OrNull().Says("The notice of each automatic attempt that failed.")),
        ("recovered", Name().OrNull().Says("The notice that the account is in good standing again.")),
        ("before_due", Object(("notice", Name()), ("before", Duration().Says("How long before the due time."))).Requires("notice", "before").OrNull().Says("The notice before an invoice is due.")),
        ("issued", Name().OrNull().Says("The notice that carries each invoice when it is issued.")),
        ("paid", Name().OrNull().Says("The notice of each payment that was received: its receipt.")))
        .Says("Notices that collecting sends, by name; null: none.");

    private static JsonObject Invoice() => Object(
        ("cancel_after", Duration().OrNull().Says("How long after its due time an unpaid invoice is cancelled; null: never. A cancelled invoice cannot be paid.")),
        ("cancel_cancels_subscription", Flag().Says("Whether a cancelled invoice takes its subscriptions along.")),
        ("balance_invoice", Flag().Says("Whether an entry into a denying standing issues a document for all that is unpaid.")),
        ("settles_label", Text().Says("What stands above the numbers of the originals on a balance invoice.")))
        .Says("What becomes of an invoice.");

    private static JsonObject Recovery() => Object(
        ("resources", Word("manual", "automatic").Says("How resources that were powered down come back.")),
        ("subscription_period", Word("keep", "restart_at_payment").Says("Whether the old rhythm goes on or a new period starts at the instant of capture; the latter needs an interval cycle with while_unpaid \"skip\".")))
        .Says("What paying brings back.");

    private static JsonObject With(JsonObject schema, string keyword, JsonNode value)
    {
        schema[keyword] = value;
        return schema;
    }
}
