using NodaTime;

namespace Billing.Domain;

/// <summary>
/// An account under the installation's pauses. They are of real time: an account on a test clock has another time, and is
/// not touched by them.
/// </summary>
internal static class Brakes
{
    /// <summary>The earliest instant from another one on at which something may get worse, be cancelled or announced; <see langword="null"/> where no end of a pause is known.</summary>
    public static Instant? MayGetWorse(AccountState account, PolicyBook policies, Instant from) => Of(account, policies).After(PauseKind.Escalations, from);

    /// <summary>Whether nothing may get worse at an instant.</summary>
    public static bool AreEscalationsPaused(AccountState account, PolicyBook policies, Instant at) => Of(account, policies).IsOn(PauseKind.Escalations, at);

    /// <summary>Whether rungs wait, and nothing is charged for being new.</summary>
    public static bool IsCollectionPaused(AccountDraft draft) => Of(draft.State, draft.Policies).IsOn(PauseKind.Collection, draft.Now);

    /// <summary>The ends of pauses that the account has not taken note of, where anything of it counts anew or goes on then.</summary>
    public static IEnumerable<TimelineEvent> Ends(AccountState account, PolicyBook policies)
    {
        var pauses = Of(account, policies);
        if (pauses.All.IsEmpty) yield break;
        var countsDown = account.Standing is { Entered.IsEmpty: false } || !account.Notices.IsEmpty;
        if (countsDown && pauses.NextEnd(PauseKind.Escalations, account.PausesSeen?.Escalations) is { } worse) yield return new TimelineEvent.EscalationsGoOn(worse);
        var waits = account.Invoices.Any(invoice => invoice.WaitingRung is not null);
        if (waits && pauses.NextEnd(PauseKind.Collection, account.PausesSeen?.Collection) is { } rungs) yield return new TimelineEvent.CollectionGoesOn(rungs);
    }

    /// <summary>A pause of escalations is over: what destroys counts from here, and its notices are promised anew.</summary>
    public static void GoOn(AccountDraft draft, TimelineEvent.EscalationsGoOn ended, Instant at)
    {
        draft.State = draft.State with { PausesSeen = (draft.State.PausesSeen ?? new PausesSeen(null, null)) with { Escalations = ended.At } };
        StandingRecorder.CountAnew(draft, at);
    }

    /// <summary>A pause of collection is over: rungs that waited for that alone begin. A reader only tells; nothing begins for it.</summary>
    public static void GoOn(AccountDraft draft, TimelineEvent.CollectionGoesOn ended)
    {
        draft.State = draft.State with { PausesSeen = (draft.State.PausesSeen ?? new PausesSeen(null, null)) with { Collection = ended.At } };
        if (!draft.IsReading) Rungs.BeginWaiting(draft);
    }

    /// <summary>Whether something of the account may wait for the end of a pause of this kind, which nobody knows yet: then it is to be woken.</summary>
    public static bool Waits(AccountState account, PolicyBook policies, PauseKind kind) =>
        Of(account, policies).IsOpen(kind) && (kind == PauseKind.Escalations ? !account.Invoices.IsEmpty : account.Invoices.Any(invoice => invoice.WaitingRung is not null));

    private static Pauses Of(AccountState account, PolicyBook policies) => account.Profile?.TestClock is null ? policies.Pauses : Pauses.None;
}
