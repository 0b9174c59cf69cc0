namespace Billing.Domain;

/// <summary>An invoice that a new method is to be charged for.</summary>
public sealed record NewMethodCharge(string Invoice, string Method, int TokenCount);

/// <summary>
/// A method that is added in an episode is charged at once for what is unpaid, where the policy says so, without spending a
/// rung; at most three charges in any 24 hours, and what is not charged then is not made up for.
/// </summary>
internal static class NewMethods
{
    /// <summary>Charges automatic invoices that are unpaid, free and not due again, oldest first, one after the other.</summary>
    public static void Charge(AccountDraft draft, PaymentMethod method)
    {
        if (method.Kind == MethodKind.Crypto) return;
        var charges = draft.State.Invoices.Where(invoice => IsCharged(draft, invoice)).OldestFirst().Select(invoice => new NewMethodCharge(invoice.Id, method.Id, method.TokenCount));
        draft.State = draft.State with { NewMethodQueue = draft.State.NewMethodQueue.AddRange(charges) };
        GoOn(draft);
    }

    /// <summary>Starts the next charge, once the one before has an outcome: each sees what that one wrote.</summary>
    public static void GoOn(AccountDraft draft)
    {
        while (!draft.State.NewMethodQueue.IsEmpty && !Reservations.AnyIsOpening(draft.State))
        {
            var next = draft.State.NewMethodQueue[0];
            draft.State = draft.State with { NewMethodQueue = draft.State.NewMethodQueue.RemoveAt(0) };
            Start(draft, next);
        }
    }

    private static void Start(AccountDraft draft, NewMethodCharge next)
    {
        var recent = draft.State.NewMethodCharges.RemoveAll(at => at + AccountLimits.NewMethodChargesFor <= draft.Now);
        if (recent.Length >= AccountLimits.NewMethodCharges || draft.State.Controls.AutoPayOffSince is not null || Brakes.IsCollectionPaused(draft)) return;
        if (draft.State.Methods.Find(next.Method) is not { } method || method.TokenCount != next.TokenCount || !Rungs.IsUsable(draft.State, method.AsCandidate())) return;
        if (draft.State.Invoices.Find(next.Invoice) is not { } invoice || !IsCharged(draft, invoice)) return;
        draft.State = draft.State with { NewMethodCharges = recent.Add(draft.Now) };
        Reservations.Start(draft, new NewPayment(Ids.NewMethodPayment(invoice.Id, method.Id, method.TokenCount), Reservations.WithSmallOnes(draft, invoice), [method.AsCandidate()]));
    }

    private static bool IsCharged(AccountDraft draft, OpenInvoice invoice) =>
        invoice is { Collection: Collection.Automatic, UnpaidSince: not null, ReservedBy: null, AwaitedBy: null, IsDueAgain: false } && draft.RulesOf(invoice).ChargesNewMethod;
}
