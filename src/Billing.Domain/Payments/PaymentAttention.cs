namespace Billing.Domain;

/// <summary>What about a payment's attempts needs a human.</summary>
internal static class PaymentAttention
{
    internal static void Raise(Draft<PaymentState> draft, string kind, string what, string @do) => draft.State = draft.State with
    {
        Attention = AttentionRules.Raise(draft.State.Attention, AttentionRules.Entry(draft.State.Id, kind, draft.State.Id, what, @do, draft.Now), (type, data) => draft.Record(draft.State.Start!.Account, type, data)),
    };

    /// <summary>It has ended, and what was to be watched about its attempts is over.</summary>
    internal static void ClearAttention(Draft<PaymentState> draft)
    {
        foreach (var entry in draft.State.Attention.Where(entry => entry.Kind is "unknown_payment" or "gateway_down"))
        {
            draft.State = draft.State with { Attention = AttentionRules.Resolve(draft.State.Attention, entry.Id, (type, data) => draft.Record(draft.State.Start!.Account, type, data)) };
        }
    }
}
