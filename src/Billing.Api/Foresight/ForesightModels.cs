using Billing.Api.Accounts;

namespace Billing.Api.Foresight;

/// <summary>The rule from which something follows.</summary>
/// <param name="Policy">The policy version.</param>
/// <param name="Path">Where in its document, a JSON Pointer: <c>/standings/1/when</c>. The document may leave it out; then the default counts.</param>
/// <param name="Source">The sentence that it comes from, where the document carries one there or around it.</param>
public sealed record RuleResponse(PolicyRefResponse Policy, string Path, string? Source)
{
    internal static RuleResponse? Of(RuleRef? rule, PolicySources sources) => rule is null ? null : new(PolicyRefResponse.Of(rule.Policy), rule.Path, sources.Find(rule));
}

/// <summary>Something that will happen if nothing is paid. A field that does not apply is <c>null</c>.</summary>
/// <param name="At">When.</param>
/// <param name="Kind">The type of the event that will be recorded: <c>standing.changed</c>, <c>invoice.unpaid</c>, <c>invoice.cancelled</c>, <c>rung.ended</c>, <c>subscription.renewed</c>, <c>notice.sent</c>, <c>resource.ordered</c>, <c>credit.expired</c>, …; and <c>extension.ended</c>.</param>
/// <param name="Rule">The rule from which it follows.</param>
/// <param name="Standing">The standing that is entered, or whose entry gives an order.</param>
/// <param name="Before">The standing before it.</param>
/// <param name="Invoice">The invoice.</param>
/// <param name="Rung">The planned attempt: 0 is the first.</param>
/// <param name="Result">How that ends: <c>failed</c>; <c>skipped</c> where no method may be used.</param>
/// <param name="Amount">What is due, invoiced or expires, in minor units.</param>
/// <param name="Subscription">The subscription.</param>
/// <param name="Resource">The resource.</param>
/// <param name="Action">What the resource is told: <c>stop</c>, <c>delete</c>, <c>start</c>.</param>
/// <param name="Notice">The notice that is sent.</param>
/// <param name="Credit">The credit that expires.</param>
public sealed record ForecastEntryResponse(
    Instant At, string Kind, RuleResponse? Rule, string? Standing, string? Before, string? Invoice, int? Rung, string? Result, long? Amount, string? Subscription, string? Resource, string? Action, string? Notice, string? Credit)
{
    internal static ForecastEntryResponse Of(ForecastEntry entry, PolicySources sources) => new(
        entry.At, entry.Kind, RuleResponse.Of(entry.Rule, sources), entry.Standing, entry.Before, entry.Invoice, entry.Rung, entry.Result, entry.Amount?.MinorUnits, entry.Subscription, entry.Resource, entry.Action, entry.Notice, entry.Credit);
}

/// <summary>The dated future of an account if nothing is paid.</summary>
/// <param name="Account">The account.</param>
/// <param name="From">Now, on the account's own clock.</param>
/// <param name="Until">Up to when it is told: 400 days ahead, or the last entry's instant where it is truncated.</param>
/// <param name="Truncated">Whether it ends early because it has 400 entries.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Data">What will happen, the earliest first.</param>
public sealed record ForecastResponse(string Account, Instant From, Instant Until, bool Truncated, string Currency, IReadOnlyList<ForecastEntryResponse> Data);

/// <summary>An unpaid invoice.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Its number.</param>
/// <param name="DueAt">When it was due.</param>
/// <param name="UnpaidSince">Since when it is unpaid.</param>
/// <param name="AmountDue">What is due on it, in minor units.</param>
/// <param name="Payment">The payment under way for it.</param>
public sealed record ExplainedInvoiceResponse(string Id, string Number, Instant DueAt, Instant UnpaidSince, long AmountDue, string? Payment)
{
    internal static ExplainedInvoiceResponse Of(ExplainedInvoice invoice) => new(invoice.Id, invoice.Number, invoice.DueAt, invoice.UnpaidSince, invoice.AmountDue.MinorUnits, invoice.Payment);
}

/// <summary>A single condition of a standing.</summary>
/// <param name="Condition">In the policy's language: <c>unpaid_for 30d</c>.</param>
/// <param name="Holds">Whether it holds now.</param>
/// <param name="From">From when it holds, or will if nothing is paid; <c>null</c> where nothing in sight makes it so.</param>
/// <param name="Invoices">The invoices on which it rests.</param>
public sealed record ExplainedConditionResponse(string Condition, bool Holds, Instant? From, IReadOnlyList<string> Invoices)
{
    internal static ExplainedConditionResponse Of(ExplainedCondition condition) => new(condition.Condition, condition.Holds, condition.From, condition.Invoices);
}

