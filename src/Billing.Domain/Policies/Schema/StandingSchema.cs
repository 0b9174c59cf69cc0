using System.Text.Json.Nodes;
using static Billing.Domain.SchemaTypes;

namespace Billing.Domain;

/// <summary>A standing and its conditions as JSON Schema: the counterpart of <see cref="StandingReader"/> and <see cref="ConditionReader"/>.</summary>
internal static class StandingSchema
{
    public static JsonObject Standing() => Object(
        ("name", Name().Says("Its name; not good, source or assumption, and no other standing's.")),
        ("when", Ref("condition")),
        ("deny", List(Operation(), PolicyBounds.Denies, isASet: true).Says("Every operation that it denies; lists are not inherited from milder standings.")),
        ("deny_if", List(DenyIf(), PolicyBounds.Entries).Says("Operations denied only to accounts with a tag.")),
        ("code", Name().OrNull().Says("The code of a denial; null: the standing's name.")),
        ("message", Text().OrNull().Says("The message of a denial; required of a standing that denies.")),
        ("banner", Text().OrNull().Says("What the customer sees while it holds; may hold {due_date} and {amount_due}.")),
        ("login_redirect", Flag().Says("Whether a login is led to the payment page.")),
        ("on_enter", List(OnEnter(), PolicyBounds.Entries, isASet: true).Says("What each entry does: power_down, delete_resources, or a notice.")),
        ("requires_notice", List(RequiredNotice(), PolicyBounds.Entries).Says("The notices that must have been delivered before an entry.")))
        .Requires("name", "when")
        .Says("A standing: when it holds, what it denies, and what entering it does.");

    /// <summary>Several keys of one object must all hold.</summary>
    public static JsonObject Condition()
    {
        (string Key, JsonObject Schema)[] conditions =
        [
            ("unpaid_for", Duration().Says("Some invoice has been unpaid for so long.")),
            ("unpaid_invoices", Whole(1, PolicyBounds.UnpaidInvoices).Says("So many invoices are unpaid.")),
            ("unpaid_balance", With(Amounts(least: 1), 1).Says("What is unpaid reached so many minor units, in the account's currency.")),
            ("collection_failed", True().Says("Rung 0 of some unpaid invoice ended without paying.")),
            ("retries_exhausted", True().Says("The last rung of some unpaid invoice ended without paying.")),
            ("in_standing", With(Map(NamePattern, Duration()), 1, 1).Says("The account has been continuously at that standing or worse for so long; a milder one than this.")),
            ("tagged", Text(PolicyBounds.NameLength).Says("The account carries the tag.")),
            ("hard_declined", True().Says("The newest attempt on some unpaid invoice was a hard decline.")),
            ("any", Branches().Says("At least one of these holds.")),
            ("all", Branches().Says("All of these hold.")),
            ("not", Object(("tagged", Text(PolicyBounds.NameLength))).Requires("tagged").Says("It does not hold; around tagged alone.")),
        ];
        var condition = Object(conditions).Says("When a standing holds. Several keys must all hold.");
        condition["anyOf"] = new JsonArray([.. conditions.Select(entry => new JsonObject().Requires(entry.Key))]);
        return condition;
    }

    private static JsonObject Branches() => List(Ref("condition"), PolicyBounds.Branches, least: 1);

    private static JsonObject DenyIf() => Object(
        ("tagged", Text(PolicyBounds.NameLength).Says("The tag of the accounts that are meant.")),
        ("deny", List(Operation(), PolicyBounds.Denies, isASet: true, least: 1)))
        .Requires("tagged", "deny");

    private static JsonObject OnEnter() => Word("power_down", "delete_resources").Or(Pattern("^notice:[a-z][a-z0-9_]{0,63}$"));

    private static JsonObject RequiredNotice() => Object(
        ("notice", Name()),
        ("at", DurationBefore().Says("When it is sent, as an offset from the step: \"-3d\".")),
        ("at_least", Duration().Says("How long before the step it must have been delivered; a late delivery moves the step. Left out: 0.")))
        .Requires("notice", "at");

    /// <summary>At least so many keys, and at most so many beside the annotations.</summary>
    private static JsonObject With(JsonObject map, int least, int? most = null)
    {
        map["minProperties"] = least;
        if (most is { } bound) map["maxProperties"] = bound + Fields.Annotations.Length;
        return map;
    }
}
