using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Reads how invoices are collected.</summary>
internal static class CollectionReader
{
    public static CollectionRules Read(Fields? collection)
    {
        var rules = new CollectionRules();
        if (collection is null) return rules;

        rules = rules with
        {
            Charge = collection.Find("charge")?.Word("at_issue", "at_due") == "at_due" ? ChargeTime.AtDue : rules.Charge,
            DueAfter = collection.Find("due_after")?.Duration() ?? rules.DueAfter,
            Methods = ReadMethods(collection.Find("methods")) ?? rules.Methods,
            RetryAfter = ReadRetries(collection.Find("retry_after")),
            RetryMethods = ReadMethods(collection.Find("retry_methods")) ?? rules.RetryMethods,
            ChargesNewMethod = collection.Find("on_new_method")?.Word("nothing", "charge") == "charge",
            ProcessingHold = ReadProcessingHold(collection.Find("processing_hold")?.Object(), rules.ProcessingHold),
            CryptoWindow = collection.Find("crypto_window")?.DurationOfAtLeast(PolicyBounds.ShortestCryptoWindow, "1m") ?? rules.CryptoWindow,
            Minimum = collection.Find("minimum")?.Object()?.Amounts(least: 0) ?? rules.Minimum,
            RefuseFunding = ReadFunding(collection.Find("refuse_funding")),
        };
        rules = ReadNotices(collection.Find("notices")?.Object(), rules);
        collection.Close();
        return rules;
    }

    private static MethodChoice? ReadMethods(Node? node) => node?.Word("default", "default_then_others") switch
    {
        null => null,
        "default" => MethodChoice.Default,
        _ => MethodChoice.DefaultThenOthers,
    };

    private static ImmutableArray<Duration> ReadRetries(Node? node)
    {
        var retries = ImmutableArray.CreateBuilder<Duration>();
        foreach (var item in node?.Items(PolicyBounds.Retries) ?? [])
        {
            if (item.Duration() is not { } offset) continue;
            if (retries.Count > 0 && offset <= retries[^1]) item.Refuse("Must be later than the retry before it.");
            else retries.Add(offset);
        }

        return retries.ToImmutable();
    }

    private static ImmutableDictionary<string, Duration> ReadProcessingHold(Fields? hold, ImmutableDictionary<string, Duration> otherwise)
    {
        if (hold is null) return otherwise;

        // Who names holds names all of them: a kind that is left out has the default that stands there.
        otherwise = otherwise.Remove("bank");
        string[] kinds = ["default", .. Enum.GetNames<MethodKind>().Select(name => name.ToLowerInvariant())];
        foreach (var kind in kinds)
        {
            if (hold.Find(kind)?.Duration() is { } duration) otherwise = otherwise.SetItem(kind, duration);
        }

        hold.Close();
        return otherwise;
    }

    /// <summary>Any name: what a card is funded by is the gateway's word, and its list is not ours.</summary>
    private static ImmutableArray<string> ReadFunding(Node? node)
    {
        var funding = ImmutableArray.CreateBuilder<string>();
        foreach (var item in node?.Items(PolicyBounds.Entries) ?? [])
        {
            if (item.Identifier() is not { } kind) continue;
            if (funding.Contains(kind)) item.Refuse($"{kind} is listed already.");
            else funding.Add(kind);
        }

        return funding.ToImmutable();
    }

    private static CollectionRules ReadNotices(Fields? notices, CollectionRules rules)
    {
        if (notices is null) return rules;

        rules = rules with
        {
            AttemptFailedNotice = notices.FindUnlessNull("attempt_failed")?.Identifier(),
            RecoveredNotice = notices.FindUnlessNull("recovered")?.Identifier(),
            IssuedNotice = notices.FindUnlessNull("issued")?.Identifier(),
            PaidNotice = notices.FindUnlessNull("paid")?.Identifier(),
            BeforeDueNotice = ReadBeforeDue(notices.FindUnlessNull("before_due")?.Object()),
        };
        notices.Close();
        return rules;
    }

    private static NoticeBefore? ReadBeforeDue(Fields? fields)
    {
        if (fields is null) return null;

        var notice = fields.Require("notice")?.Identifier();
        var before = fields.Require("before")?.Duration();
        fields.Close();
        return notice is null || before is null ? null : new NoticeBefore(notice, before.Value);
    }
}
