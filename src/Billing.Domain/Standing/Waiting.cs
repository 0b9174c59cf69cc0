using NodaTime;

namespace Billing.Domain;

/// <summary>Deletions and cancellations that wait for money that may be moving, a dispute or a legal hold; after 30 days a human looks.</summary>
internal static class Waiting
{
    private const string Deletion = "deletion_waits";
    private const string Cancellation = "cancellation_waits";

    private static readonly Duration Most = Duration.FromDays(30);

    /// <summary>What will have waited too long, and when.</summary>
    public static IEnumerable<TimelineEvent.WaitsTooLong> TooLong(AccountState account, PolicyBook policies)
    {
        if (account.Controls.EnforcementOffSince is not null || account.Attention.Length >= AttentionRules.Most) yield break;
        var deletions = Deletions.WaitsForFacts(account) ? Standings.Ahead(account, policies).Where(rule => rule.Deletes) : [];
        foreach (var rule in deletions.Where(rule => !IsRaised(account, Deletion, rule.Name)))
        {
            if (Standings.HoldsFrom(account, rule, policies) is { } from) yield return new TimelineEvent.WaitsTooLong(Deletion, rule.Name, from + Most);
        }

        foreach (var invoice in account.Invoices.Where(invoice => Cancellations.Waits(account, invoice) && !IsRaised(account, Cancellation, invoice.Id)))
        {
            if (invoice.CancelAt(policies) is { } at) yield return new TimelineEvent.WaitsTooLong(Cancellation, invoice.Id, at + Most);
        }
    }

    /// <summary>Puts it on the list of what needs a human.</summary>
    public static void Raise(AccountDraft draft, TimelineEvent.WaitsTooLong waiting) => AttentionRules.Raise(
        draft,
        waiting.Kind,
        waiting.Subject,
        waiting.Kind == Deletion ? $"The step to '{waiting.Subject}' has waited for 30 days." : "The cancellation of this invoice has waited for 30 days.",
        "Settle what it waits for: a payment without an outcome, an open dispute, a legal hold.");

    /// <summary>What has gone on, or need not wait any more, is taken off the list.</summary>
    public static void Clear(AccountDraft draft)
    {
        foreach (var entry in draft.State.Attention.Where(entry => entry.Kind is Deletion or Cancellation))
        {
            var stillWaits = entry.Kind == Deletion
                ? Deletions.WaitsForFacts(draft.State) && Standings.Ahead(draft.State, draft.Policies).Any(rule => string.Equals(rule.Name, entry.Subject, StringComparison.Ordinal))
                : draft.State.Invoices.Find(entry.Subject) is { } invoice && Cancellations.Waits(draft.State, invoice);
            if (!stillWaits) AttentionRules.Clear(draft, entry.Kind, entry.Subject);
        }
    }

    private static bool IsRaised(AccountState account, string kind, string subject) =>
        account.Attention.Any(entry => string.Equals(entry.Kind, kind, StringComparison.Ordinal) && string.Equals(entry.Subject, subject, StringComparison.Ordinal));
}
