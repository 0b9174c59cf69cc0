using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>The account's side of an invoice's ladder: a rung begins, waits, goes on after an error, ends.</summary>
internal static class Rungs
{
    /// <summary>A rung is due: it begins now, waits until its invoice is free, or ends without a charge. One that waited before it is missed.</summary>
    public static void Begin(AccountDraft draft, BeginRung command)
    {
        if (draft.State.Invoices.Find(command.Invoice) is not { } invoice) return;
        EndWaiting(draft, invoice, RungResult.Missed);
        invoice = draft.State.Invoices.Find(command.Invoice)!;
        if (invoice.IsWrittenOff || invoice.IsDueAgain) End(draft, invoice.Id, command.Rung, RungResult.Missed, draft.Now);
        else if (MustWait(draft, invoice)) draft.Keep(invoice with { WaitingRung = command.Rung });
        else BeginNow(draft, invoice, command.Rung);
    }

    /// <summary>Whether no automatic attempt may begin for an invoice now.</summary>
    public static bool MustWait(AccountDraft draft, OpenInvoice invoice) =>
        invoice.ReservedBy is not null || invoice.AwaitedBy is not null || draft.State.Controls.AutoPayOffSince is not null || Brakes.IsCollectionPaused(draft);

    /// <summary>What waited begins, where nothing stands in its way any more: oldest first, each seeing what the one before wrote.</summary>
    public static void BeginWaiting(AccountDraft draft)
    {
        ImmutableArray<string> waiting = [.. draft.State.Invoices.Where(invoice => invoice.WaitingRung is not null).OldestFirst().Select(invoice => invoice.Id)];
        foreach (var id in waiting)
        {
            if (Reservations.AnyIsOpening(draft.State)) return;
            if (draft.State.Invoices.Find(id) is not { WaitingRung: { } rung } invoice || MustWait(draft, invoice) || IsOver(draft, invoice)) continue;
            if (!IsFollowed(draft, invoice, rung)) BeginNow(draft, invoice, rung);
        }
    }

    /// <summary>The wait after a gateway's error is over: the payment reserves anew and goes on, or waits behind another.</summary>
    public static void Resume(AccountDraft draft, string payment)
    {
        if (draft.State.Payments.Find(payment) is not { Status: PaymentStatus.Created } pending) return;
        if (draft.State.Invoices.Find(pending.Invoices[0]) is { } busy && (MustWait(draft, busy) || pending.Rung is { } waiting && IsFollowed(draft, busy, waiting)))
        {
            draft.Keep(busy with { WaitingRung = pending.Rung });
            return;
        }

        if (draft.State.Invoices.Find(pending.Invoices[0]) is { IsWrittenOff: true })
        {
            Reservations.GiveUp(draft, pending, RungResult.Missed);
            return;
        }

        Credit.Spend(draft, [pending.Invoices[0]], draft.Now);
        // What pays its invoice ends it.
        if (draft.State.Payments.Find(payment) is null) return;
        var candidates = pending.Candidates.RemoveAll(candidate => !IsUsable(draft.State, candidate));
        if (draft.State.Invoices.Find(pending.Invoices[0]) is not { } invoice || candidates.IsEmpty || invoice.IsSmall(draft.Policies))
        {
            Reservations.GiveUp(draft, pending, draft.State.Invoices.Find(pending.Invoices[0]) is null ? RungResult.Paid : RungResult.Failed);
            return;
        }

        var invoices = Reservations.WithSmallOnes(draft, invoice);
        foreach (var taken in invoices) draft.Keep(taken with { ReservedBy = payment, ReservedAmount = taken.Due, WaitingRung = null });
        ImmutableArray<string> ids = [.. invoices.Select(taken => taken.Id)];
        draft.State = draft.State with { Payments = draft.State.Payments.With(pending with { Status = PaymentStatus.Submitting, Invoices = ids }) };
        draft.TellPayment(payment, new PaymentResumed(invoices.Sum(draft.State.Currency, taken => taken.Due), candidates, ids));
    }

    /// <summary>A rung was stopped before its next method, since automatic payment is off: it waits. After a gateway's error it has a time of its own.</summary>
    public static void Pause(AccountDraft draft, PendingPayment pending, Attempt? newest)
    {
        if (newest?.Outcome == AttemptOutcome.Error || draft.State.Invoices.Find(pending.Invoices[0]) is not { } invoice) return;
        draft.Keep(invoice with { WaitingRung = pending.Rung });
        BeginWaiting(draft);
    }

