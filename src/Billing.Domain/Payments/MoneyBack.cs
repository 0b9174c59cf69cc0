using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Money of a payment that leaves again, from where it lies: open and closed invoices and prepayment. The payment brings the
/// trail of its money, so that the account need not remember what it has forgotten; a trail that is older than what the
/// account has told since is sent back.
/// </summary>
/// <param name="draft">The account's decision.</param>
/// <param name="payment">The payment.</param>
/// <param name="trail">Where its money lies, as the payment knows it.</param>
internal sealed class MoneyBack(AccountDraft draft, string payment, MoneyTrail trail)
{
    private readonly List<Allocation> _taken = [];
    private Money _fromPrepayment = Money.Zero(draft.State.Currency);

    /// <summary>What of the payment is prepayment.</summary>
    public Money Prepayment => draft.State.Prepayment.Where(lot => !lot.IsGranted && IsOwn(lot.Payment)).Sum(draft.State.Currency, lot => lot.Amount);

    /// <summary>What was taken from invoices.</summary>
    public Money TakenFromInvoices => Money.Zero(draft.State.Currency) - _taken.Sum(draft.State.Currency, part => part.Amount);

    /// <summary>What was taken from prepayment.</summary>
    public Money TakenFromPrepayment => _fromPrepayment;

    /// <summary>Whether the account has told more about the payment's money than the payment had heard, or the trail does not agree with what is open.</summary>
    public bool IsOld => draft.State.Told.Find(payment)?.Version > trail.HeardVersion
        || Parts().Any(part => Find(part.Invoice) is not { } invoice || On(invoice) != Net(part.Invoice))
        || draft.State.Invoices.Any(invoice => On(invoice) != Net(invoice.Id));

    /// <summary>What of the payment lies on an invoice.</summary>
    public Money On(string invoice) => Net(invoice).IsPositive && Find(invoice) is { } known ? On(known) : Money.Zero(draft.State.Currency);

    /// <summary>What can be sent back: what is still prepayment, and what it paid itself. What was spent elsewhere cannot.</summary>
    public Money Refundable => Prepayment + Invoices(fromPrepayment: false).Sum(draft.State.Currency, id =>
        Find(id)!.Applied.Where(part => !part.IsGranted && !part.FromPrepayment && IsOwn(part.Payment)).Sum(draft.State.Currency, part => part.Amount));

    /// <summary>The invoices on which money of the payment lies, last applied first; those that it paid directly, or those that its prepayment was spent on.</summary>
    public ImmutableArray<string> Invoices(bool? fromPrepayment = null) =>
    [
        .. Parts().Reverse().Where(part => fromPrepayment is null || part.FromPrepayment == fromPrepayment).Select(part => part.Invoice).Distinct(StringComparer.Ordinal),
    ];

    /// <summary>Takes up to so much of the payment's prepayment, and says how much that was.</summary>
    public Money TakePrepayment(Money most)
    {
        var part = Money.Min(most, Prepayment);
        if (!part.IsPositive) return Money.Zero(most.Currency);
        for (var i = 0; i < draft.State.Prepayment.Length; i++)
        {
            if (draft.State.Prepayment[i] is not { IsGranted: false } lot || !IsOwn(lot.Payment)) continue;
            Credit.TakeFromLot(draft, i, part);
            break;
        }

        _fromPrepayment += part;
        return part;
    }

    /// <summary>Takes up to so much of the payment's money off an invoice, as <paramref name="change"/> says what becomes of it; says how much that was.</summary>
    public Money TakeFromInvoice(string id, Money most, bool? fromPrepayment, Func<OpenInvoice, Money, bool, OpenInvoice> change)
    {
        var (invoice, isOpen) = (Find(id)!, draft.State.Invoices.Find(id) is not null);
        var taken = Money.Zero(most.Currency);
        for (var i = invoice.Applied.Length - 1; i >= 0 && taken < most; i--)
        {
            var applied = invoice.Applied[i];
            if (applied.IsGranted || !IsOwn(applied.Payment) || fromPrepayment is { } wanted && applied.FromPrepayment != wanted) continue;
            var part = Money.Min(applied.Amount, most - taken);
            invoice = invoice.TakeFrom(i, part);
            taken += part;
            _taken.Add(new Allocation(id, -part, applied.FromPrepayment));
        }

        if (!taken.IsPositive) return taken;
        draft.State = draft.State with { Totals = draft.State.Totals! with { Applied = draft.State.Totals.Applied - taken } };
        change(invoice, taken, isOpen);
        return taken;
    }

    /// <summary>Tells the payment where its money lies now.</summary>
    public void Tell() => draft.TellPayment(payment, new PaymentApplied(draft.NextVersion, [.. _taken], -_fromPrepayment));

    /// <summary>An invoice from which money was taken is due again: never attempted automatically, so a rung that waits is over, and its grace begins anew.</summary>
    public OpenInvoice DueAgain(OpenInvoice invoice, Money part, bool isOpen)
    {
        if (isOpen && invoice.IsWrittenOff) invoice = Corrections.TakeBack(draft, invoice);
        // Other money may have paid it while a payment for it was under way; that payment is still under way.
        var live = draft.State.Payments.FirstOrDefault(pending => pending.IsLive && pending.Invoices.Contains(invoice.Id, StringComparer.Ordinal))?.Id;
        var due = invoice with
        {
            Due = isOpen ? invoice.Due + part : part,
            IsDueAgain = true,
            GraceFrom = draft.Now,
            WaitingRung = isOpen ? invoice.WaitingRung : null,
            ReservedBy = isOpen ? invoice.ReservedBy : live,
        };
        if (isOpen) Rungs.EndWaiting(draft, draft.Keep(due), RungResult.Missed);
        else draft.Reopen(trail.Closed.Find(invoice.Id)!, due);
        return draft.State.Invoices.Find(invoice.Id)!;
    }

    private ImmutableArray<Allocation> Parts() => [.. trail.Allocations.Where(part => Net(part.Invoice).IsPositive && part.Amount.IsPositive)];

    private Money Net(string invoice) => trail.Allocations.Where(part => string.Equals(part.Invoice, invoice, StringComparison.Ordinal)).Sum(draft.State.Currency, part => part.Amount);

    private Money On(OpenInvoice invoice) => invoice.Applied.Where(part => !part.IsGranted && IsOwn(part.Payment)).Sum(draft.State.Currency, part => part.Amount);

    private OpenInvoice? Find(string invoice) => draft.State.Invoices.Find(invoice) ?? trail.Closed.Find(invoice);

    private bool IsOwn(string other) => string.Equals(other, payment, StringComparison.Ordinal);
}
