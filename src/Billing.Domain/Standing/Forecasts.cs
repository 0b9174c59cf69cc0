using NodaTime;

namespace Billing.Domain;

/// <summary>From which account the future is told, if nothing is paid.</summary>
internal static class Forecasts
{
    /// <summary>How many events of the future the next step is looked for among; a year of an ordinary account has fewer.</summary>
    public const int MostEvents = 400;

    /// <summary>The decision from which the future is told: planned attempts fail, notices are delivered as they are sent, and gateways have told everything.</summary>
    public static AccountDraft Begin(AccountState reached, PolicyBook policies, Instant now) =>
        new(From(reached, policies, now), now, policies.IfPulled) { IsReading = true, IsForecast = true };

    /// <summary>The account that the future begins with. Nothing of it comes before now, whatever instants the facts name.</summary>
    public static AccountState From(AccountState reached, PolicyBook policies, Instant now)
    {
        var begun = IfNothingIsPaid(reached, policies);
        return begun.Standing is not { } record ? begun : begun with { Standing = record with { AsOf = Instant.Max(record.AsOf, now) } };
    }

    /// <summary>The account with each open invoice as it will be if every planned attempt fails; a deletion finds the brake free.</summary>
    public static AccountState IfNothingIsPaid(AccountState reached, PolicyBook policies) =>
        reached with { DeletionPermit = DeletionPermit.Assumed, Invoices = [.. reached.Invoices.Select(invoice => IfNothingIsPaid(reached, invoice, policies))] };

    /// <summary>While automatic payment is off nothing is attempted, so no attempt fails either; what counts then is the due time.</summary>
    private static OpenInvoice IfNothingIsPaid(AccountState account, OpenInvoice invoice, PolicyBook policies)
    {
        if (account.Controls.AutoPayOffSince is null) return invoice.IfNothingIsPaid(policies);
        return invoice.HoldUntil is null ? invoice with { ReservedBy = null } : invoice;
    }
}
