using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// The start and the end of every payment. A payment reserves its invoices in the write that starts it, so one charge in
/// flight for an invoice is not a rule that someone keeps but the only thing that can be stored.
/// </summary>
internal static class Reservations
{
    /// <summary>A rung is due: it begins now, waits until its invoice is free, or ends without a charge.</summary>
    public static void Begin(AccountDraft draft, BeginRung command)
    {
        if (draft.State.Invoices.Find(command.Invoice) is not { } invoice) return;
        EndWaiting(draft, invoice, RungResult.Missed);
        invoice = draft.State.Invoices.Find(command.Invoice)!;
        if (invoice.ReservedBy is not null) draft.Keep(invoice with { WaitingRung = command.Rung });
        else BeginNow(draft, invoice, command.Rung);
    }

    /// <summary>Reserves invoices for a payment and starts it.</summary>
    public static void Start(
        AccountDraft draft, string payment, ImmutableArray<OpenInvoice> invoices, ImmutableArray<MethodCandidate> candidates, int? rung, string content)
    {
        foreach (var invoice in invoices) draft.Keep(invoice with { ReservedBy = payment });
        var amount = invoices.Sum(draft.State.Currency, invoice => invoice.Due);
        ImmutableArray<string> ids = [.. invoices.Select(invoice => invoice.Id)];
        draft.State = draft.State with { Payments = draft.State.Payments.With(new PendingPayment { Id = payment, Invoices = ids, Candidates = candidates, Status = PaymentStatus.Submitting, Rung = rung }) };
        draft.TellPayment(payment, new StartPayment
        {
            Account = draft.Id,
            Amount = amount,
            Invoices = ids,
            Candidates = candidates,
            ByHand = rung is null,
            Content = content,
            Clock = draft.State.Existing.TestClock,
            Test = draft.State.Existing.Test,
        });
        draft.Record("payment.created", new JsonObject
        {
            ["payment"] = payment, ["amount"] = amount.MinorUnits, ["currency"] = amount.Currency.Code,
            ["invoices"] = new JsonArray([.. ids.Select(id => (JsonNode)id)]), ["rung"] = rung,
        });
    }

    /// <summary>What a payment says about itself is applied: attempts, hold, money, release.</summary>
    public static void Report(AccountDraft draft, PaymentReported report)
    {
        var pending = draft.State.Payments.Find(report.Payment);
        if (report.NameTaken)
        {
            if (pending is not null) Release(draft, pending, RungResult.Missed, draft.Now);
            return;
        }

        if (pending is not null) Follow(draft, pending, report);
        TakeAttempts(draft, report);
        Hold(draft, report);
        switch (report.Status)
        {
            case PaymentStatus.Succeeded:
                Succeed(draft, report, pending);
                break;
            case PaymentStatus.Failed when pending is not null:
                draft.Record("payment.failed", new JsonObject { ["payment"] = report.Payment, ["code"] = report.Attempts.LastOrDefault()?.Code });
                if (report.Attempts.LastOrDefault()?.Outcome == AttemptOutcome.Error) ForgetKeyOf(draft, report.Payment);
                Release(draft, pending, RungResult.Failed, report.EndedAt ?? draft.Now);
                draft.TellPayment(report.Payment, new PaymentReleased(draft.NextVersion));
                break;
            case PaymentStatus.Created when pending is not null:
                Free(draft, pending);
                Credit.SpendOnUnpaid(draft);
                break;
            case PaymentStatus.Processing or PaymentStatus.Unknown when pending is not null && pending.Status != report.Status:
                draft.Record(report.Status == PaymentStatus.Unknown ? "payment.unknown" : "payment.processing", new JsonObject { ["payment"] = report.Payment });
                break;
        }
    }

