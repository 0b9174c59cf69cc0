using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>Reads a policy and its terms of an invoice; <see cref="CycleReader"/>, <see cref="CollectionReader"/> and <see cref="StandingReader"/> read the rest.</summary>
/// <remarks>Implementation note: a reader goes on after an error with the default in place of the wrong value; the caller discards the outcome.</remarks>
internal static class PolicyReader
{
    public static Policy? Read(Node document, string id)
    {
        if (document.Object() is not { } policy) return null;

        policy.Find("$schema")?.Text();
        ReadId(policy, id);
        var (cycle, recovery) = CycleReader.Read(policy, document.Errors);
        var outcome = new Policy
        {
            Id = id,
            Description = policy.FindUnlessNull("description")?.Text(),
            Cycle = cycle,
            Collection = CollectionReader.Read(policy.Find("collection")?.Object()),
            Invoice = ReadInvoice(policy.Find("invoice")?.Object()),
            Standings = StandingReader.ReadAll(policy.Find("standings")),
            Recovery = recovery,
            RequiresSubscription = OperationListReader.Read(policy.Find("requires_subscription"), OperationListReader.MustNotNeedASubscription),
            OffersRefunds = policy.Find("refunds")?.Word("offered", "refused") != "refused",
            OffersExtensions = policy.Find("extensions")?.Word("offered", "refused") != "refused",
            MessageContexts = ReadMessageContexts(policy.Find("message_contexts")),
        };
        policy.Close();
        return outcome;
    }

    private static void ReadId(Fields policy, string id)
    {
        var own = policy.Find("id");
        if (!Ids.IsValid(id)) policy.Miss("id", "Must be 1 to 128 letters, digits and . _ : -, a letter or digit first.");
        else if (own?.Text() is { } text && text != id) policy.Miss("id", $"Must be \"{id}\", as the path says.");
    }

    private static InvoiceTerms ReadInvoice(Fields? invoice)
    {
        var terms = new InvoiceTerms();
        if (invoice is null) return terms;

        terms = new InvoiceTerms
        {
            CancelAfter = invoice.FindUnlessNull("cancel_after")?.Duration(),
            CancelCancelsSubscription = invoice.Find("cancel_cancels_subscription")?.Flag() ?? terms.CancelCancelsSubscription,
            BalanceInvoice = invoice.Find("balance_invoice")?.Flag() ?? terms.BalanceInvoice,
            SettlesLabel = invoice.Find("settles_label")?.Text() ?? terms.SettlesLabel,
        };
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
