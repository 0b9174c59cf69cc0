using NodaTime;

namespace Billing.Domain;

/// <summary>A keyed call takes effect once: its record is stored in the very write that holds its effect.</summary>
internal static class Idempotency
{
    /// <summary>The answer to a call that was made before, or that cannot be taken; <see langword="null"/> for a new one.</summary>
    /// <param name="draft">The account.</param>
    /// <param name="key">The call's key.</param>
    /// <param name="about">What the call itself names: what it made or changed, unless its record says otherwise.</param>
    public static Reply? Before(AccountDraft draft, IdempotencyKey? key, string? about = null)
    {
        if (key is null) return null;
        var (account, now) = (draft.State, draft.Now);
        if (account.Idempotency.FirstOrDefault(record => record.IsOf(key) && IsRemembered(account, record, now)) is { } known)
        {
            return known.Says(key)
                ? new Done(known.Id ?? about, account.Version, Replayed: true)
                : Once.Mismatch;
        }

        return account.Idempotency.Count(record => IsRemembered(account, record, now)) >= AccountLimits.IdempotencyRecords
            ? new Refused(Problems.RateLimited, $"At most {AccountLimits.IdempotencyRecords} keyed calls for an account in 24 hours.")
            : null;
    }

    /// <summary>Remembers a call.</summary>
    /// <param name="draft">The account.</param>
    /// <param name="key">The call's key.</param>
    /// <param name="made">What it made, where neither the call nor its key names that.</param>
    public static IdempotencyRecord? Remember(AccountDraft draft, IdempotencyKey? key, string? made = null)
    {
        if (key is null) return null;
        var record = IdempotencyRecord.Of(key, made, draft.Now);
        draft.State = draft.State with
        {
            Idempotency = draft.State.Idempotency.RemoveAll(known => !IsRemembered(draft.State, known, draft.Now)).Add(record),
        };
        return record;
    }

    /// <summary>After a gateway's error, or at a card network's ceiling, no answer is kept for the caller's key: the same key may try again.</summary>
    public static void Forget(AccountDraft draft, PendingPayment payment) =>
        draft.State = draft.State with { Idempotency = draft.State.Idempotency.RemoveAll(record => IsOf(record, payment)) };

    /// <summary>For 24 hours, and as long as its payment is under way: one name is never two payments.</summary>
    private static bool IsRemembered(AccountState account, IdempotencyRecord record, Instant now) =>
        record.At + AccountLimits.IdempotencyFor > now || account.Payments.Any(payment => IsOf(record, payment));

    /// <summary>Whether a call asked for a payment. Records of before name it.</summary>
    private static bool IsOf(IdempotencyRecord record, PendingPayment payment) =>
        string.Equals(record.Hash, payment.Key, StringComparison.Ordinal) || string.Equals(record.Id, payment.Id, StringComparison.Ordinal);
}