    /// <summary>The wait after a gateway's error is over: the payment reserves anew and goes on, or waits behind another.</summary>
    public static void Resume(AccountDraft draft, string payment)
    {
        if (draft.State.Payments.Find(payment) is not { Status: PaymentStatus.Created } pending) return;
        if (draft.State.Invoices.Find(pending.Invoices[0]) is { ReservedBy: not null } reserved)
        {
            draft.Keep(reserved with { WaitingRung = pending.Rung });
            return;
        }

        Credit.Spend(draft, pending.Invoices);
        if (draft.State.Invoices.Find(pending.Invoices[0]) is not { } invoice)
        {
            if (draft.State.Payments.Find(payment) is null) return;
            Release(draft, pending, RungResult.Paid, draft.Now);
            draft.TellPayment(payment, new PaymentReleased(draft.NextVersion, Cancelled: true));
            return;
        }

        var candidates = pending.Candidates.RemoveAll(candidate => !IsUsable(draft.State, candidate));
        if (candidates.IsEmpty)
        {
            Release(draft, pending, RungResult.Failed, draft.Now);
            draft.TellPayment(payment, new PaymentReleased(draft.NextVersion, Cancelled: true));
            return;
        }

        draft.Keep(invoice with { ReservedBy = payment });
        draft.State = draft.State with { Payments = draft.State.Payments.With(pending with { Status = PaymentStatus.Submitting }) };
        draft.TellPayment(payment, new PaymentResumed(invoice.Due, candidates));
    }

    /// <summary>Other money has paid an invoice that a payment has reserved; once that is so of all its invoices, it submits nothing more.</summary>
    public static void StopIfPaid(AccountDraft draft, string payment)
    {
        if (draft.State.Payments.Find(payment) is { } pending && pending.Invoices.All(id => draft.State.Invoices.Find(id) is null)) draft.TellPayment(payment, new StopPayment());
    }

