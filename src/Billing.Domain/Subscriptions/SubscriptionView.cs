using NodaTime;

namespace Billing.Domain;

/// <summary>A subscription as a caller sees it.</summary>
/// <param name="Id">The caller's id.</param>
/// <param name="Plan">What is subscribed.</param>
/// <param name="Amount">What a period costs.</param>
/// <param name="Status">How it stands, past due included.</param>
/// <param name="StartsAt">When it began or begins.</param>
/// <param name="CurrentPeriodEnd">When the present period ends.</param>
/// <param name="NextBillingAt">When it is billed next; none while it waits for money: incomplete, cancelled, or a renewal was passed over.</param>
public sealed record SubscriptionView(
    string Id, string Plan, Money Amount, SubscriptionStatus Status, Instant StartsAt, Instant? CurrentPeriodEnd, Instant? NextBillingAt)
{
    /// <summary>A subscription of an account, at the instant up to which the account is on record.</summary>
    public static SubscriptionView Of(AccountState account, Subscription subscription) => new(
        subscription.Id, subscription.Plan, subscription.Amount, StatusOf(account, subscription), subscription.StartsAt, subscription.PeriodEnd, NextBilling(subscription));

    /// <summary>How it stands: past due is what an active one is while an invoice of its own is unpaid.</summary>
    public static SubscriptionStatus StatusOf(AccountState account, Subscription subscription) =>
        subscription.Status == SubscriptionStatus.Active && account.Invoices.Any(invoice => invoice.UnpaidSince is not null && !invoice.IsWrittenOff && invoice.Subscriptions.Contains(subscription.Id, StringComparer.Ordinal))
            ? SubscriptionStatus.PastDue
            : subscription.Status;

    private static Instant? NextBilling(Subscription subscription) => subscription.Status switch
    {
        SubscriptionStatus.Cancelled => null,
        SubscriptionStatus.Incomplete => subscription.FirstInvoice is null ? subscription.StartsAt : null,
        _ => subscription.IsSkipped ? null : subscription.NextBillingAt,
    };
}
