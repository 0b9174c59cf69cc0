using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>The customer pays: one invoice, what a balance invoice names, or all that is unpaid, in one charge.</summary>
internal static class PayingByHand
{
    /// <summary>Reserves the invoices and starts the payment. Prepayment on hand comes first, and only the rest is charged.</summary>
    public static Reply Pay(AccountDraft draft, Pay command)
    {
        if (Idempotency.Before(draft.State, command.Key, draft.Now) is { } before) return before;
        if (command.Link is { } link && draft.State.PayLinks.Find(link)?.IsAlive(draft.Now) is not true) return new Refused(Problems.NotFound, "There is no such pay link.");
        var invoices = Choose(draft, command, out var refusal);
        if (refusal is not null) return refusal;
        if (command.OneOff is { } oneOff && Methods.IsRefused(draft, oneOff) is { } refused) return refused;
        var candidate = Method(draft.State, command, out refusal);
        if (refusal is not null && (command.Method is not null || !Credit.Covers(draft.State, invoices))) return refusal;
        if (!Credit.Covers(draft.State, invoices) && Declines.Refusal(draft.State, draft.Now) is { } tooMany) return tooMany;

        Credit.Spend(draft, invoices.Select(invoice => invoice.Id), draft.Now);
        ImmutableArray<OpenInvoice> left = [.. invoices.Select(invoice => draft.State.Invoices.Find(invoice.Id)).OfType<OpenInvoice>()];
        Reservations.Start(draft, new NewPayment(command.Payment, left, candidate is null ? [] : [candidate]) { ByHand = true, Content = command.Key.Content });
        Idempotency.Remember(draft, command.Key, command.Payment);
        return new Done(command.Payment, draft.NextVersion);
    }

    private static ImmutableArray<OpenInvoice> Choose(AccountDraft draft, Pay command, out Refused? refusal)
    {
        refusal = null;
        var open = draft.State.Invoices.OldestFirst().ToImmutableArray();
        ImmutableArray<OpenInvoice> chosen;
        if (!command.Invoices.IsEmpty)
        {
            chosen = [.. open.Where(invoice => command.Invoices.Contains(invoice.Id, StringComparer.Ordinal))];
            if (chosen.IsEmpty) refusal = new Refused(Problems.InvoiceNotPayable, "Nothing is due on it any more.");
            else if (chosen.FirstOrDefault(invoice => invoice.ReservedBy is not null) is { } reserved) refusal = InFlight(reserved);
        }
        else
        {
            ImmutableArray<OpenInvoice> countable = [.. open.Where(invoice => !invoice.IsWrittenOff)];
            ImmutableArray<OpenInvoice> unpaid = [.. countable.Where(invoice => invoice.UnpaidFrom(draft.State, draft.Policies) <= draft.Now)];
            var candidates = unpaid.IsEmpty ? countable : unpaid;
            chosen = [.. candidates.Where(invoice => invoice.ReservedBy is null)];
            if (candidates.IsEmpty) refusal = NothingDue;
            else if (chosen.IsEmpty) refusal = InFlight(candidates[0]);
            else chosen = [.. countable.Where(invoice => chosen.Contains(invoice) || invoice.ReservedBy is null && invoice.IsSmall(draft.Policies))];
        }

        if (refusal is null && chosen.All(invoice => invoice.IsSmall(draft.Policies)) && draft.RulesOf(chosen[0]).IsBelowMinimum(chosen.Sum(draft.State.Currency, invoice => invoice.Due))) refusal = NothingDue;
        return chosen;
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

    private static Refused NothingDue => new(Problems.NothingDue, "Nothing is due that can be charged by itself.");

    private static Refused InFlight(OpenInvoice invoice) =>
        new(Problems.PaymentInFlight, $"Payment '{invoice.ReservedBy}' is under way for invoice {invoice.Number}.");
}
