using System.Globalization;

namespace Billing.Domain;

/// <summary>Where the rules of a policy are in its document, as JSON Pointers (RFC 6901).</summary>
internal static class PolicyPaths
{
    public const string Cycle = "/cycle";
    public const string Collection = "/collection";
    public const string Charge = "/collection/charge";
    public const string CollectionNotices = "/collection/notices";
    public const string CancelAfter = "/invoice/cancel_after";
    public const string CancelCancelsSubscription = "/invoice/cancel_cancels_subscription";
    public const string BalanceInvoice = "/invoice/balance_invoice";
    public const string ResourceRecovery = "/recovery/resources";

    /// <summary>A rung's offset; rungs count from 1, the array from 0.</summary>
    public static string Retry(int rung) => string.Create(CultureInfo.InvariantCulture, $"/collection/retry_after/{rung - 1}");

    public static string When(int severity) => Of(severity, "when");

    public static string OnEnter(int severity) => Of(severity, "on_enter");

    public static string RequiresNotice(int severity, int index) => Of(severity, string.Create(CultureInfo.InvariantCulture, $"requires_notice/{index}"));

    private static string Of(int severity, string part) => string.Create(CultureInfo.InvariantCulture, $"/standings/{severity}/{part}");
}
