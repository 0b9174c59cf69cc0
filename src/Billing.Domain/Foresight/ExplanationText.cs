using System.Globalization;
using NodaTime;

namespace Billing.Domain;

/// <summary>An explanation in words, as a colleague would give it: short, exact, dates in UTC.</summary>
internal sealed class ExplanationText(Explanation explanation, AccountState reached, PolicyBook policies)
{
    private readonly Policy _policy = policies[explanation.Policy];

    /// <summary>The sentences, what matters most first.</summary>
    public IEnumerable<string> Sentences() =>
        [Present(), .. Because(), .. explanation.Invoices.Select(Unpaid), .. Pending(), .. explanation.HeldOff.Select(HeldOff), .. Ahead(), .. WayOut(), .. Subscriptions(), .. explanation.Holds.Select(Held)];

    private string Present()
    {
        var version = string.Create(CultureInfo.InvariantCulture, $"version {explanation.Policy.Version} of policy {explanation.Policy.Id}");
        if (explanation.Standing.Name != StandingRecord.Good) return $"The account has been {explanation.Standing.Name} since {At(explanation.Standing.At)}, under {version}.";
        if (explanation.Invoices.IsEmpty) return $"The account is good: no invoice is unpaid. It follows {version}.";
        return $"The account is good although {Invoices(explanation.Invoices.Length)} unpaid, under {version}.";
    }

    private IEnumerable<string> Because()
    {
        if (explanation.Standings.FirstOrDefault(item => item.Place == "present") is not { } present) yield break;
        var parts = ConditionText.Parts(_policy.Standings[_policy.SeverityOf(present.Standing)].When);
        var holding = parts.Zip(present.Conditions).Where(pair => pair.Second.Holds).ToArray();
        // A recorded entry is a fact; what it rested on may have been mended in part, while live payments keep it where it is.
        if (holding.Length == 0) yield return $"What made it {present.Standing} does not hold any more; it stays so until the payments under way have ended.";
        foreach (var (leaf, told) in holding)
        {
            var since = told.From is { } from && leaf is not (Condition.Tagged or Condition.Not) ? $", from {At(from)} on" : "";
            yield return $"It is {present.Standing} because {ConditionText.Because(leaf, reached.Currency)}{since}{Resting(told)}.";
        }
    }

    private string Resting(ExplainedCondition condition) => condition.Invoices.IsEmpty ? "" : $" ({string.Join(", ", condition.Invoices.Select(NumberOf))})";

    private string NumberOf(string invoice) => explanation.Invoices.First(item => string.Equals(item.Id, invoice, StringComparison.Ordinal)).Number;

    private static string Unpaid(ExplainedInvoice invoice) =>
        $"Invoice {invoice.Number} has been unpaid since {At(invoice.UnpaidSince)}: {invoice.AmountDue} is due on it.";

    private IEnumerable<string> Pending() => reached.Invoices.Where(invoice => invoice is { UnpaidSince: null, IsWrittenOff: false }).OldestFirst()
        .Select(invoice => invoice.IsSmall(policies)
            ? $"Invoice {invoice.Number} counts for nothing yet: {invoice.Due} is below the policy's minimum and goes with the next charge."
            : $"Invoice {invoice.Number} is open and not unpaid: {invoice.Due}, due {At(invoice.DueAt)}.");

    private static string HeldOff(HeldOff reason) => reason.Kind switch
    {
        "enforcement_off" => $"Enforcement has been off since {At(reason.Since!.Value)}: invoices go on counting, and no step is taken.",
        "extension" => $"An extension runs until {At(reason.Until!.Value)}: until then nothing gets worse and nothing is cancelled.",
        _ => $"Payment {reason.Subject} is under way: nothing gets worse for what it pays{(reason.Until is { } until ? $" until {At(until)}" : "")}.",
    };

    private IEnumerable<string> Ahead()
    {
        if (explanation.Invoices.IsEmpty && reached.Invoices.IsEmpty) yield break;
        foreach (var worse in explanation.Standings.Where(item => item.Place == "worse"))
        {
            if (worse.At is { } at) yield return $"If nothing is paid it becomes {worse.Standing} on {At(at)}.";
            else if (worse.Waits.Any(IsOpen)) yield return $"It does not become {worse.Standing} as long as {string.Join(" and ", worse.Waits.Where(IsOpen).Select(Wait))}.";
            foreach (var pull in worse.Waits.Where(wait => wait.Kind == "pull")) yield return $"The step to {worse.Standing} waits until the books of {pull.Subject}, as they are after {At(pull.Since!.Value)}, have been compared with ours.";
            foreach (var notice in worse.Waits.Where(wait => wait.Kind == "notice")) yield return Notice(worse.Standing, notice);
        }
    }

    /// <summary>Whether it is something that a forecast does not take as done.</summary>
    private static bool IsOpen(HeldOff reason) => reason.Kind is not ("notice" or "pull");

    private static string Wait(HeldOff reason) => reason.Kind switch
    {
        "dispute" => $"payment {reason.Subject} is disputed",
        "legal_hold" => "a legal hold stands",
        _ => $"payment {reason.Subject} is under way",
    };

    private static string Notice(string standing, HeldOff notice) => notice switch
    {
        { Until: { } until } => $"The notice {notice.Subject} was delivered; the step to {standing} waits until {At(until)} for it.",
        { Since: { } since } => $"The notice {notice.Subject} was sent on {At(since)} and its delivery is not proved; the step to {standing} waits for that.",
        _ => $"Before it becomes {standing} the notice {notice.Subject} has to be delivered; it is not sent yet.",
    };

    private IEnumerable<string> WayOut()
    {
        if (explanation.Standing.Name == StandingRecord.Good || explanation.Invoices.IsEmpty) yield break;
        var sum = explanation.Invoices.Sum(reached.Currency, invoice => invoice.AmountDue);
        yield return $"Paying all that is unpaid, {sum}, makes the standing good at once.";
    }

    private IEnumerable<string> Subscriptions() => explanation.Subscriptions.Select(item => item.Status switch
    {
        SubscriptionStatus.Incomplete => $"Subscription {item.Id} is incomplete: {(item.Invoices.IsEmpty ? "its first invoice is not issued yet" : "it begins when its first invoice is paid")}.",
        SubscriptionStatus.PastDue => $"Subscription {item.Id} is past due: an invoice of its own is unpaid{Next(item, "; it is billed next on")}.",
        _ => $"Subscription {item.Id} is active{Next(item, "; it is billed next on")}.",
    });

    private static string Next(ExplainedSubscription item, string words) => item.NextBillingAt is { } at ? $"{words} {At(at)}" : "";

    private static string Held(Hold hold)
    {
        var what = hold.Deny.Contains("*", StringComparer.Ordinal) ? "everything" : string.Join(", ", hold.Deny);
        return $"A {Holds.Name(hold.Category)} hold has denied {what} since {At(hold.Since)}: \"{hold.Reason}\". Paying does not lift it.";
    }

    private static string Invoices(int count) => count == 1 ? "an invoice is" : string.Create(CultureInfo.InvariantCulture, $"{count} invoices are");

    private static string At(Instant at) => ConditionText.At(at);
}