    /// <summary>A rung ended. The account is the first to know, and tells the invoice.</summary>
    public static void End(AccountDraft draft, string invoiceId, int rung, RungResult result, Instant at, string? payment = null)
    {
        if (draft.State.Invoices.Find(invoiceId) is { } invoice && result != RungResult.Paid)
        {
            var isLast = rung == draft.RulesOf(invoice).RetryAfter.Length;
            draft.Keep(invoice with { Rung0EndedAt = rung == 0 ? at : invoice.Rung0EndedAt, ExhaustedAt = isLast ? at : invoice.ExhaustedAt });
        }

        draft.TellInvoice(invoiceId, new RungEnded(rung, result, at, payment));
        draft.Record("rung.ended", at, new JsonObject { ["invoice"] = invoiceId, ["rung"] = rung, ["result"] = result.ToString().ToLowerInvariant(), ["payment"] = payment });
    }

    /// <summary>
    /// The rung that waits for its invoice, or after a gateway's error, is over before it could pay: the invoice is closed,
    /// or the next rung's time came first.
    /// </summary>
    public static void EndWaiting(AccountDraft draft, OpenInvoice invoice, RungResult result)
    {
        var paused = PausedFor(draft.State, invoice.Id);
        if (paused is not null)
        {
            draft.State = draft.State with { Payments = draft.State.Payments.Without(paused.Id) };
            draft.TellPayment(paused.Id, new PaymentReleased(draft.NextVersion, Cancelled: true));
        }

        if (draft.State.Invoices.Find(invoice.Id) is { } open) draft.Keep(open with { WaitingRung = null });
        if ((invoice.WaitingRung ?? paused?.Rung) is { } rung) End(draft, invoice.Id, rung, result, draft.Now, paused?.Id);
    }

    /// <summary>The methods that a rung may use, as they are when it begins. Coins are the customer's to send.</summary>
    public static ImmutableArray<MethodCandidate> CandidatesFor(AccountState account, MethodChoice choice) =>
    [
        .. account.Methods.Where(method => choice == MethodChoice.DefaultThenOthers || IsDefault(account, method))
            .Where(method => method.Kind != MethodKind.Crypto && IsUsable(account, method.AsCandidate()))
            .OrderBy(method => IsDefault(account, method) ? 0 : 1)
            .Select(method => method.AsCandidate()),
    ];

    /// <summary>Whether a method may be charged automatically: on file with this token, not hard-declined, not disputed.</summary>
    public static bool IsUsable(AccountState account, MethodCandidate candidate) =>
        candidate.Method is null
        || account.Methods.Find(candidate.Method) is { HardDecline: null } method && string.Equals(method.Token, candidate.Token, StringComparison.Ordinal)
            && account.Disputes.All(dispute => !string.Equals(dispute.Method, candidate.Method, StringComparison.Ordinal));

    /// <summary>Whether its cancellation has come: what waited until then is not begun any more.</summary>
    private static bool IsOver(AccountDraft draft, OpenInvoice invoice) => Cancellations.IsDue(draft.State, invoice, draft.Policies, draft.Now);

    /// <summary>
    /// Whether the next rung's time has come: that one runs, and this one is missed when it begins. So what ends at the very
    /// instant of a rung brings one charge, not two. A rung 0 is not given up for a later one.
    /// </summary>
    private static bool IsFollowed(AccountDraft draft, OpenInvoice invoice, int rung)
    {
        var offsets = draft.RulesOf(invoice).RetryAfter;
        return rung < offsets.Length && invoice.Rung0EndedAt + offsets[rung] <= draft.Now;
    }

    private static void BeginNow(AccountDraft draft, OpenInvoice waiting, int rung)
    {
        draft.Keep(waiting with { WaitingRung = null });
        if (PausedFor(draft.State, waiting.Id) is { } paused)
        {
            Resume(draft, paused.Id);
            return;
        }

        if (waiting.IsWrittenOff)
        {
            End(draft, waiting.Id, rung, RungResult.Missed, draft.Now);
            return;
        }

        Credit.Spend(draft, [waiting.Id], draft.Now);
        if (draft.State.Invoices.Find(waiting.Id) is not { } invoice)
        {
            End(draft, waiting.Id, rung, RungResult.Paid, draft.Now);
            return;
        }

        var rules = draft.RulesOf(invoice);
        var candidates = CandidatesFor(draft.State, rung == 0 ? rules.Methods : rules.RetryMethods);
        if (candidates.IsEmpty || invoice.IsSmall(draft.Policies))
        {
            End(draft, invoice.Id, rung, RungResult.Skipped, draft.Now);
            return;
        }

        Reservations.Start(draft, new NewPayment(Ids.RungPayment(invoice.Id, rung), Reservations.WithSmallOnes(draft, invoice), candidates) { Rung = rung });
    }

    private static PendingPayment? PausedFor(AccountState account, string invoice) =>
        account.Payments.FirstOrDefault(payment => payment.Status == PaymentStatus.Created && string.Equals(payment.Invoices[0], invoice, StringComparison.Ordinal));

    private static bool IsDefault(AccountState account, PaymentMethod method) => string.Equals(method.Id, account.DefaultMethod, StringComparison.Ordinal);
}
