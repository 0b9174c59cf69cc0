using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Billing.Domain;

/// <summary>What payments say about themselves is applied: attempts, hold, money, release.</summary>
internal static class PaymentReports
{
    /// <summary>Takes one report.</summary>
    public static void Take(AccountDraft draft, PaymentReported report)
    {
        Apply(draft, report);
        Rungs.BeginWaiting(draft);
        NewMethods.GoOn(draft);
    }

    private static void Apply(AccountDraft draft, PaymentReported report)
    {
        var pending = draft.State.Payments.Find(report.Payment);
        if (report.NameTaken)
        {
            if (pending is not null) Reservations.Release(draft, pending, RungResult.Missed, draft.Now);
            return;
        }

        var before = pending?.Status;
        if (pending is not null) pending = Follow(draft, pending, report);
        TakeAttempts(draft, report, pending);
        DeletionPulls.NoteReceived(draft, report.Gateway);
        Hold(draft, report);
        switch (report.Status)
        {
            case PaymentStatus.Succeeded:
                Succeed(draft, report, pending);
                break;
            case PaymentStatus.Failed or PaymentStatus.Expired or PaymentStatus.Cancelled when pending is not null:
                End(draft, report, pending);
                break;
            case PaymentStatus.Created when pending is not null:
                Reservations.Free(draft, pending);
                Credit.SpendOnUnpaid(draft, draft.Now);
                Rungs.Pause(draft, pending, report.Attempts.LastOrDefault());
                break;
            case PaymentStatus.AwaitingCustomer when pending is not null && before != PaymentStatus.AwaitingCustomer:
                Await(draft, pending);
                break;
        }
    }

    /// <summary>How it stands, and the methods that it may still go on to.</summary>
    private static PendingPayment Follow(AccountDraft draft, PendingPayment before, PaymentReported report)
    {
        var left = before.Candidates.RemoveAll(candidate => report.Attempts.Any(attempt => attempt.Outcome == AttemptOutcome.Declined && attempt.Candidate == candidate));
        var pending = before with { Status = report.Status, Candidates = left };
        draft.State = draft.State with { Payments = draft.State.Payments.With(pending) };
        if (before.Status == PaymentStatus.AwaitingCustomer && (pending.IsLive || pending.Status == PaymentStatus.AwaitingCustomer)) GiveUpWaiting(draft, pending);
        if (before.Status == PaymentStatus.AwaitingCustomer && pending.IsLive) BecomeLive(draft, pending);
        if (before.Status != report.Status && report.Status is PaymentStatus.Processing or PaymentStatus.Unknown)
        {
            draft.Record(report.Status == PaymentStatus.Unknown ? "payment.unknown" : "payment.processing", new JsonObject { ["payment"] = report.Payment });
        }

        return pending;
    }

    /// <summary>It was not cancelled: money is moving, or nobody could confirm it. What waited for that is given up before it was submitted.</summary>
    private static void GiveUpWaiting(AccountDraft draft, PendingPayment pending)
    {
        foreach (var waiting in draft.State.Payments.Where(payment => payment.WaitsFor.Contains(pending.Id, StringComparer.Ordinal)).ToArray()) Reservations.GiveUp(draft, waiting, RungResult.Missed);
    }

    /// <summary>The customer has answered and money is moving: it has its invoices.</summary>
    private static void BecomeLive(AccountDraft draft, PendingPayment pending)
    {
        foreach (var id in pending.Invoices)
        {
            if (draft.State.Invoices.Find(id) is { ReservedBy: null } invoice) draft.Keep(invoice with { ReservedBy = pending.Id, ReservedAmount = invoice.Due, AwaitedBy = null });
        }
    }

    /// <summary>It waits for the customer and is not live: its invoices are free, and know who waits.</summary>
    private static void Await(AccountDraft draft, PendingPayment pending)
    {
        Reservations.Free(draft, pending);
        foreach (var id in pending.Invoices)
        {
            if (draft.State.Invoices.Find(id) is { } invoice) draft.Keep(invoice with { AwaitedBy = pending.Id });
        }

        draft.Record("payment.awaiting_customer", new JsonObject { ["payment"] = pending.Id });
        Credit.SpendOnUnpaid(draft, draft.Now);
        Reservations.StopIfPaid(draft, pending.Id);
    }

