using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace Billing.Domain;

/// <summary>
/// What the gate is asked about: dotted names. The house knows those below; a policy adds others by denying them. One that
/// nobody knows is an error, never an answer.
/// </summary>
public static partial class Operations
{
    /// <summary>To buy something.</summary>
    public const string Purchase = "purchase";

    /// <summary>To take out a subscription.</summary>
    public const string SubscriptionCreate = "subscription.create";

    /// <summary>To move a subscription to a larger plan.</summary>
    public const string SubscriptionUpgrade = "subscription.upgrade";

    /// <summary>To change a subscription.</summary>
    public const string SubscriptionModify = "subscription.modify";

    /// <summary>To move a subscription to a smaller plan.</summary>
    public const string SubscriptionDowngrade = "subscription.downgrade";

    /// <summary>To end a subscription. Never denied: it leaves.</summary>
    public const string SubscriptionCancel = "subscription.cancel";

    /// <summary>To change the billing profile.</summary>
    public const string BillingProfileUpdate = "billing_profile.update";

    /// <summary>To put a payment method on file. Never denied: it enables paying.</summary>
    public const string PaymentMethodAdd = "payment_method.add";

    /// <summary>To take a payment method off file.</summary>
    public const string PaymentMethodRemove = "payment_method.remove";

    /// <summary>To pay. Never denied.</summary>
    public const string PaymentCreate = "payment.create";

    /// <summary>To see what is owed. Never denied: it enables paying.</summary>
    public const string InvoiceRead = "invoice.read";

    /// <summary>To make a resource.</summary>
    public const string ResourceCreate = "resource.create";

    /// <summary>To look at a resource.</summary>
    public const string ResourceRead = "resource.read";

    /// <summary>To change a resource.</summary>
    public const string ResourceModify = "resource.modify";

    /// <summary>To turn a resource on.</summary>
    public const string ResourcePowerOn = "resource.power_on";

    /// <summary>To delete a resource. Never denied: it leaves.</summary>
    public const string ResourceDelete = "resource.delete";

    /// <summary>To reach stored objects.</summary>
    public const string StorageAccess = "storage.access";

    /// <summary>To use credits that were bought.</summary>
    public const string CreditsUse = "credits.use";

    /// <summary>To take one's data out. Never denied: it leaves.</summary>
    public const string DataExport = "data.export";

    /// <summary>To log in. Never denied: a suspended one carries a redirect to the payment page.</summary>
    public const string Login = "login";

    /// <summary>To close the account. Never denied: it leaves.</summary>
    public const string AccountClose = "account.close";

    /// <summary>The operations that every installation knows.</summary>
    public static FrozenSet<string> House { get; } = FrozenSet.ToFrozenSet(
        [
            Purchase, SubscriptionCreate, SubscriptionUpgrade, SubscriptionModify, SubscriptionDowngrade, SubscriptionCancel,
            BillingProfileUpdate, PaymentMethodAdd, PaymentMethodRemove, PaymentCreate, InvoiceRead, ResourceCreate, ResourceRead,
            ResourceModify, ResourcePowerOn, ResourceDelete, StorageAccess, CreditsUse, DataExport, Login, AccountClose,
        ],
        StringComparer.Ordinal);

    /// <summary>
    /// What no policy may deny for not paying: what pays, what enables paying, what leaves. Owing money must never make it
    /// impossible to pay.
    /// </summary>
    public static FrozenSet<string> NeverDenied { get; } = FrozenSet.ToFrozenSet(
        [PaymentCreate, PaymentMethodAdd, InvoiceRead, DataExport, SubscriptionCancel, ResourceDelete, Login, AccountClose],
        StringComparer.Ordinal);

    /// <summary>Whether this can name an operation: <c>[a-z][a-z0-9_]*(\.[a-z0-9_]+)*</c>, at most <see cref="PolicyBounds.NameLength"/> characters.</summary>
    public static bool IsWellFormed(string? operation) => operation is { Length: <= PolicyBounds.NameLength } && (House.Contains(operation) || Pattern().IsMatch(operation));

    [GeneratedRegex(@"\A[a-z][a-z0-9_]*(\.[a-z0-9_]+)*\z", RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Pattern();
}