    /// <summary>A rung ended. The account is the first to know, and tells the invoice.</summary>
    public static void EndRung(AccountDraft draft, string invoiceId, int rung, RungResult result, Instant at, string? payment = null)
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
        if ((invoice.WaitingRung ?? paused?.Rung) is { } rung) EndRung(draft, invoice.Id, rung, result, draft.Now, paused?.Id);
    }

    /// <summary>The methods that a rung may use, as they are when it begins.</summary>
    public static ImmutableArray<MethodCandidate> CandidatesFor(AccountState account, MethodChoice choice) =>
    [
        .. account.Methods.Where(method => choice == MethodChoice.DefaultThenOthers || IsDefault(account, method))
            .Where(method => method.HardDecline is null)
            .OrderBy(method => IsDefault(account, method) ? 0 : 1)
            .Select(method => method.AsCandidate()),
    ];

    private static void BeginNow(AccountDraft draft, OpenInvoice waiting, int rung)
    {
        draft.Keep(waiting with { WaitingRung = null });
        if (PausedFor(draft.State, waiting.Id) is { } paused)
        {
            Resume(draft, paused.Id);
            return;
        }

        Credit.Spend(draft, [waiting.Id]);
        if (draft.State.Invoices.Find(waiting.Id) is not { } invoice)
        {
            EndRung(draft, waiting.Id, rung, RungResult.Paid, draft.Now);
            return;
        }

        var rules = draft.RulesOf(invoice);
        var candidates = CandidatesFor(draft.State, rung == 0 ? rules.Methods : rules.RetryMethods);
        if (candidates.IsEmpty)
        {
            EndRung(draft, invoice.Id, rung, RungResult.Skipped, draft.Now);
            return;
        }

        Start(draft, Ids.RungPayment(invoice.Id, rung), [invoice], candidates, rung, content: "");
    }

    private static void Succeed(AccountDraft draft, PaymentReported report, PendingPayment? pending)
    {
        var captured = report.Captured!.Value;
        draft.Record("payment.succeeded", report.EndedAt ?? draft.Now, new JsonObject { ["payment"] = report.Payment, ["amount"] = captured.MinorUnits, ["currency"] = captured.Currency.Code });
        Credit.ApplyCaptured(draft, report.Payment, captured, report.Invoices, report.EndedAt ?? draft.Now);
        if (pending is not null) Release(draft, pending, RungResult.Failed, report.EndedAt ?? draft.Now);
        else Credit.SpendOnUnpaid(draft);
    }

    /// <summary>Its invoices are free again; credit comes first, then a rung that waited.</summary>
    private static void Release(AccountDraft draft, PendingPayment pending, RungResult unpaidResult, Instant endedAt)
    {
        draft.State = draft.State with { Payments = draft.State.Payments.Without(pending.Id) };
        Free(draft, pending);
        if (pending.Rung is { } rung)
        {
            var isPaid = draft.State.Invoices.Find(pending.Invoices[0]) is null;
            EndRung(draft, pending.Invoices[0], rung, isPaid ? RungResult.Paid : unpaidResult, endedAt, pending.Id);
        }

        Credit.SpendOnUnpaid(draft);
        foreach (var id in pending.Invoices)
        {
            if (draft.State.Invoices.Find(id) is { WaitingRung: { } rungAfter, ReservedBy: null } invoice) BeginNow(draft, invoice, rungAfter);
        }
    }

    /// <summary>Its invoices are free again. One that is not unpaid yet is not held either: its next submission begins that anew.</summary>
    private static void Free(AccountDraft draft, PendingPayment pending)
    {
        foreach (var id in pending.Invoices)
        {
            if (draft.State.Invoices.Find(id) is not { } invoice || !string.Equals(invoice.ReservedBy, pending.Id, StringComparison.Ordinal)) continue;
            draft.Keep(invoice with { ReservedBy = null, HoldUntil = invoice.UnpaidSince is null ? null : invoice.HoldUntil });
        }
    }

    private static PendingPayment? PausedFor(AccountState account, string invoice) =>
        account.Payments.FirstOrDefault(payment => payment.Status == PaymentStatus.Created && payment.Invoices.Contains(invoice, StringComparer.Ordinal));

    /// <summary>How it stands, and the methods that it may still go on to.</summary>
    private static void Follow(AccountDraft draft, PendingPayment pending, PaymentReported report)
    {
        var left = pending.Candidates.RemoveAll(candidate => report.Attempts.Any(attempt => attempt.Outcome == AttemptOutcome.Declined && attempt.Candidate == candidate));
        draft.State = draft.State with { Payments = draft.State.Payments.With(pending with { Status = report.Status, Candidates = left }) };
    }

    private static void TakeAttempts(AccountDraft draft, PaymentReported report)
    {
        if (report.Attempts.IsEmpty) return;
        foreach (var attempt in report.Attempts.Where(attempt => attempt.Outcome == AttemptOutcome.Declined && DeclineCodes.IsHard(attempt.Code)))
        {
            if (draft.State.Methods.Find(attempt.Candidate.Method) is { } method && string.Equals(method.Token, attempt.Candidate.Token, StringComparison.Ordinal))
            {
                draft.State = draft.State with { Methods = draft.State.Methods.With(method with { HardDecline = attempt.Code }) };
            }
        }

        var lines = report.Attempts.Select(a => new AttemptLine(a.SubmittedAt, a.Candidate.Method, a.Outcome, a.Code, report.Payment, a.Ordinal)).ToImmutableArray();
        var newest = report.Attempts[^1];
        foreach (var id in report.Invoices)
        {
            draft.TellInvoice(id, new AttemptsMade(lines));
            if (draft.State.Invoices.Find(id) is { } invoice) draft.Keep(invoice with { HardDeclinedAt = DeclineCodes.IsHard(newest.Code) ? draft.Now : null });
        }
    }

    private static void Hold(AccountDraft draft, PaymentReported report)
    {
        if (report.FirstSubmittedAt is not { } first) return;
        foreach (var id in report.Invoices)
        {
            if (draft.State.Invoices.Find(id) is { HoldUntil: null } invoice && string.Equals(invoice.ReservedBy, report.Payment, StringComparison.Ordinal))
            {
                draft.Keep(invoice with { HoldUntil = first + draft.RulesOf(invoice).HoldFor(report.FirstKind) });
            }
        }
    }

    /// <summary>After a gateway's error no answer is kept for the caller's key: the same key may try again.</summary>
    private static void ForgetKeyOf(AccountDraft draft, string payment) =>
        draft.State = draft.State with { Idempotency = draft.State.Idempotency.RemoveAll(record => string.Equals(record.Id, payment, StringComparison.Ordinal)) };

    private static bool IsDefault(AccountState account, PaymentMethod method) => string.Equals(method.Id, account.DefaultMethod, StringComparison.Ordinal);

    private static bool IsUsable(AccountState account, MethodCandidate candidate) =>
        candidate.Method is null || account.Methods.Find(candidate.Method) is { HardDecline: null } method && string.Equals(method.Token, candidate.Token, StringComparison.Ordinal);
}
