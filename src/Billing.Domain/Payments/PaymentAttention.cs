namespace Billing.Domain;

/// <summary>What about a payment's attempts needs a human.</summary>
internal static class PaymentAttention
{
    internal static void Raise(Draft<PaymentState> draft, string kind, string what, string @do) =>
        draft.Raise(AttentionRules.Entry(draft.State.Id, kind, draft.State.Id, what, @do, draft.Now));

    /// <summary>It has ended, and what was to be watched about its attempts is over.</summary>
    internal static void ClearAttention(Draft<PaymentState> draft) => draft.Clear(entry => entry.Kind is "unknown_payment" or "gateway_down");
}
