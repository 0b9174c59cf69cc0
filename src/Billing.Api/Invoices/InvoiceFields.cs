using System.Collections.Immutable;

namespace Billing.Api.Invoices;

/// <summary>Reads what an invoice is from a request.</summary>
internal static class InvoiceFields
{
    /// <summary>The content; what is wrong is noted.</summary>
    public static (InvoiceContent Content, bool IsDraft) Read(Fields fields)
    {
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
        };
        if (content.Net > Money.Largest) fields.Refuse("lines", $"Must be at most {Money.Largest} together.");
        if (fields.Id("subscription") is { } subscription) fields.Refuse("subscription", $"There is no subscription '{subscription}'.");
        return (content, fields.Flag("draft") ?? false);
    }
}
