using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>The customer pays: one invoice, what a balance invoice names, or all that is unpaid, in one charge.</summary>
internal static class PayingByHand
{
    /// <summary>Reserves the invoices and starts the payment. Prepayment on hand comes first, and only the rest is charged.</summary>
    public static Reply Pay(AccountDraft draft, Pay command)
    {
        if (Idempotency.Before(draft.State, command.Key, draft.Now) is { } before) return before;
        var invoices = Choose(draft, command, out var refusal);
        if (refusal is not null) return refusal;
        var candidate = Method(draft.State, command, out refusal);
        if (refusal is not null && (command.Method is not null || !Credit.Covers(draft.State, invoices))) return refusal;

        Credit.Spend(draft, invoices.Select(invoice => invoice.Id));
        ImmutableArray<OpenInvoice> left = [.. invoices.Select(invoice => draft.State.Invoices.Find(invoice.Id)).OfType<OpenInvoice>()];
        Reservations.Start(draft, command.Payment, left, candidate is null ? [] : [candidate], rung: null, command.Key.Content);
        Idempotency.Remember(draft, command.Key, command.Payment);
        return new Done(command.Payment, draft.NextVersion);
    }

    private static ImmutableArray<OpenInvoice> Choose(AccountDraft draft, Pay command, out Refused? refusal)
    {
        refusal = null;
        var open = draft.State.Invoices.OldestFirst().ToImmutableArray();
        if (!command.Invoices.IsEmpty)
        {
            ImmutableArray<OpenInvoice> named = [.. open.Where(invoice => command.Invoices.Contains(invoice.Id, StringComparer.Ordinal))];
            if (named.IsEmpty) refusal = new Refused(Problems.InvoiceNotPayable, "Nothing is due on it any more.");
            else if (named.FirstOrDefault(invoice => invoice.ReservedBy is not null) is { } reserved) refusal = InFlight(reserved);
            return named;
        }

        ImmutableArray<OpenInvoice> unpaid = [.. open.Where(invoice => invoice.UnpaidFrom() <= draft.Now)];
        var candidates = unpaid.IsEmpty ? open : unpaid;
        ImmutableArray<OpenInvoice> free = [.. candidates.Where(invoice => invoice.ReservedBy is null)];
        if (candidates.IsEmpty) refusal = new Refused(Problems.NothingDue, "Nothing is due.");
        else if (free.IsEmpty) refusal = InFlight(candidates[0]);
        return free;
    }

    private static MethodCandidate? Method(AccountState account, Pay command, out Refused? refusal)
    {
        refusal = null;
        if (command.OneOff is { } oneOff) return oneOff;
        var id = command.Method ?? account.DefaultMethod;
        if (account.Methods.Find(id) is not { } method)
        {
            refusal = id is null
                ? new Refused(Problems.MethodNotUsable, "There is no default payment method; name one, or send a one-off.")
                : new Refused(Problems.MethodNotUsable, $"There is no payment method '{id}'.");
        }
        else if (DeclineCodes.IsFinal(method.HardDecline))
        {
            refusal = new Refused(Problems.MethodNotUsable, $"The card network allows no further attempt with this method ({method.HardDecline}).");
        }
        else
        {
            return method.AsCandidate();
        }

        return null;
    }

    private static Refused InFlight(OpenInvoice invoice) =>
        new(Problems.PaymentInFlight, $"Payment '{invoice.ReservedBy}' is under way for invoice {invoice.Number}.");
}
