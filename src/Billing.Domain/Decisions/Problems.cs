namespace Billing.Domain;

/// <summary>The stable codes of refusals. Each has a page under <c>/problems/</c>.</summary>
public static class Problems
{
#pragma warning disable CS1591 // The codes say what they mean; their pages say more.
    public const string InvalidRequest = "invalid_request";
    public const string NotFound = "not_found";
    public const string OperationUnknown = "operation_unknown";
    public const string PolicyInvalid = "policy_invalid";
    public const string IdempotencyMismatch = "idempotency_mismatch";
    public const string IdTaken = "id_taken";
    public const string InvoiceIssued = "invoice_issued";
    public const string InvoiceCancelled = "invoice_cancelled";
    public const string InvoiceNotPayable = "invoice_not_payable";
    public const string NothingDue = "nothing_due";
    public const string AmountChanged = "amount_changed";
    public const string PaymentInFlight = "payment_in_flight";
    public const string MethodNotUsable = "method_not_usable";
    public const string ClockAdvancing = "clock_advancing";
    public const string TooMany = "too_many";
    public const string TooManyDeclines = "too_many_declines";
    public const string RateLimited = "rate_limited";
    public const string Unavailable = "unavailable";
    public const string PaymentDeclined = "payment_declined";
    public const string PaymentDisputed = "payment_disputed";
    public const string RefundsRefused = "refunds_refused";
    public const string ExtensionsRefused = "extensions_refused";
    public const string ResourceDeleted = "resource_deleted";
    public const string OrderRevoked = "order_revoked";
    public const string OperationDenied = "operation_denied";
#pragma warning restore CS1591
}
