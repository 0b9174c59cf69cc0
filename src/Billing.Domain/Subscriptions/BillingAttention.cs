using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>What billing leaves to a human: one entry of each kind for an account, taken back when it has resolved itself.</summary>
internal static class BillingAttention
{
    /// <summary>Whether somebody was told that renewals wait for room: then they fall due again when an invoice closes.</summary>
    public static bool IsNotedThatRenewalsWait(AccountState account) => account.Attention.Find(RenewalsWaitId(account)) is not null;

    /// <summary>A renewal found as many open invoices as an account may have.</summary>
    public static void RenewalsWait(AccountDraft draft) => Raise(draft, new AttentionEntry(
        RenewalsWaitId(draft.State), "renewal_waits", Subject: null, $"A renewal waits: the account has {AccountLimits.OpenInvoices} open invoices.",
        "Have invoices paid, or void, cancel or write off what will not be. The renewal is issued as soon as one closes.", draft.Now));

    /// <summary>There is room again, and the renewals were issued.</summary>
    public static void RenewalsGoOn(AccountDraft draft) => Resolve(draft, RenewalsWaitId(draft.State));

    /// <summary>Charges wait, and no invoice of the cycle is planned that would carry them.</summary>
    public static void ChargesWait(AccountDraft draft, string why) => Raise(draft, new AttentionEntry(
        ChargesWaitId(draft.State), "charges_wait", Subject: null, $"{draft.State.Charges.Length} pending charges wait. {why}",
        "Nothing, if the account is expected back: they ride on its next renewal. Else settle them with the customer outside of the cycle.", draft.Now));

    /// <summary>None of those waits any more.</summary>
    public static void ChargesAreBilled(AccountDraft draft) => Resolve(draft, ChargesWaitId(draft.State));

    private static string RenewalsWaitId(AccountState account) => $"{account.Existing.Id}~renewal_waits";

    private static string ChargesWaitId(AccountState account) => $"{account.Existing.Id}~charges_wait";

    private static void Raise(AccountDraft draft, AttentionEntry entry)
    {
        if (draft.State.Attention.Find(entry.Id) is not null) return;
        draft.State = draft.State with { Attention = draft.State.Attention.Add(entry) };
        draft.Record("attention.raised", new JsonObject { ["id"] = entry.Id, ["kind"] = entry.Kind });
    }

    private static void Resolve(AccountDraft draft, string id)
    {
        if (draft.State.Attention.Find(id) is not { } entry) return;
        draft.State = draft.State with { Attention = draft.State.Attention.Without(id) };
        draft.Record("attention.resolved", new JsonObject { ["id"] = id, ["kind"] = entry.Kind });
    }
}
