namespace Billing.Api.Subscriptions;

/// <summary>A subscription to make, or fields of one to change: a field left out is unchanged.</summary>
public sealed record SubscriptionRequest
{
    /// <summary>Your name for what is subscribed, at most 200 characters. Required for a new one.</summary>
    public string? Plan { get; init; }

    /// <summary>What a period costs before tax, in minor units of the account's currency; a new amount counts from the next renewal. Required for a new one.</summary>
    public long? Amount { get; init; }

    /// <summary>When it begins, not before now; left out, now.</summary>
    public Instant? StartsAt { get; init; }
}

/// <summary>How to end a subscription.</summary>
public sealed record SubscriptionCancelRequest
{
    /// <summary>Whether its open invoices are void; left out, they stay owed.</summary>
    public bool? VoidOpen { get; init; }
}

/// <summary>A subscription. Amounts are in minor units.</summary>
/// <param name="Id">The caller's id.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Plan">What is subscribed.</param>
/// <param name="Amount">What a period costs, before tax.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Status"><c>incomplete</c> until its first invoice is paid, <c>past_due</c> while an invoice of its own is unpaid.</param>
/// <param name="StartsAt">When it began or begins.</param>
/// <param name="CurrentPeriodEnd">When the present period ends.</param>
/// <param name="NextBillingAt">When it is billed next.</param>
public sealed record SubscriptionResponse(
    string Id, string Account, string Plan, long Amount, string Currency, SubscriptionStatus Status, Instant StartsAt, Instant? CurrentPeriodEnd, Instant? NextBillingAt)
{
    internal static SubscriptionResponse Of(string account, SubscriptionView view) => new(
        view.Id, account, view.Plan, view.Amount.MinorUnits, view.Amount.Currency.Code, view.Status, view.StartsAt, view.CurrentPeriodEnd, view.NextBillingAt);
}

/// <summary>A charge for the next cycle's invoice.</summary>
public sealed record ChargeRequest
{
    /// <summary>What it is for, at most 500 characters.</summary>
    public required string Description { get; init; }

    /// <summary>How much before tax, 1 to 10¹² minor units of the account's currency.</summary>
    public required long Amount { get; init; }
}

/// <summary>A charge that waits for the next cycle's invoice.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Account">Who is charged.</param>
/// <param name="Description">What it is for.</param>
/// <param name="Amount">How much before tax, in minor units.</param>
/// <param name="Currency">ISO 4217.</param>
public sealed record ChargeResponse(string Id, string Account, string Description, long Amount, string Currency);
