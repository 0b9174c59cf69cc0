using System.Collections.Immutable;
using System.Text.Json;

namespace Billing.Domain;

/// <summary>Reads the condition of a standing. Several keys of one object must all hold; <c>any</c>, <c>all</c> and <c>not</c> nest.</summary>
internal static class ConditionReader
{
    public static Condition? Read(Node node, StandingScope scope) => Read(node, scope, depth: 1);

    private static Condition? Read(Node node, StandingScope scope, int depth)
    {
        if (depth > PolicyBounds.ConditionDepth)
        {
            node.Refuse($"Conditions nest at most {PolicyBounds.ConditionDepth} deep.");
            return null;
        }

        if (node.Object() is not { } fields) return null;

        if (fields.IsEmpty) node.Refuse("Must name at least one condition.");
        Condition?[] read =
        [
            fields.Find("unpaid_for")?.Duration() is { } unpaidFor ? new Condition.UnpaidFor(unpaidFor) : null,
            fields.Find("unpaid_invoices")?.Whole(1, PolicyBounds.UnpaidInvoices) is { } count ? new Condition.UnpaidInvoices((int)count) : null,
            ReadUnpaidBalance(fields.Find("unpaid_balance")),
            ReadFact(fields.Find("collection_failed"), new Condition.CollectionFailed()),
            ReadFact(fields.Find("retries_exhausted"), new Condition.RetriesExhausted()),
            ReadInStanding(fields.Find("in_standing"), scope),
            fields.Find("tagged")?.Text(PolicyBounds.NameLength) is { } tag ? new Condition.Tagged(tag) : null,
            ReadFact(fields.Find("hard_declined"), new Condition.HardDeclined()),
            fields.Find("any") is { } any ? new Condition.Any(ReadBranches(any, scope, depth)) : null,
            fields.Find("all") is { } all ? new Condition.All(ReadBranches(all, scope, depth)) : null,
            ReadNot(fields.Find("not"), scope, depth),
        ];
        fields.Close();

        var conditions = read.OfType<Condition>().ToImmutableArray();
        return conditions is [var only] ? only : new Condition.All(conditions);
    }

    /// <summary>A condition without an argument. <c>false</c> would read as "never" or as "not", so it is neither.</summary>
    private static Condition? ReadFact(Node? node, Condition fact)
    {
        if (node is not { } value) return null;
        if (value.Json.ValueKind == JsonValueKind.True) return fact;
        value.Refuse("Must be true; leave it out otherwise.");
        return null;
    }

    private static Condition.UnpaidBalance? ReadUnpaidBalance(Node? node)
    {
        if (node?.Object() is not { } amounts) return null;

        if (amounts.IsEmpty) node.Value.Refuse("Must name an amount in at least one currency, such as {\"USD\": 26000}.");
        return new Condition.UnpaidBalance(amounts.Amounts(least: 1));
    }

    /// <summary>Only milder standings may be meant: with them alone the standings can be decided one after the other.</summary>
    private static Condition.InStanding? ReadInStanding(Node? node, StandingScope scope)
    {
        if (node?.Object() is not { } fields) return null;

        var entries = fields.Entries().ToList();
        if (entries is not [var (standing, value)])
        {
            node.Value.Refuse("Must name exactly one standing, such as {\"past_due\": \"20d\"}.");
            return null;
        }

        var duration = value.Duration();
        if (standing == scope.OwnName) value.Refuse("A standing cannot rest on itself.");
        else if (!scope.IsKnown(standing)) value.Refuse("No standing of this policy has this name.");
        else if (!scope.IsMilder(standing)) value.Refuse("Must be a milder standing than this one: the standings are listed mild to severe.");
        return duration is { } known ? new Condition.InStanding(standing, known) : null;
    }

    private static ImmutableArray<Condition> ReadBranches(Node node, StandingScope scope, int depth)
    {
        var before = node.Errors.Count;
        var items = node.Items(PolicyBounds.Branches);
        if (items.IsEmpty && node.Errors.Count == before) node.Refuse("Must name at least one condition.");
        return [.. items.Select(item => Read(item, scope, depth + 1)).OfType<Condition>()];
    }

    /// <summary>
    /// Only a tag may be negated: of anything else the instant from which it does <em>not</em> hold would move back as facts
    /// arrive, and a standing would get better by waiting.
    /// </summary>
    private static Condition.Not? ReadNot(Node? node, StandingScope scope, int depth)
    {
        if (node is not { } value) return null;
        var before = value.Errors.Count;
        var negated = Read(value, scope, depth + 1);
        if (negated is Condition.Tagged) return new Condition.Not(negated);
        if (value.Errors.Count == before) value.Refuse("Only tagged can be negated.");
        return null;
    }
}
