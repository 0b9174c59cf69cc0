using NodaTime;

namespace Billing.Domain;

/// <summary>What one account may hold. One more is refused with <c>too_many</c>; what comes back is never refused.</summary>
public static class AccountLimits
{
    /// <summary>Open invoices.</summary>
    public const int OpenInvoices = 200;

    /// <summary>Payment methods on file.</summary>
    public const int PaymentMethods = 50;

    /// <summary>Removed payment methods that are remembered; the oldest are let go.</summary>
    public const int RemovedMethods = 20;

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

    /// <summary>Promotional credits that are not spent.</summary>
    public const int PromoLots = 100;

    /// <summary>Resources; deleted ones make room for new ones.</summary>
    public const int Resources = 500;

    /// <summary>What one resource may itself depend on, so that a state stays small.</summary>
    public const int Dependencies = 10;

    /// <summary>Entries of its list of what needs a human. What does not fit is raised when it is found again and there is room.</summary>
    public const int Attention = 100;

    /// <summary>Charges of new methods within <see cref="NewMethodChargesFor"/>.</summary>
    public const int NewMethodCharges = 3;

    /// <summary>How long a charge of a new method counts.</summary>
    public static readonly Duration NewMethodChargesFor = Duration.FromHours(24);

    /// <summary>Payments of which the account remembers what it told them.</summary>
    public const int ToldPayments = 500;

    /// <summary>How long the account remembers what it told a payment: longer than a payment's answer is under way.</summary>
    public static readonly Duration ToldPaymentsFor = Duration.FromHours(24);

    /// <summary>Pay links that are not over: of those that callers made, and of those in mails.</summary>
    public const int PayLinks = 20;

    /// <summary>How long a pay link leads anywhere.</summary>
    public static readonly Duration PayLinkFor = Duration.FromDays(30);

    /// <summary>Declined payments by hand in any hour; then <c>too_many_declines</c>.</summary>
    public const int DeclinesAnHour = 5;

    /// <summary>Declined payments by hand in any day; then <c>too_many_declines</c>.</summary>
    public const int DeclinesADay = 20;

    /// <summary>Lines of one invoice.</summary>
    public const int InvoiceLines = 100;
}
