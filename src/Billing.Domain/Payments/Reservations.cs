using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>A payment that is to be started.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Invoices">What it is to pay.</param>
/// <param name="Candidates">The methods that it may use, in order.</param>
internal sealed record NewPayment(string Id, ImmutableArray<OpenInvoice> Invoices, ImmutableArray<MethodCandidate> Candidates)
{
    /// <summary>The rung that it is.</summary>
    public int? Rung { get; init; }

    /// <summary>Whether the customer asked for it and is there.</summary>
    public bool ByHand { get; init; }

    /// <summary>How its one-off looks on file, where it is put when it has paid.</summary>
    public MethodFace? Keep { get; init; }

    /// <summary>The record of the call that asked for it.</summary>
    public IdempotencyRecord? Key { get; init; }

    /// <summary>A hash of what the caller asked.</summary>
    public string Content { get; init; } = "";
}

/// <summary>
/// The start and the end of every payment. A payment reserves its invoices in the write that starts it, so one charge in
/// flight for an invoice is not a rule that someone keeps but the only thing that can be stored.
/// </summary>
internal static class Reservations
{
    /// <summary>Reserves invoices for a payment and starts it. One that waits for the customer to pay any of them is cancelled first.</summary>
    public static void Start(AccountDraft draft, NewPayment payment)
    {
        ImmutableArray<string> ids = [.. payment.Invoices.Select(invoice => invoice.Id)];
        ImmutableArray<string> awaiting = [.. payment.Invoices.Select(invoice => invoice.AwaitedBy).OfType<string>().Distinct(StringComparer.Ordinal)];
        foreach (var invoice in payment.Invoices) draft.Keep(invoice with { ReservedBy = payment.Id, ReservedAmount = invoice.Due });
        var amount = payment.Invoices.Sum(draft.State.Currency, invoice => invoice.Due);
        draft.State = draft.State with
        {
            Payments = draft.State.Payments.With(new PendingPayment
            {
                Id = payment.Id,
                Invoices = ids,
                Candidates = payment.Candidates,
                Status = PaymentStatus.Submitting,
                Rung = payment.Rung,
                ByHand = payment.ByHand,
                Keep = payment.Keep,
                WaitsFor = awaiting,
                Key = payment.Key?.Hash,
            }),
        };
        draft.TellPayment(payment.Id, new StartPayment
        {
            Account = draft.Id,
            Amount = amount,
            Invoices = ids,
            Candidates = payment.Candidates,
            ByHand = payment.ByHand,
            IsRung = payment.Rung is not null,
            Content = payment.Content,
            Clock = draft.State.Existing.TestClock,
            Test = draft.State.Existing.Test,
            OnHold = !awaiting.IsEmpty,
            CryptoWindow = payment.Invoices.IsEmpty ? null : draft.RulesOf(payment.Invoices[0]).CryptoWindow,
            // A cancellation that waits for something has no date that could be told.
            LatestExpiry = payment.Invoices.Select(invoice => invoice.CancelAt(draft.Policies)).Where(at => at > draft.Now).Min(),
            IsReattempt = payment.Invoices.Any(invoice => invoice.WasDeclined),
        });
        draft.Record("payment.created", new JsonObject
        {
            ["payment"] = payment.Id,
            ["amount"] = amount.MinorUnits,
            ["currency"] = amount.Currency.Code,
            ["invoices"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]),
            ["rung"] = payment.Rung,
        });
        foreach (var other in awaiting) CancelAwaiting(draft, other);
    }

    /// <summary>Whether an automatic payment has been started of which no outcome is known yet: what it shares with others waits for it.</summary>
    public static bool AnyIsOpening(AccountState account) => account.Payments.Any(payment => payment is { ByHand: false, Status: PaymentStatus.Submitting });

    /// <summary>An invoice with the free automatic ones that are too little to be charged by themselves: the next automatic charge takes them along.</summary>
    public static ImmutableArray<OpenInvoice> WithSmallOnes(AccountDraft draft, OpenInvoice invoice) =>
    [
        invoice,
        .. draft.State.Invoices.OldestFirst().Where(small => !string.Equals(small.Id, invoice.Id, StringComparison.Ordinal)
            && small is { Collection: Collection.Automatic, IsWrittenOff: false, IsDueAgain: false, ReservedBy: null, AwaitedBy: null } && small.IsSmall(draft.Policies)),
    ];

    /// <summary>Ends a payment that waits for the customer, as far as we can: the gateway has to confirm it.</summary>
    public static void CancelAwaiting(AccountDraft draft, string payment)
    {
        if (draft.State.Payments.Find(payment) is { Status: PaymentStatus.AwaitingCustomer }) draft.TellPayment(payment, new CancelPayment());
    }

    /// <summary>Other money has paid an invoice of a payment; once that is so of all its invoices, it submits nothing more.</summary>
    public static void StopIfPaid(AccountDraft draft, string payment)
    {
        if (draft.State.Payments.Find(payment) is not { } pending || pending.Invoices.Any(id => draft.State.Invoices.Find(id) is not null)) return;
        if (pending.Status == PaymentStatus.AwaitingCustomer) CancelAwaiting(draft, payment);
        else if (pending.WaitsFor.IsEmpty) draft.TellPayment(payment, new StopPayment());
    }

    /// <summary>A payment that has not been submitted is given up.</summary>
    public static void GiveUp(AccountDraft draft, PendingPayment pending, RungResult result)
    {
        Release(draft, pending, result, draft.Now);
        draft.TellPayment(pending.Id, new PaymentReleased(draft.NextVersion, Cancelled: true));
    }

    /// <summary>It has ended, and its invoices are free again; credit comes first, then a rung that waited.</summary>
    public static void Release(AccountDraft draft, PendingPayment pending, RungResult unpaidResult, Instant endedAt)
    {
        draft.State = draft.State with { Payments = draft.State.Payments.Without(pending.Id) };
        Free(draft, pending);
        if (pending.Rung is { } rung)
        {
            var isPaid = draft.State.Invoices.Find(pending.Invoices[0]) is null;
            Rungs.End(draft, pending.Invoices[0], rung, isPaid ? RungResult.Paid : unpaidResult, endedAt, pending.Id);
        }

        GoOnAfter(draft, pending.Id);
        Credit.SpendOnUnpaid(draft, draft.Now);
        Rungs.BeginWaiting(draft);
    }

    /// <summary>Its invoices are free again. One that is not unpaid yet is not held either: its next submission begins that anew.</summary>
    public static void Free(AccountDraft draft, PendingPayment pending)
    {
        foreach (var id in pending.Invoices)
        {
            if (draft.State.Invoices.Find(id) is not { } invoice) continue;
            var isReserved = string.Equals(invoice.ReservedBy, pending.Id, StringComparison.Ordinal);
            var isAwaited = string.Equals(invoice.AwaitedBy, pending.Id, StringComparison.Ordinal);
            if (!isReserved && !isAwaited) continue;
            draft.Keep(invoice with
            {
                ReservedBy = isReserved ? null : invoice.ReservedBy,
                ReservedAmount = isReserved ? null : invoice.ReservedAmount,
                AwaitedBy = isAwaited ? null : invoice.AwaitedBy,
                HoldUntil = isReserved && invoice.UnpaidSince is null ? null : invoice.HoldUntil,
            });
        }
    }

    /// <summary>Payments that had to wait until another one was cancelled are submitted, with what is left to pay.</summary>
    private static void GoOnAfter(AccountDraft draft, string ended)
    {
        foreach (var waiting in draft.State.Payments.Where(payment => payment.WaitsFor.Contains(ended, StringComparer.Ordinal)).ToArray())
        {
            var left = waiting with { WaitsFor = waiting.WaitsFor.Remove(ended, StringComparer.Ordinal) };
            draft.State = draft.State with { Payments = draft.State.Payments.With(left) };
            if (!left.WaitsFor.IsEmpty) continue;
            ImmutableArray<OpenInvoice> invoices = [.. left.Invoices.Select(id => draft.State.Invoices.Find(id)).OfType<OpenInvoice>()];
            if (invoices.IsEmpty) GiveUp(draft, left, RungResult.Paid);
            else draft.TellPayment(left.Id, new PaymentResumed(invoices.Sum(draft.State.Currency, invoice => invoice.Due), left.Candidates, [.. invoices.Select(invoice => invoice.Id)]));
        }
    }
}
