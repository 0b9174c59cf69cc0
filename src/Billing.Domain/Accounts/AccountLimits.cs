using NodaTime;

namespace Billing.Domain;

/// <summary>What one account may hold. One more is refused with <c>too_many</c>; what comes back is never refused.</summary>
public static class AccountLimits
{
    /// <summary>Open invoices.</summary>
    public const int OpenInvoices = 200;

    /// <summary>Payment methods on file.</summary>
    public const int PaymentMethods = 50;

    /// <summary>Mail addresses.</summary>
    public const int Emails = 20;

    /// <summary>Tags.</summary>
    public const int Tags = 50;

    /// <summary>Keys of metadata.</summary>
    public const int Metadata = 50;

    /// <summary>Keyed calls remembered; the next one is <c>rate_limited</c> until the oldest is forgotten.</summary>
    public const int IdempotencyRecords = 1_000;

    /// <summary>How long a keyed call is remembered.</summary>
    public static readonly Duration IdempotencyFor = Duration.FromHours(24);

    /// <summary>Lines of one invoice.</summary>
    public const int InvoiceLines = 100;
}
