using NodaTime;

namespace Billing.Domain;

/// <summary>A keyed call takes effect once: its record is stored in the very write that holds its effect.</summary>
internal static class Idempotency
{
    /// <summary>The answer to a call that was made before, or that cannot be taken; <see langword="null"/> for a new one.</summary>
    public static Reply? Before(AccountState account, IdempotencyKey? key, Instant now)
    {
        if (key is null) return null;
        if (account.Idempotency.FirstOrDefault(record => string.Equals(record.Hash, key.Hash, StringComparison.Ordinal) && IsRemembered(account, record, now)) is { } known)
        {
            return string.Equals(known.Content, key.Content, StringComparison.Ordinal)
                ? new Done(known.Id, account.Version, Replayed: true)
                : new Refused(Problems.IdempotencyMismatch, "This Idempotency-Key came with another content before.");
        }

        return account.Idempotency.Count(record => IsRemembered(account, record, now)) >= AccountLimits.IdempotencyRecords
            ? new Refused(Problems.RateLimited, $"At most {AccountLimits.IdempotencyRecords} keyed calls for an account in 24 hours.")
            : null;
    }

    /// <summary>Remembers a call with what it made or changed.</summary>
    public static void Remember(AccountDraft draft, IdempotencyKey? key, string? id)
    {
        if (key is null) return;
        draft.State = draft.State with
        {
            Idempotency = draft.State.Idempotency.RemoveAll(record => !IsRemembered(draft.State, record, draft.Now)).Add(new IdempotencyRecord(key.Hash, key.Content, id, draft.Now)),
        };
    }

    /// <summary>For 24 hours, and as long as its payment is under way: one name is never two payments.</summary>
    private static bool IsRemembered(AccountState account, IdempotencyRecord record, Instant now) =>
        record.At + AccountLimits.IdempotencyFor > now || account.Payments.Find(record.Id) is not null;
}
