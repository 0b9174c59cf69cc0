using System.Collections.Immutable;

namespace Billing.Api.Invoices;

/// <summary>Reads what an invoice is from a request.</summary>
internal static class InvoiceFields
{
    /// <summary>The content; what is wrong is noted.</summary>
    /// <param name="fields">The request's fields.</param>
    /// <param name="account">Whose invoice it is; <see langword="null"/> where there is no such account.</param>
    public static (InvoiceContent Content, bool IsDraft) Read(Fields fields, AccountView? account)
    {
        var subscription = fields.Id("subscription");
        if (subscription is not null && account is not null && !account.Subscriptions.Any(known => string.Equals(known.Id, subscription, StringComparison.Ordinal)))
        {
            fields.Refuse("subscription", $"There is no subscription '{subscription}'.");
        }

        var lines = ImmutableArray.CreateBuilder<InvoiceLine>();
        foreach (var line in fields.Objects("lines", 1, AccountLimits.InvoiceLines, required: true))
        {
            var description = line.Text("description", ApiBounds.DescriptionLength, required: true);
            var amount = line.Amount("amount", required: true);
            var quantity = line.Whole("quantity", 0, ApiBounds.Quantity);
            lines.Add(new InvoiceLine(description ?? "", amount ?? 0, quantity));
        }

        var content = new InvoiceContent
        {
            Lines = lines.ToImmutable(),
            Collection = fields.Word("collection", required: false, ("automatic", Collection.Automatic), ("manual", Collection.Manual)) ?? Collection.Automatic,
            DueAt = fields.Instant("due_at"),
            Subscriptions = subscription is null ? [] : [subscription],
        };
        if (content.Net > Money.Largest) fields.Refuse("lines", $"Must be at most {Money.Largest} together.");
        return (content, fields.Flag("draft") ?? false);
    }
}
