using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>The customer pays: one invoice, what a balance invoice names, or all that is unpaid, in one charge.</summary>
internal static class PayingByHand
{
    /// <summary>Reserves the invoices and starts the payment. Prepayment on hand comes first, and only the rest is charged.</summary>
    public static Reply Pay(AccountDraft draft, Pay command)
    {
        if (Idempotency.Before(draft, command.Key, command.Payment) is { } before) return before;
        if (command.Link is { } link && draft.State.PayLinks.Find(link)?.IsAlive(draft.Now) is not true) return new Refused(Problems.NotFound, "There is no such pay link.");
        var invoices = Choose(draft, command, out var refusal);
        if (refusal is not null) return refusal;
        if (command.Expected is { } expected && invoices.Sum(draft.State.Currency, invoice => invoice.Due) is var due && due != expected) return new Refused(Problems.AmountChanged, $"{due} is to be paid now, and not {expected}.");
        if (command.OneOff is { } oneOff && Methods.IsRefused(draft, oneOff) is { } refused) return refused;
        if (command.Keep is not null && Methods.IsFull(draft.State) is { } full) return full;
        var candidate = Method(draft.State, command, out refusal);
        if (refusal is not null && (command.Method is not null || !Credit.Covers(draft.State, invoices))) return refusal;
        if (!Credit.Covers(draft.State, invoices) && Declines.Refusal(draft.State, draft.Now) is { } tooMany) return tooMany;

        Credit.Spend(draft, invoices.Select(invoice => invoice.Id), draft.Now);
        ImmutableArray<OpenInvoice> left = [.. invoices.Select(invoice => draft.State.Invoices.Find(invoice.Id)).OfType<OpenInvoice>()];
        Reservations.Start(draft, new NewPayment(command.Payment, left, candidate is null ? [] : [candidate]) { ByHand = true, Keep = command.Keep, Content = command.Key.Content, Key = Idempotency.Remember(draft, command.Key) });
        return new Done(command.Payment, draft.NextVersion);
    }

    private static ImmutableArray<OpenInvoice> Choose(AccountDraft draft, Pay command, out Refused? refusal)
    {
        refusal = null;
        ImmutableArray<OpenInvoice> chosen;
        if (!command.Invoices.IsEmpty)
        {
            chosen = [.. draft.State.Invoices.OldestFirst().Where(invoice => command.Invoices.Contains(invoice.Id, StringComparer.Ordinal))];
            if (chosen.IsEmpty) refusal = new Refused(Problems.InvoiceNotPayable, "Nothing is due on it any more.");
            else if (chosen.FirstOrDefault(invoice => invoice.ReservedBy is not null) is { } reserved) refusal = InFlight(reserved);
        }
        else
        {
            chosen = All(draft.State, draft.Policies, draft.Now, out refusal);
        }

        if (refusal is null && IsTooLittle(draft.State, draft.Policies, chosen)) refusal = TooLittle(chosen.Sum(draft.State.Currency, invoice => invoice.Due));
        return chosen;
    }

    /// <summary>What paying without naming an invoice pays at an instant; nothing where it would be refused.</summary>
    public static Money AmountOfAll(AccountState account, PolicyBook policies, Instant now)
    {
        var chosen = All(account, policies, now, out var refusal);
        return refusal is not null || IsTooLittle(account, policies, chosen) ? Money.Zero(account.Currency) : chosen.Sum(account.Currency, invoice => invoice.Due);
    }

    /// <summary>What is unpaid and free, else what is open and free, and with it what is too little to be charged by itself.</summary>
    private static ImmutableArray<OpenInvoice> All(AccountState account, PolicyBook policies, Instant now, out Refused? refusal)
    {
        ImmutableArray<OpenInvoice> countable = [.. account.Invoices.OldestFirst().Where(invoice => !invoice.IsWrittenOff)];
        ImmutableArray<OpenInvoice> unpaid = [.. countable.Where(invoice => invoice.UnpaidFrom(account, policies) <= now)];
        var candidates = unpaid.IsEmpty ? countable : unpaid;
        ImmutableArray<OpenInvoice> free = [.. candidates.Where(invoice => invoice.ReservedBy is null)];
        refusal = candidates.IsEmpty ? NothingDue : free.IsEmpty ? InFlight(candidates[0]) : null;
        return refusal is not null ? free : [.. countable.Where(invoice => free.Contains(invoice) || invoice.ReservedBy is null && invoice.IsSmall(policies))];
    }

    private static bool IsTooLittle(AccountState account, PolicyBook policies, ImmutableArray<OpenInvoice> chosen) =>
        chosen.All(invoice => invoice.IsSmall(policies)) && policies[chosen[0].Rules].Collection.IsBelowMinimum(chosen.Sum(account.Currency, invoice => invoice.Due));

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

    private static Refused TooLittle(Money due) =>
        new(Problems.NothingDue, $"{due} is due, which is less than the policy's minimum for a charge. It goes with the next invoice.");

    private static Refused InFlight(OpenInvoice invoice) =>
        new(Problems.PaymentInFlight, $"Payment '{invoice.ReservedBy}' is under way for invoice {invoice.Number}.") { Payment = invoice.ReservedBy };
}
