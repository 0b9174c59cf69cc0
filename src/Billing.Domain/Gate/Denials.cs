using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>One thing that denies an operation.</summary>
/// <param name="Code">The problem code that it gives.</param>
/// <param name="Message">What the caller is told.</param>
/// <param name="Blocker">What stands in the way.</param>
internal sealed record Denial(string Code, string Message, Blocker Blocker);

/// <summary>
/// Everything that denies an operation, what comes first first: the holds (legal, fraud, dispute, manual), nonpayment, and
/// the want of a subscription. Paying lifts nonpayment alone.
/// </summary>
internal static class Denials
{
    /// <summary>The category that is derived from what is owed.</summary>
    public const string Nonpayment = "nonpayment";

    /// <summary>The category, and the code, of an operation that needs a subscription that runs.</summary>
    public const string SubscriptionRequired = "subscription_required";

    /// <summary>What denies an operation to an account whose facts are on record up to now.</summary>
    /// <param name="rule">The present standing's; <see langword="null"/> where it is good.</param>
    public static ImmutableArray<Denial> Of(AccountState reached, PolicyBook policies, Policy policy, StandingRule? rule, string operation, Instant now)
    {
        // Nearly always: nothing stands in the way, and nothing has to be made to say so.
        if (rule is null && reached.Holds.IsEmpty && !NeedsSubscription(policy, operation)) return [];
        var denials = ImmutableArray.CreateBuilder<Denial>();
        denials.AddRange(reached.Holds.Where(hold => hold.Denies(operation)).OrderBy(hold => hold.Category).Select(Held));
        if (IsDenied(reached, rule, operation)) denials.Add(NotPaid(reached, policies, rule!, operation, now));
        if (NeedsSubscription(policy, operation) && !reached.Subscriptions.Any(subscription => IsRunning(reached, subscription))) denials.Add(NotSubscribed());
        return denials.ToImmutable();
    }

    private static Denial Held(Hold hold) => new($"hold_{Holds.Name(hold.Category)}", hold.Reason, new Blocker(Holds.Name(hold.Category), [], hold.Reason));

    private static Denial NotPaid(AccountState reached, PolicyBook policies, StandingRule rule, string operation, Instant now)
    {
        var invoices = Blocking(reached, policies, operation, now).Select(invoice => new BlockingInvoice(invoice.Id, invoice.Number, invoice.Due));
        return new Denial(rule.Code, rule.Message, new Blocker(Nonpayment, [.. invoices], $"The account is {rule.Name}."));
    }

    private static Denial NotSubscribed()
    {
        const string Message = "This needs a subscription that is active or past due.";
        return new Denial(SubscriptionRequired, Message, new Blocker(SubscriptionRequired, [], Message));
    }

    /// <summary>Whatever a policy says, what pays, enables paying or leaves is never denied for not paying.</summary>
    private static bool IsDenied(AccountState account, StandingRule? rule, string operation) =>
        rule is not null && !Operations.NeverDenied.Contains(operation) && rule.Denies(operation, account.Existing.Tags);

    private static bool NeedsSubscription(Policy policy, string operation) =>
        !policy.RequiresSubscription.IsEmpty && policy.RequiresSubscription.Contains(operation, StringComparer.Ordinal) && !Operations.NeverDenied.Contains(operation);

    private static bool IsRunning(AccountState account, Subscription subscription) =>
        SubscriptionView.StatusOf(account, subscription) is SubscriptionStatus.Active or SubscriptionStatus.PastDue;

    /// <summary>
    /// Of all unpaid invoices, newest first, each without which paying the rest still lifts the denial is left out; what
    /// remains, oldest first, is what the denial rests on.
    /// </summary>
    private static ImmutableArray<OpenInvoice> Blocking(AccountState reached, PolicyBook policies, string operation, Instant now)
    {
        ImmutableArray<OpenInvoice> toPay = [.. Gate.Unpaid(reached).OldestFirst()];
        for (var i = toPay.Length - 1; i >= 0; i--)
        {
            var fewer = toPay.RemoveAt(i);
            if (!IsDeniedAfterPaying(reached, policies, operation, fewer, now)) toPay = fewer;
        }

        return toPay;
    }

    private static bool IsDeniedAfterPaying(AccountState reached, PolicyBook policies, string operation, ImmutableArray<OpenInvoice> paid, Instant now)
    {
        var after = reached with { Invoices = reached.Invoices.RemoveRange(paid) };
        var policy = policies[Standings.PolicyOf(after, policies)];
        var severity = policy.SeverityOf(Standings.ValueAt(after, policies, now));
        return IsDenied(after, severity < 0 ? null : policy.Standings[severity], operation);
    }
}
