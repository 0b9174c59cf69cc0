namespace Billing.Domain;

/// <summary>The order among invoices, everywhere: by due time, then by number.</summary>
internal static class InvoiceOrder
{
    /// <summary>Oldest first.</summary>
    public static IOrderedEnumerable<OpenInvoice> OldestFirst(this IEnumerable<OpenInvoice> invoices) =>
        invoices.OrderBy(invoice => invoice.DueAt).ThenBy(invoice => invoice.Sequence);
}
