using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Why an account stands as it stands: fact → rule → instant, as data and in words.</summary>
public sealed record Explanation
{
    /// <summary>The instant that it is about.</summary>
    public required Instant At { get; init; }

    /// <summary>The standing, and since when.</summary>
    public required StandingStep Standing { get; init; }

    /// <summary>The policy version that decides: the episode's while one runs.</summary>
    public required PolicyRef Policy { get; init; }

    /// <summary>The dunning episode.</summary>
    public Episode? Episode { get; init; }

    /// <summary>All of it in words, what matters most first.</summary>
    public ImmutableArray<string> Sentences { get => field.OrEmpty(); init; }

    /// <summary>The unpaid invoices, oldest due first.</summary>
    public ImmutableArray<ExplainedInvoice> Invoices { get => field.OrEmpty(); init; }

    /// <summary>Every standing of the policy, mild to severe.</summary>
    public ImmutableArray<ExplainedStanding> Standings { get => field.OrEmpty(); init; }

    /// <summary>What keeps the standing from being worse than the invoices alone would make it.</summary>
    public ImmutableArray<HeldOff> HeldOff { get => field.OrEmpty(); init; }

    /// <summary>The holds. Paying does not lift them.</summary>
    public ImmutableArray<Hold> Holds { get => field.OrEmpty(); init; }

    /// <summary>The subscriptions that have not ended.</summary>
    public ImmutableArray<ExplainedSubscription> Subscriptions { get => field.OrEmpty(); init; }
}

/// <summary>An unpaid invoice.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="DueAt">When it was due.</param>
/// <param name="UnpaidSince">Since when it is unpaid.</param>
/// <param name="AmountDue">What is due on it.</param>
/// <param name="Payment">The live payment that has it reserved.</param>
public sealed record ExplainedInvoice(string Id, string Number, Instant DueAt, Instant UnpaidSince, Money AmountDue, string? Payment);

/// <summary>A standing of the policy, and how the account is placed towards it.</summary>
/// <param name="Standing">Its name.</param>
/// <param name="Place"><c>milder</c> than the present one, <c>present</c>, or <c>worse</c>.</param>
/// <param name="Rule">Its condition, in the policy's document.</param>
/// <param name="At">Of the present and a milder one: since when the account is continuously at it or a worse one. Of a worse one: when it is entered if nothing is paid.</param>
/// <param name="Conditions">The single conditions that it is made of.</param>
/// <param name="Waits">What its step waits for.</param>
public sealed record ExplainedStanding(string Standing, string Place, RuleRef Rule, Instant? At, ImmutableArray<ExplainedCondition> Conditions, ImmutableArray<HeldOff> Waits)
{
    /// <summary>The single conditions that it is made of.</summary>
    public ImmutableArray<ExplainedCondition> Conditions { get => field.OrEmpty(); init; } = Conditions;

    /// <summary>What its step waits for.</summary>
    public ImmutableArray<HeldOff> Waits { get => field.OrEmpty(); init; } = Waits;
}

/// <summary>A single condition.</summary>
/// <param name="Condition">In the policy's language: <c>unpaid_for 30d</c>.</param>
/// <param name="Holds">Whether it holds now.</param>
/// <param name="From">From when it holds, or will if nothing is paid; none where nothing ahead makes it so.</param>
/// <param name="Invoices">The ids of the invoices on which it rests.</param>
public sealed record ExplainedCondition(string Condition, bool Holds, Instant? From, ImmutableArray<string> Invoices)
{
    /// <summary>The ids of the invoices on which it rests.</summary>
    public ImmutableArray<string> Invoices { get => field.OrEmpty(); init; } = Invoices;
}

/// <summary>A reason why nothing gets worse for now.</summary>
/// <param name="Kind"><c>live_payment</c>, <c>extension</c>, <c>enforcement_off</c>, <c>dispute</c>, <c>legal_hold</c>, <c>pull</c>, <c>notice</c>.</param>
/// <param name="Subject">What it is about: a payment, a gateway, a notice.</param>
/// <param name="Since">Since when, where that is known.</param>
/// <param name="Until">Until when; none where that is open.</param>
public sealed record HeldOff(string Kind, string? Subject, Instant? Since, Instant? Until);

/// <summary>A subscription, and what it waits for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">How it stands.</param>
/// <param name="NextBillingAt">When it is billed next; none while it waits for money.</param>
/// <param name="Invoices">The ids of its open invoices.</param>
public sealed record ExplainedSubscription(string Id, SubscriptionStatus Status, Instant? NextBillingAt, ImmutableArray<string> Invoices)
{
    /// <summary>The ids of its open invoices.</summary>
    public ImmutableArray<string> Invoices { get => field.OrEmpty(); init; } = Invoices;
}
