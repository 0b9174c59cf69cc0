using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Pay links: facts of the account, which alone says whether one still leads anywhere.</summary>
internal static class PayLinks
{
    /// <summary>Makes a link, if anything is due.</summary>
    public static Reply Make(AccountDraft draft, MakePayLink command)
    {
        if (Idempotency.Before(draft, command.Key) is { } before) return before;
        if (draft.State.PayLinks.Find(command.Link) is { } known) return new Done(known.Id, draft.State.Version, Replayed: true);
        if (!IsAnythingDue(draft.State)) return new Refused(Problems.NothingDue, "Nothing is due that a link could ask for.");
        var links = MakeRoom(draft, command);
        if (links.Count(link => IsLike(link, command)) >= AccountLimits.PayLinks) return new Refused(Problems.TooMany, $"At most {AccountLimits.PayLinks} pay links of an account; revoke one first.");

        draft.State = draft.State with
        {
            PayLinks = links.Add(new PayLink { Id = command.Link, Hash = command.Hash, Notice = command.Notice, CreatedAt = draft.Now, ExpiresAt = draft.Now + AccountLimits.PayLinkFor }),
        };
        draft.TellLink(command.Hash, new PayLinkMade(draft.Id, draft.State.Existing.TestClock));
        var data = new JsonObject { ["link"] = command.Link };
        if (command.Notice is { } notice) data["notice"] = notice;
        draft.Record("pay_link.made", data);
        Idempotency.Remember(draft, command.Key, command.Link);
        return new Done(command.Link, draft.NextVersion);
    }

    /// <summary>
    /// What is over makes room. Of mails' links the oldest does too: a notice must not wait because others have gone out before
    /// it, and whoever opens a mail looks for the newest.
    /// </summary>
    private static ImmutableArray<PayLink> MakeRoom(AccountDraft draft, MakePayLink command)
    {
        var links = draft.State.PayLinks.RemoveAll(link => link.ExpiresAt <= draft.Now);
        while (links.Count(link => IsLike(link, command)) >= AccountLimits.PayLinks)
        {
            var old = links.Where(link => IsLike(link, command)).MinBy(link => link.EndedAt is null);
            if (old is null or { EndedAt: null, Notice: null }) break;
            if (old.EndedAt is null) draft.Record("pay_link.ended", new JsonObject { ["link"] = old.Id });
            links = links.Remove(old);
        }

        return links;
    }

    private static bool IsLike(PayLink link, MakePayLink command) => link.Notice is null == command.Notice is null;

    /// <summary>Ends a link.</summary>
    public static Reply Revoke(AccountDraft draft, RevokePayLink command)
    {
        if (draft.State.PayLinks.Find(command.Link) is not { } link) return new Refused(Problems.NotFound, "There is no such pay link.");
        draft.State = draft.State with { PayLinks = draft.State.PayLinks.Without(link.Id) };
        draft.Record("pay_link.revoked", new JsonObject { ["link"] = link.Id });
        return new Done(link.Id, draft.NextVersion);
    }

    /// <summary>Links end in the write after which nothing is due: an old mail opens no new debt.</summary>
    public static void EndIfNothingIsDue(AccountDraft draft)
    {
        if (draft.State.PayLinks.All(link => link.EndedAt is not null) || IsAnythingDue(draft.State)) return;
        foreach (var link in draft.State.PayLinks.Where(link => link.EndedAt is null))
        {
            draft.State = draft.State with { PayLinks = draft.State.PayLinks.With(link with { EndedAt = draft.Now }) };
            draft.Record("pay_link.ended", new JsonObject { ["link"] = link.Id });
        }
    }

    /// <summary>The link of this hash.</summary>
    public static PayLink? Find(AccountState account, string hash) =>
        account.PayLinks.FirstOrDefault(link => string.Equals(link.Hash, hash, StringComparison.Ordinal));

    private static bool IsAnythingDue(AccountState account) => account.Invoices.Any(invoice => invoice is { IsWrittenOff: false, Due.IsPositive: true });
}
