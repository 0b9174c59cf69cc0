using System.Globalization;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Proof that a notice reached the owner: the relay's acceptance, unless it bounces; or an operator's word.</summary>
internal static class Notices
{
    /// <summary>An address that does not take mail.</summary>
    private const string Bounce = "notice_bounced";

    /// <summary>A notice that a step has waited for and that nothing proves.</summary>
    public const string Unproved = "notice_unproved";

    /// <summary>So long a step waits for a proof before a human looks.</summary>
    public static readonly Duration ProvedWithin = Duration.FromDays(7);

    private const string What = "A notice did not reach the owner.";
    private const string Do = "Mend the owner's address, which sends it again, or attest that the notice reached the owner another way.";

    /// <summary>The name of an account's n-th notice.</summary>
    public static string Name(string account, long number) => $"{account}~notice~{number}";

    /// <summary>Whoever delivers notices has taken one for the owner.</summary>
    public static void Accepted(AccountDraft draft, NoticeAccepted message)
    {
        draft.Record("notice.delivered", message.At, new JsonObject { ["notice"] = message.Notice, ["id"] = message.Id });
        // A sending that was reported bounced before its acceptance was known proves nothing.
        Prove(draft, message.Id, notice => notice.Sending == message.Sending && !notice.IsBounced);
    }

    /// <summary>The relay will never take a notice for the owner's address.</summary>
    public static void Refused(AccountDraft draft, NoticeRefused message) =>
        Withdraw(draft, message.Id, new JsonObject { ["notice"] = message.Notice, ["id"] = message.Id, ["code"] = message.Code });

    /// <summary>A notice came back: nothing is proved by it. Sending it again to the same address would prove no more, so that waits for another one.</summary>
    public static Reply Bounced(AccountDraft draft, NoticeBounced message)
    {
        if (!IsPromised(draft.State, message.Notice)) return NoSuchNotice;
        if (draft.State.Notices.Any(notice => notice.IsBounced && Is(notice, message.Notice))) return new Done(message.Notice, draft.State.Version, Replayed: true);
        Withdraw(draft, message.Notice, new JsonObject { ["id"] = message.Notice });
        return new Done(message.Notice, draft.NextVersion);
    }

    /// <summary>An operator says that a notice reached the owner another way.</summary>
    public static Reply Attest(AccountDraft draft, AttestNotice command)
    {
        if (Idempotency.Before(draft, command.Key, command.Notice) is { } before) return before;
        if (!IsPromised(draft.State, command.Notice)) return NoSuchNotice;
        draft.Record("notice.delivered", new JsonObject { ["id"] = command.Notice, ["evidence"] = command.Evidence });
        Prove(draft, command.Notice, _ => true);
        AttentionRules.Clear(draft, Bounce, command.Notice);
        Idempotency.Remember(draft, command.Key);
        return new Done(command.Notice, draft.NextVersion);
    }

    /// <summary>The owner has another address: what came back from the old one and is still waited for is sent again.</summary>
    public static void OwnerMoved(AccountDraft draft)
    {
        foreach (var entry in draft.State.Attention.Where(entry => entry.Kind == Bounce)) AttentionRules.Clear(draft, Bounce, entry.Subject);
        foreach (var notice in draft.State.Notices.Where(notice => notice.IsBounced))
        {
            var again = notice with { Sending = notice.Sending + 1, IsBounced = false };
            Keep(draft, again);
            draft.SendAgain(again);
        }
    }

    /// <summary>The notices that nothing proves, and when that is too long. One that came back is on the list already.</summary>
    public static IEnumerable<(string Notice, Instant At)> TooLong(AccountState account) =>
        from notice in account.Notices
        where notice.DeliveredAt is null && account.Attention.All(entry => !(entry.Kind is Unproved or Bounce && string.Equals(entry.Subject, notice.Id, StringComparison.Ordinal)))
        select (notice.Id, notice.PromisedAt + ProvedWithin);

    /// <summary>Whether a step still waits for a notice that nothing proves.</summary>
    public static bool IsUnproved(AccountState account, string? id) => account.Notices.Any(notice => notice.DeliveredAt is null && Is(notice, id));

    private static Refused NoSuchNotice => new(Problems.NotFound, "There is no such notice.");

    private static void Withdraw(AccountDraft draft, string id, JsonObject data)
    {
        draft.Record("notice.bounced", data);
        var awaited = draft.State.Notices.FirstOrDefault(notice => Is(notice, id));
        if (awaited is not null) Keep(draft, awaited with { DeliveredAt = null, IsBounced = true });
        // The matter of any other notice is the address, however many come back from it.
        AttentionRules.Raise(draft, Bounce, awaited?.Id, What, Do);
    }

    private static void Prove(AccountDraft draft, string id, Func<PromisedNotice, bool> isProof)
    {
        if (draft.State.Notices.FirstOrDefault(notice => notice.DeliveredAt is null && Is(notice, id)) is not { } notice || !isProof(notice)) return;
        Keep(draft, notice with { DeliveredAt = draft.Now, IsBounced = false });
        AttentionRules.Clear(draft, Unproved, id);
    }

    private static void Keep(AccountDraft draft, PromisedNotice notice) =>
        draft.State = draft.State with { Notices = [.. draft.State.Notices.Select(kept => Is(kept, notice.Id) ? notice : kept)] };

    /// <summary>Whether a notice of that name was ever promised; names are given in order.</summary>
    private static bool IsPromised(AccountState account, string id)
    {
        var prefix = Name(account.Existing.Id, 0)[..^1];
        return id.StartsWith(prefix, StringComparison.Ordinal)
            && long.TryParse(id.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= 1 && number <= account.NoticesPromised && string.Equals(id, Name(account.Existing.Id, number), StringComparison.Ordinal);
    }

    private static bool Is(PromisedNotice notice, string? id) => string.Equals(notice.Id, id, StringComparison.Ordinal);
}
