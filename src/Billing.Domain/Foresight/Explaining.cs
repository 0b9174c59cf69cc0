using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>Explains an account's standing from its facts and its policy's rules.</summary>
public static class Explaining
{
    /// <summary>Why an account stands as it stands at an instant; <see langword="null"/> where it does not exist.</summary>
    public static Explanation? Of(AccountState account, PolicyBook policies, Instant now)
    {
        if (account.Profile is null) return null;
        var reached = StandingRecorder.At(account, policies, now);
        var version = Standings.PolicyOf(reached, policies);
        var explanation = new Explanation
        {
            At = now,
            Standing = new StandingStep(reached.StandingName, reached.Standing!.Since),
            Policy = version,
            Episode = reached.Episode,
            Invoices = [.. Gate.Unpaid(reached).OldestFirst().Select(invoice => new ExplainedInvoice(invoice.Id, invoice.Number, invoice.DueAt, invoice.UnpaidSince!.Value, invoice.Due, invoice.ReservedBy))],
            Standings = [.. StandingsOf(reached, policies, version, now)],
            HeldOff = [.. HeldOffBy(reached, now)],
            Holds = reached.Holds,
            Subscriptions = [.. reached.Subscriptions.Where(item => item.Status != SubscriptionStatus.Cancelled).Select(item => SubscriptionOf(reached, item))],
        };
        return explanation with { Sentences = [.. new ExplanationText(explanation, reached, policies).Sentences()] };
    }

    private static IEnumerable<ExplainedStanding> StandingsOf(AccountState reached, PolicyBook policies, PolicyRef version, Instant now)
    {
        var policy = policies[version];
        var present = policy.SeverityOf(reached.StandingName);
        var steps = Forecast.Of(reached, policies, now)!.Entries.Where(entry => entry is { Kind: "standing.changed", Rule: not null }).ToArray();
        for (var severity = 0; severity < policy.Standings.Length; severity++)
        {
            var rule = policy.Standings[severity];
            var entered = reached.Standing!.Entered.FirstOrDefault(entry => string.Equals(entry.Name, rule.Name, StringComparison.Ordinal))?.EffectiveAt;
            var step = steps.FirstOrDefault(entry => string.Equals(entry.Standing, rule.Name, StringComparison.Ordinal))?.At;
            yield return new ExplainedStanding(
                rule.Name,
                severity < present ? "milder" : severity == present ? "present" : "worse",
                new RuleRef(version, PolicyPaths.When(severity)),
                severity <= present ? entered : step,
                [.. ConditionText.Parts(rule.When).Select(leaf => ConditionOf(reached, policies, rule, leaf, now))],
                severity <= present ? [] : [.. WaitsOf(reached, policies, rule, now)]);
        }
    }

    private static ExplainedCondition ConditionOf(AccountState reached, PolicyBook policies, StandingRule rule, Condition leaf, Instant now)
    {
        // A leaf is asked as if it were all of the standing's condition: the same clock, the same answer.
        var alone = rule with { When = leaf };
        var from = Standings.HoldsFrom(reached, alone, policies);
        var holds = from <= now;
        return new ExplainedCondition(
            ConditionText.Written(leaf, reached.Currency), holds, holds ? from : Standings.HoldsFrom(Forecasts.From(reached, policies, now), alone, policies),
            holds ? [.. Gate.Unpaid(reached).OldestFirst().Where(invoice => RestsOn(reached, policies, leaf, invoice, now)).Select(invoice => invoice.Id)] : []);
    }

    private static bool RestsOn(AccountState reached, PolicyBook policies, Condition leaf, OpenInvoice invoice, Instant now) => leaf switch
    {
        Condition.UnpaidFor c => invoice.UnpaidSince + c.For <= now,
        Condition.CollectionFailed => invoice.CollectionFailedFrom(reached) <= now,
        Condition.RetriesExhausted => invoice.ExhaustedFrom(reached, policies) <= now,
        Condition.HardDeclined => invoice.HardDeclinedAt <= now,
        Condition.UnpaidInvoices or Condition.UnpaidBalance => true,
        _ => false,
    };

    /// <summary>What a step would still wait for when its condition holds.</summary>
    private static IEnumerable<HeldOff> WaitsOf(AccountState reached, PolicyBook policies, StandingRule rule, Instant now)
    {
        if (rule.Deletes)
        {
            foreach (var payment in reached.Payments.Where(payment => payment.IsLive)) yield return new HeldOff("live_payment", payment.Id, null, null);
            foreach (var dispute in reached.Disputes) yield return new HeldOff("dispute", dispute.Payment, dispute.OpenedAt, null);
            foreach (var hold in reached.Holds.Where(hold => hold.Category == HoldCategory.Legal)) yield return new HeldOff("legal_hold", null, hold.Since, null);
            if (DeletionPulls.Waits(reached, policies) is { } pull && Standings.HoldsFrom(reached, rule, policies) <= now) yield return new HeldOff("pull", pull.Gateway, pull.Since, null);
        }

        if (Standings.HoldsFrom(reached, rule, policies) is null) yield break;
        foreach (var required in rule.RequiresNotice)
        {
            var sent = reached.Notices.FirstOrDefault(notice => string.Equals(notice.Standing, rule.Name, StringComparison.Ordinal) && string.Equals(notice.Notice, required.Notice, StringComparison.Ordinal));
            var enough = sent?.DeliveredAt + required.AtLeast;
            if (enough is null || enough > now) yield return new HeldOff("notice", required.Notice, sent?.PromisedAt, enough);
        }
    }

    /// <summary>What keeps all steps off.</summary>
    private static IEnumerable<HeldOff> HeldOffBy(AccountState reached, Instant now)
    {
        if (reached.Controls.EnforcementOffSince is { } off) yield return new HeldOff("enforcement_off", null, off, null);
        if (reached.Extension is { } extension) yield return new HeldOff("extension", null, null, extension.Until);
        foreach (var payment in reached.Invoices.Where(invoice => invoice.IsHeldAt(now)).GroupBy(invoice => invoice.ReservedBy!, StringComparer.Ordinal))
        {
            yield return new HeldOff("live_payment", payment.Key, null, payment.Max(invoice => invoice.HoldUntil));
        }
    }

    private static ExplainedSubscription SubscriptionOf(AccountState reached, Subscription item)
    {
        var view = SubscriptionView.Of(reached, item);
        return new ExplainedSubscription(item.Id, view.Status, view.NextBillingAt, [.. reached.Invoices.Where(invoice => invoice.Subscriptions.Contains(item.Id, StringComparer.Ordinal)).OldestFirst().Select(invoice => invoice.Id)]);
    }
}
