using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Reads a policy, its rules of collection and its terms of an invoice; <see cref="StandingReader"/> reads the standings.</summary>
/// <remarks>Implementation note: a reader goes on after an error with the default in place of the wrong value; the caller discards the outcome.</remarks>
internal static class PolicyReader
{
    public static Policy? Read(Node document, string id)
    {
        if (document.Object() is not { } policy) return null;

        policy.Find("$schema")?.Text();
        ReadId(policy, id);
        var outcome = new Policy
        {
            Id = id,
            Description = policy.FindUnlessNull("description")?.Text(),
            Collection = ReadCollection(policy.Find("collection")?.Object()),
            Invoice = ReadInvoice(policy.Find("invoice")?.Object()),
            Standings = StandingReader.ReadAll(policy.Find("standings")),
            MessageContexts = ReadMessageContexts(policy.Find("message_contexts")),
        };
        NotYetSupported.InPolicy(policy);
        policy.Close();
        return outcome;
    }

    private static void ReadId(Fields policy, string id)
    {
        var own = policy.Find("id");
        if (!Ids.IsValid(id)) policy.Miss("id", "Must be 1 to 128 letters, digits and . _ : -, a letter or digit first.");
        else if (own?.Text() is { } text && text != id) policy.Miss("id", $"Must be \"{id}\", as the path says.");
    }

    private static CollectionRules ReadCollection(Fields? collection)
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
            ProcessingHold = ReadProcessingHold(collection.Find("processing_hold")?.Object(), rules.ProcessingHold),
        };
        NotYetSupported.InCollection(collection);
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

        string[] kinds = ["default", .. Enum.GetNames<MethodKind>().Select(name => name.ToLowerInvariant())];
        foreach (var kind in kinds)
        {
            if (hold.Find(kind)?.Duration() is { } duration) otherwise = otherwise.SetItem(kind, duration);
        }

        hold.Close();
        return otherwise;
    }

    private static InvoiceTerms ReadInvoice(Fields? invoice)
    {
        var terms = new InvoiceTerms();
        if (invoice is null) return terms;

        terms = new InvoiceTerms
        {
            BalanceInvoice = invoice.Find("balance_invoice")?.Flag() ?? terms.BalanceInvoice,
            SettlesLabel = invoice.Find("settles_label")?.Text() ?? terms.SettlesLabel,
        };
        NotYetSupported.InInvoice(invoice);
        invoice.Close();
        return terms;
    }

    private static ImmutableDictionary<string, string> ReadMessageContexts(Node? node)
    {
        var messages = ImmutableDictionary<string, string>.Empty;
        if (node?.Object() is not { } contexts) return messages;

        var entries = contexts.Entries().ToList();
        if (entries.Count > PolicyBounds.MessageContexts) node.Value.Refuse($"Must name at most {PolicyBounds.MessageContexts} contexts.");
        foreach (var (context, message) in entries.Take(PolicyBounds.MessageContexts))
        {
            if (!Node.IsName(context)) message.Refuse("Not a context's name. " + Node.ExpectedName);
            else if (message.Text() is { } text) messages = messages.Add(context, text);
        }

        return messages;
    }
}
