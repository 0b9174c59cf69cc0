using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Deletions and cancellations that wait for money that may be moving, a dispute or a legal hold: after 30 days a human looks.
/// Steps that wait for the proof of a notice: after 7.
/// </summary>
internal static class Waiting
{
    private const string Deletion = "deletion_waits";
    private const string Cancellation = "cancellation_waits";
    private const string Settle = "Settle what it waits for: a payment without an outcome, an open dispute, a legal hold.";

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

        foreach (var (notice, at) in Notices.TooLong(account)) yield return new TimelineEvent.WaitsTooLong(Notices.Unproved, notice, at);
    }

    /// <summary>Puts it on the list of what needs a human.</summary>
    public static void Raise(AccountDraft draft, TimelineEvent.WaitsTooLong waiting)
    {
        var (what, @do) = waiting.Kind switch
        {
            Deletion => ($"The step to '{waiting.Subject}' has waited for 30 days.", Settle),
            Cancellation => ("The cancellation of this invoice has waited for 30 days.", Settle),
            _ => ("For 7 days nothing has proved that this notice reached the owner, and a step waits for it.", "See that mail goes out and that the owner's address is right, or attest that the notice reached the owner another way."),
        };
        AttentionRules.Raise(draft, waiting.Kind, waiting.Subject, what, @do);
    }

    /// <summary>What has gone on, or need not wait any more, is taken off the list.</summary>
    public static void Clear(AccountDraft draft)
    {
        foreach (var entry in draft.State.Attention.Where(entry => entry.Kind is Deletion or Cancellation or Notices.Unproved))
        {
            var stillWaits = entry.Kind switch
            {
                Deletion => Deletions.WaitsForFacts(draft.State) && Standings.Ahead(draft.State, draft.Policies).Any(rule => string.Equals(rule.Name, entry.Subject, StringComparison.Ordinal)),
                Cancellation => draft.State.Invoices.Find(entry.Subject) is { } invoice && Cancellations.Waits(draft.State, invoice),
                _ => Notices.IsUnproved(draft.State, entry.Subject),
            };
            if (!stillWaits) AttentionRules.Clear(draft, entry.Kind, entry.Subject);
        }
    }

    private static bool IsRaised(AccountState account, string kind, string subject) =>
        account.Attention.Any(entry => string.Equals(entry.Kind, kind, StringComparison.Ordinal) && string.Equals(entry.Subject, subject, StringComparison.Ordinal));
}