/// <summary>A reason why nothing gets worse for now.</summary>
/// <param name="Kind"><c>live_payment</c>, <c>extension</c>, <c>enforcement_off</c>, <c>dispute</c>, <c>legal_hold</c>, <c>pull</c>, <c>notice</c>.</param>
/// <param name="Subject">The payment, the gateway or the notice that it is about.</param>
/// <param name="Since">Since when.</param>
/// <param name="Until">Until when; <c>null</c> where that is open.</param>
public sealed record HeldOffResponse(string Kind, string? Subject, Instant? Since, Instant? Until)
{
    internal static HeldOffResponse Of(HeldOff reason) => new(reason.Kind, reason.Subject, reason.Since, reason.Until);
}

/// <summary>A standing of the account's policy.</summary>
/// <param name="Standing">Its name.</param>
/// <param name="Place"><c>milder</c> than the present one, <c>present</c>, or <c>worse</c>.</param>
/// <param name="Rule">Its condition.</param>
/// <param name="At">Of the present and a milder one: since when the account is continuously at it or a worse one. Of a worse one: when it is entered if nothing is paid; <c>null</c> where that is not in sight.</param>
/// <param name="Conditions">What its condition is made of.</param>
/// <param name="Waits">What its step waits for.</param>
public sealed record ExplainedStandingResponse(
    string Standing, string Place, RuleResponse Rule, Instant? At, IReadOnlyList<ExplainedConditionResponse> Conditions, IReadOnlyList<HeldOffResponse> Waits)
{
    internal static ExplainedStandingResponse Of(ExplainedStanding standing, PolicySources sources) => new(
        standing.Standing, standing.Place, RuleResponse.Of(standing.Rule, sources)!, standing.At,
        [.. standing.Conditions.Select(ExplainedConditionResponse.Of)], [.. standing.Waits.Select(HeldOffResponse.Of)]);
}

/// <summary>A subscription that has not ended.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Status">How it stands.</param>
/// <param name="NextBillingAt">When it is billed next; <c>null</c> while it waits for money.</param>
/// <param name="Invoices">Its open invoices.</param>
public sealed record ExplainedSubscriptionResponse(string Id, SubscriptionStatus Status, Instant? NextBillingAt, IReadOnlyList<string> Invoices)
{
    internal static ExplainedSubscriptionResponse Of(ExplainedSubscription item) => new(item.Id, item.Status, item.NextBillingAt, item.Invoices);
}

/// <summary>Why an account stands as it stands: fact, rule, instant.</summary>
/// <param name="Account">The account.</param>
/// <param name="At">The instant that it is about, on the account's own clock.</param>
/// <param name="Standing"><c>good</c>, or one of the policy's standings.</param>
/// <param name="StandingSince">Since when it holds.</param>
/// <param name="Policy">The policy version that decides.</param>
/// <param name="Episode">The dunning episode, while any invoice is unpaid.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Sentences">All of it in words, what matters most first; instants in UTC.</param>
/// <param name="Invoices">The unpaid invoices, oldest due first.</param>
/// <param name="Standings">Every standing of the policy, mild to severe.</param>
/// <param name="HeldOff">What keeps the standing from getting worse.</param>
/// <param name="Holds">Reasons other than not paying why operations are denied.</param>
/// <param name="Subscriptions">The subscriptions that have not ended.</param>
public sealed record ExplanationResponse(
    string Account, Instant At, string Standing, Instant StandingSince, PolicyRefResponse Policy, EpisodeResponse? Episode, string Currency, IReadOnlyList<string> Sentences,
    IReadOnlyList<ExplainedInvoiceResponse> Invoices, IReadOnlyList<ExplainedStandingResponse> Standings, IReadOnlyList<HeldOffResponse> HeldOff, IReadOnlyList<HoldResponse> Holds,
    IReadOnlyList<ExplainedSubscriptionResponse> Subscriptions)
{
    internal static ExplanationResponse Of(AccountProfile account, Explanation told, PolicySources sources) => new(
        account.Id, told.At, told.Standing.Name, told.Standing.At, PolicyRefResponse.Of(told.Policy),
        told.Episode is { } episode ? new EpisodeResponse(episode.Since, PolicyRefResponse.Of(episode.Policy)) : null, account.Currency!.Value.Code, told.Sentences,
        [.. told.Invoices.Select(ExplainedInvoiceResponse.Of)], [.. told.Standings.Select(standing => ExplainedStandingResponse.Of(standing, sources))],
        [.. told.HeldOff.Select(HeldOffResponse.Of)], [.. told.Holds.Select(HoldResponse.Of)], [.. told.Subscriptions.Select(ExplainedSubscriptionResponse.Of)]);
}