    private static void Succeed(AccountDraft draft, PaymentReported report, PendingPayment? pending)
    {
        var at = report.EndedAt ?? draft.Now;
        if (report.Captured!.Value.Currency != draft.State.Currency)
        {
            AttentionRules.Raise(draft, "other_currency", report.Payment, $"A gateway captured {report.Captured}, which is not the account's currency.", "Refund it at the gateway, or record what it was worth as money received elsewhere.");
            if (pending is not null) Reservations.Release(draft, pending, RungResult.Failed, at);
            draft.TellPayment(report.Payment, new PaymentReleased(draft.NextVersion));
            return;
        }

        var open = draft.State.Invoices;
        var (paid, left) = Credit.ApplyCaptured(draft, report.Payment, report.Captured!.Value, report.Invoices, at);
        if (draft.Policy.Collection.PaidNotice is { } notice && report.Captured.Value.IsPositive)
        {
            ImmutableArray<NoticeInvoice> parts = [.. paid.Select(part => NoticeTelling.Of(open.Find(part.Invoice)!) with { Due = part.Amount })];
            draft.Promise(notice, new NoticeFacts
            {
                Kind = NoticeKind.Receipt,
                Payment = new NoticePayment(report.Payment, at, report.Captured.Value, parts, left),
                Method = NoticeTelling.MethodOf(draft.State, report.Attempts.LastOrDefault(attempt => attempt.Outcome == AttemptOutcome.Succeeded)?.Candidate),
            });
        }

        if (pending is not null) Reservations.Release(draft, pending, RungResult.Failed, at);
        else Credit.SpendOnUnpaid(draft, draft.Now);

        // Not before it has paid: a declined one is of no use, and a new method may be charged at once for whatever is left unpaid.
        if (pending is { Keep: { } face, Candidates: [var oneOff, ..] }) Methods.Put(draft, new PutPaymentMethod(oneOff.OnFile(Ids.KeptMethod(pending.Id), face), MakeDefault: false));
    }

    private static void End(AccountDraft draft, PaymentReported report, PendingPayment pending)
    {
        var type = report.Status switch { PaymentStatus.Expired => "payment.expired", PaymentStatus.Cancelled => "payment.cancelled", _ => "payment.failed" };
        draft.Record(type, new JsonObject { ["payment"] = report.Payment, ["code"] = report.IsAtCeiling ? Problems.MethodNotUsable : report.Attempts.LastOrDefault()?.Code });
        if (report.IsAtCeiling || report.Attempts.LastOrDefault()?.Outcome == AttemptOutcome.Error) Idempotency.Forget(draft, pending);
        if (pending.ByHand && report is { Status: PaymentStatus.Failed, IsAtCeiling: false } && report.Attempts.LastOrDefault()?.Outcome == AttemptOutcome.Declined) Declines.Note(draft);
        Reservations.Release(draft, pending, report.IsAtCeiling ? RungResult.Skipped : RungResult.Failed, report.EndedAt ?? draft.Now);
        draft.TellPayment(report.Payment, new PaymentReleased(draft.NextVersion));
    }

    private static void TakeAttempts(AccountDraft draft, PaymentReported report, PendingPayment? pending)
    {
        if (report.Attempts.IsEmpty) return;
        foreach (var attempt in report.Attempts.Where(attempt => attempt.Outcome == AttemptOutcome.Declined)) TakeDecline(draft, report, pending, attempt);

        var lines = report.Attempts.Select(a => new AttemptLine(a.SubmittedAt, a.Candidate.Method, a.Outcome, a.Code, report.Payment, a.Ordinal)).ToImmutableArray();
        var newest = report.Attempts[^1];
        foreach (var id in report.Invoices)
        {
            draft.TellInvoice(id, new AttemptsMade(lines));
            if (draft.State.Invoices.Find(id) is { } invoice)
            {
                draft.Keep(invoice with { HardDeclinedAt = DeclineCodes.IsHard(newest.Code) ? draft.Now : null, WasDeclined = invoice.WasDeclined || newest.Outcome == AttemptOutcome.Declined });
            }
        }
    }

    /// <summary>A hard decline ends its method for everything automatic that has not begun with it.</summary>
    private static void TakeDecline(AccountDraft draft, PaymentReported report, PendingPayment? pending, Attempt attempt)
    {
        if (pending is not { ByHand: true }) TellDecline(draft, report, attempt);
        if (!DeclineCodes.IsHard(attempt.Code)) return;
        if (draft.State.Methods.Find(attempt.Candidate.Method) is not { } method || !string.Equals(method.Token, attempt.Candidate.Token, StringComparison.Ordinal)) return;
        draft.State = draft.State with { Methods = draft.State.Methods.With(method with { HardDecline = attempt.Code }) };
        Methods.PassOver(draft, method.AsCandidate(), except: report.Payment);
    }

    /// <summary>Of an automatic attempt the owner hears by mail; who pays by hand is told at once.</summary>
    private static void TellDecline(AccountDraft draft, PaymentReported report, Attempt attempt)
    {
        if (report.Invoices.Select(id => draft.State.Invoices.Find(id)).OfType<OpenInvoice>().FirstOrDefault() is not { } invoice) return;
        if (draft.RulesOf(invoice).AttemptFailedNotice is { } notice) draft.Promise(notice, NoticeTelling.Declined(draft, invoice, attempt));
    }

    /// <summary>Live payments hold an invoice's consequences off for a while from the first submission in its episode; another payment does not renew that.</summary>
    private static void Hold(AccountDraft draft, PaymentReported report)
    {
        if (report.FirstSubmittedAt is not { } first || report.Status == PaymentStatus.AwaitingCustomer) return;
        foreach (var id in report.Invoices)
        {
            if (draft.State.Invoices.Find(id) is { HoldUntil: null } invoice && string.Equals(invoice.ReservedBy, report.Payment, StringComparison.Ordinal))
            {
                draft.Keep(invoice with { HoldUntil = first + draft.RulesOf(invoice).HoldFor(report.FirstKind) });
            }
        }
    }
}
