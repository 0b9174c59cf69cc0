namespace Billing.Domain;

/// <summary>What billing leaves to a human: one entry of each kind for an account, taken back when it has resolved itself.</summary>
internal static class BillingAttention
{
    private const string RenewalWaits = "renewal_waits";

    private const string ChargesAreLeft = "charges_wait";

    /// <summary>
    /// Whether renewals wait for room: somebody was told so, or the list is full, and he is told when it is not. They fall due
    /// again when an invoice closes.
    /// </summary>
    public static bool AreRenewalsToWait(AccountState account) => account.Attention.Length >= AttentionRules.Most || account.Attention.Any(entry => entry.Kind == RenewalWaits);

    /// <summary>A renewal found as many open invoices as an account may have.</summary>
    public static void RenewalsWait(AccountDraft draft) => AttentionRules.Raise(
        draft, RenewalWaits, subject: null, $"A renewal waits: the account has {AccountLimits.OpenInvoices} open invoices.",
        "Have invoices paid, or void, cancel or write off what will not be. The renewal is issued as soon as one closes.");

    /// <summary>There is room again, and the renewals were issued.</summary>
    public static void RenewalsGoOn(AccountDraft draft) => AttentionRules.Clear(draft, RenewalWaits, subject: null);

    /// <summary>Charges wait, and no invoice of the cycle is planned that would carry them.</summary>
    public static void ChargesWait(AccountDraft draft, string why) => AttentionRules.Raise(
        draft, ChargesAreLeft, subject: null, $"{draft.State.Charges.Length} pending charges wait. {why}",
        "Nothing, if the account is expected back: they ride on its next renewal. Else settle them with the customer outside of the cycle.");

    /// <summary>None of those waits any more.</summary>
    public static void ChargesAreBilled(AccountDraft draft) => AttentionRules.Clear(draft, ChargesAreLeft, subject: null);
}
