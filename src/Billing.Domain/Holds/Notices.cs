using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>Proof that a notice reached the owner: the relay's acceptance, unless it bounces; or an operator's word.</summary>
internal static class Notices
{
    /// <summary>Whoever delivers notices has taken one.</summary>
    public static void Accepted(AccountDraft draft, NoticeAccepted message)
    {
        draft.Record("notice.delivered", message.At, new JsonObject { ["notice"] = message.Notice, ["id"] = message.Id });
        Prove(draft, message.Id);
    }

    /// <summary>A notice came back: nothing is proved by it, and it is sent again.</summary>
    public static Reply Bounced(AccountDraft draft, NoticeBounced message)
    {
        draft.Record("notice.bounced", new JsonObject { ["id"] = message.Notice });
        draft.State = draft.State with { Notices = [.. draft.State.Notices.Select(notice => string.Equals(notice.Id, message.Notice, StringComparison.Ordinal) ? notice with { DeliveredAt = null } : notice)] };
        AttentionRules.Raise(draft, "notice_bounced", message.Notice, "A notice did not reach the owner.", "Mend the owner's address, or attest that the notice reached the owner another way.");
        return new Done(message.Notice, draft.NextVersion);
    }

    /// <summary>An operator says that a notice reached the owner another way.</summary>
    public static Reply Attest(AccountDraft draft, AttestNotice command)
    {
        if (Idempotency.Before(draft.State, command.Key, draft.Now) is { } before) return before;
        draft.Record("notice.delivered", new JsonObject { ["id"] = command.Notice, ["evidence"] = command.Evidence });
        Prove(draft, command.Notice);
        AttentionRules.Clear(draft, "notice_bounced", command.Notice);
        Idempotency.Remember(draft, command.Key, command.Notice);
        return new Done(command.Notice, draft.NextVersion);
    }

    private static void Prove(AccountDraft draft, string id)
    {
        for (var i = 0; i < draft.State.Notices.Length; i++)
        {
            var notice = draft.State.Notices[i];
            if (notice.DeliveredAt is null && string.Equals(notice.Id, id, StringComparison.Ordinal)) draft.State = draft.State with { Notices = draft.State.Notices.SetItem(i, notice with { DeliveredAt = draft.Now }) };
        }
    }
}
