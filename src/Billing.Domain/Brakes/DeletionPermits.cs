using NodaTime;

namespace Billing.Domain;

/// <summary>An account's permit to enter a standing that deletes.</summary>
/// <param name="Standing">The standing.</param>
/// <param name="AskedAt">When it was asked for.</param>
/// <param name="GrantedAt">When it was granted.</param>
/// <param name="AskAgainAt">When it may be asked for again, where it was refused.</param>
public sealed record DeletionPermit(string Standing, Instant AskedAt, Instant? GrantedAt = null, Instant? AskAgainAt = null)
{
    /// <summary>The permit of whoever only looks ahead.</summary>
    internal static readonly DeletionPermit Assumed = new("", Instant.MinValue);
}

/// <summary>What the ends of pauses were that an account has taken note of.</summary>
/// <param name="Escalations">The newest end of a pause of escalations.</param>
/// <param name="Collection">The newest end of a pause of collection.</param>
public sealed record PausesSeen(Instant? Escalations, Instant? Collection);

/// <summary>
/// A live account asks the installation's brake before it enters a standing that deletes, and the step waits for the answer
/// like for its other reasons. Test accounts are neither counted nor asked.
/// </summary>
internal static class DeletionPermits
{
    private const string Matter = "deletion_brake";

    /// <summary>Whether a step into a standing waits for a permit at an instant. A permit that was not used within the window counts no more.</summary>
    public static bool IsLacking(AccountState account, StandingRule rule, Instant at)
    {
        if (!rule.Deletes || !IsCounted(account) || ReferenceEquals(account.DeletionPermit, DeletionPermit.Assumed)) return false;
        return account.DeletionPermit is not { GrantedAt: { } granted } permit || !IsFor(permit, rule) || granted + BrakeRules.Window <= at;
    }

    /// <summary>Whether a permit was asked for and the answer is on its way: a renewal of that instant comes after the step.</summary>
    public static bool IsUnanswered(AccountState account) => account.DeletionPermit is { GrantedAt: null, AskAgainAt: null } permit && !ReferenceEquals(permit, DeletionPermit.Assumed);

    /// <summary>When a permit is asked for: once nothing else keeps the step back.</summary>
    public static TimelineEvent.AsksToDelete? Next(AccountState account, PolicyBook policies)
    {
        if (!IsCounted(account) || account.DeletionPermit is { GrantedAt: null, AskAgainAt: null } || Standings.Ahead(account, policies).All(rule => !rule.Deletes)) return null;
        if (Standings.Next(account with { DeletionPermit = DeletionPermit.Assumed }, policies) is not { } step) return null;
        var rule = Standings.Ahead(account, policies).First(rule => string.Equals(rule.Name, step.Name, StringComparison.Ordinal));
        if (!IsLacking(account, rule, step.At)) return null;
        return new TimelineEvent.AsksToDelete(rule, account.DeletionPermit?.AskAgainAt is { } again ? Instant.Max(step.At, again) : step.At);
    }

    /// <summary>Asks for a permit.</summary>
    public static void Ask(AccountDraft draft, StandingRule rule, Instant at)
    {
        draft.State = draft.State with { DeletionPermit = new DeletionPermit(rule.Name, at) };
        draft.TellDeletionBrake(new AskDeletion(draft.Id, at));
    }

    /// <summary>Takes the answer: the step takes effect now, or waits until the window has moved.</summary>
    public static void Take(AccountDraft draft, DeletionAnswered answer)
    {
        if (draft.State.DeletionPermit is not { GrantedAt: null, AskAgainAt: null } permit || permit.AskedAt != answer.AskedAt) return;
        draft.State = draft.State with { DeletionPermit = answer.AskAgainAt is null ? permit with { GrantedAt = draft.Now } : permit with { AskAgainAt = answer.AskAgainAt } };
        if (answer.AskAgainAt is null) AttentionRules.Clear(draft, Matter, permit.Standing);
        else AttentionRules.Raise(draft, Matter, permit.Standing, "The account is to be deleted, and more accounts than the brake lets through are before it.", "Nothing, if so many are to be deleted: it asks again by itself. Otherwise pause escalations.");
    }

    /// <summary>The step is taken or has become another one: what was permitted or refused counts no more.</summary>
    public static void Forget(AccountDraft draft)
    {
        if (draft.State.DeletionPermit is not { } permit || ReferenceEquals(permit, DeletionPermit.Assumed)) return;
        draft.State = draft.State with { DeletionPermit = null };
        AttentionRules.Clear(draft, Matter, permit.Standing);
    }

    private static bool IsCounted(AccountState account) => account.Profile is { Test: false, TestClock: null };

    private static bool IsFor(DeletionPermit permit, StandingRule rule) => string.Equals(permit.Standing, rule.Name, StringComparison.Ordinal);
}
