using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What becomes of a payment's submissions. An attempt is stored before it is sent; the next ordinal comes only when the one
/// before is terminal; outcomes are ordered whatever the order in which they arrive.
/// </summary>
internal static class PaymentAttempts
{
    /// <summary>Submits the next method, or asks first whether its card network allows it.</summary>
    /// <param name="draft">The payment.</param>
    /// <param name="endedAt">When the attempt before ended, if there was one.</param>
    internal static void Submit(Draft<PaymentState> draft, Instant? endedAt)
    {
        if (PaymentCeilings.IsAsked(draft.State)) PaymentCeilings.Ask(draft, endedAt);
        else SubmitNow(draft);
    }

    /// <summary>Stores the attempt, and then it is sent.</summary>
    internal static void SubmitNow(Draft<PaymentState> draft)
    {
        var start = draft.State.Start!;
        var attempt = new Attempt { Ordinal = draft.State.Attempts.Length + 1, Candidate = draft.State.Left[0], SubmittedAt = draft.Now };
        var window = attempt.Candidate.Kind == MethodKind.Crypto ? start.CryptoWindow ?? PaymentSchedule.ChallengeFor : PaymentSchedule.ChallengeFor;
        var expiresAt = start.LatestExpiry is { } latest ? Instant.Max(draft.Now, Instant.Min(latest, draft.Now + window)) : draft.Now + window;
        draft.State = draft.State with
        {
            Status = PaymentStatus.Submitting,
            Attempts = draft.State.Attempts.Add(attempt),
            DueAt = null,
            TimesAsked = 0,
            ExpiresAt = start.ByHand ? expiresAt : null,
        };
        draft.Send(Outgoing.Gateway, new SubmitAttempt(attempt.Ordinal));
    }

    internal static void Take(Draft<PaymentState> draft, GatewayAnswered answer)
    {
        if (answer.Ordinal < 1 || answer.Ordinal > draft.State.Attempts.Length) return;
        var attempt = draft.State.Attempts[answer.Ordinal - 1];
        if (attempt.SaidByHand is not null)
        {
            OperatorsWord.Check(draft, attempt, answer);
            return;
        }

        var isNewest = answer.Ordinal == draft.State.Attempts.Length;
        var said = attempt with { Outcome = answer.Outcome, Code = answer.Code, Reference = answer.Reference ?? attempt.Reference, SubmittedAt = answer.SentAt ?? attempt.SubmittedAt };
        if (answer.Outcome != AttemptOutcome.NotSent && draft.State.InLineSince is not null) draft.State = draft.State with { InLineSince = null };
        switch (answer.Outcome)
        {
            case AttemptOutcome.Succeeded when attempt.Outcome != AttemptOutcome.Succeeded:
                Keep(draft, said);
                Succeed(draft, answer.Amount ?? draft.State.Start!.Amount, answer.At ?? draft.Now, said);
                break;
            case AttemptOutcome.Succeeded:
                break;
            case var _ when IsTerminal(attempt.Outcome) || !isNewest:
                break;
            case AttemptOutcome.Created or AttemptOutcome.NotSent:
                PaymentTurns.Take(draft, attempt, answer);
                break;
            case var _ when draft.State.Status == PaymentStatus.Succeeded:
                FollowToItsEnd(draft, answer, said);
                break;
            case AttemptOutcome.Cancelled:
            case AttemptOutcome.Declined when draft.State.Status == PaymentStatus.AwaitingCustomer && answer.Code is PaymentSchedule.ExpiredCode:
                Keep(draft, said with { Outcome = AttemptOutcome.Cancelled });
                Expire(draft, said with { Outcome = AttemptOutcome.Cancelled });
                break;
            case AttemptOutcome.Declined:
                Keep(draft, said);
                GoOn(draft, said, endedAt: answer.At ?? draft.Now);
                break;
            case AttemptOutcome.AwaitingCustomer when attempt.Outcome != AttemptOutcome.AwaitingCustomer:
                Keep(draft, said);
                draft.State = draft.State with { Status = PaymentStatus.AwaitingCustomer, Action = answer.Action, DueAt = draft.State.ExpiresAt };
                Report(draft, PaymentStatus.AwaitingCustomer, [said]);
                if (draft.State.IsCancelled) AskToCancel(draft, said);
                break;
            case AttemptOutcome.Processing when attempt.Outcome != AttemptOutcome.Processing:
                Keep(draft, said);
                draft.State = draft.State with { Status = PaymentStatus.Processing };
                AskLater(draft, said);
                Report(draft, PaymentStatus.Processing, [said]);
                break;
            case AttemptOutcome.NotCaptured when PaymentSchedule.AbsenceIsBelieved(attempt.SubmittedAt, draft.Now):
                Absent(draft, said);
                break;
            case AttemptOutcome.Error when !answer.Asked:
                Keep(draft, said);
                Erred(draft, said);
                break;
            case AttemptOutcome.Unknown when attempt.Outcome == AttemptOutcome.Submitting:
                Keep(draft, said);
                draft.State = draft.State with { Status = PaymentStatus.Unknown };
                AskLater(draft, said);
                Report(draft, PaymentStatus.Unknown, [said]);
                break;
            case var _ when answer.Asked && draft.State.Status == PaymentStatus.AwaitingCustomer:
                // The cancel was not confirmed: who waits for that is told, and it is asked for again.
                draft.State = draft.State with { DueAt = draft.Now + PaymentSchedule.CancelAgainAfter };
                Report(draft, PaymentStatus.AwaitingCustomer, []);
                break;
            case var _ when answer.Asked:
                AskLater(draft, attempt);
                break;
        }
    }

    internal static void Succeed(Draft<PaymentState> draft, Money captured, Instant at, params ImmutableArray<Attempt> attempts)
    {
        var isFirst = draft.State.Status != PaymentStatus.Succeeded;
        var sum = isFirst ? captured : Sum(draft.State.Captured!.Value, captured, draft.State.Start!.Amount.Currency);
        var isOver = draft.State.Newest is not { } newest || IsTerminal(newest.Outcome);
        draft.State = draft.State with
        {
            Status = PaymentStatus.Succeeded,
            Captured = sum,
            EndedAt = isFirst ? at : draft.State.EndedAt,
            DueAt = isOver ? null : draft.State.DueAt,
            IsCancelled = false,
            Action = null,
            Question = null,
        };
        PaymentAttention.ClearAttention(draft);
        // A second capture of the same intent is money that nobody asked for: it pays nothing by name and becomes prepayment.
        Tell(draft, draft.State.Start!.Account, new PaymentReported
        {
            Payment = draft.State.Id,
            Status = PaymentStatus.Succeeded,
            Invoices = isFirst ? draft.State.Start.Invoices : [],
            Attempts = attempts,
            IsReceived = draft.State.Reference is not null,
            Gateway = draft.State.Gateway,
            FirstSubmittedAt = FirstSubmission(draft.State)?.SubmittedAt,
            FirstKind = FirstSubmission(draft.State)?.Candidate.Kind ?? default,
            Captured = captured,
            EndedAt = at,
        });
    }

    /// <summary>What was captured in the payment's own currency; money in another one is added to nothing, and a human's to settle.</summary>
    private static Money Sum(Money before, Money captured, Currency currency) =>
        before.Currency == captured.Currency ? before + captured : before.Currency == currency ? before : captured;

    /// <summary>An earlier attempt paid after all, and this later one is still out: it may capture too, so it is not forgotten.</summary>
    internal static void FollowToItsEnd(Draft<PaymentState> draft, GatewayAnswered answer, Attempt said)
    {
        var isOver = answer.Outcome switch
        {
            AttemptOutcome.Declined or AttemptOutcome.Cancelled => true,
            AttemptOutcome.NotCaptured => PaymentSchedule.AbsenceIsBelieved(said.SubmittedAt, draft.Now),
            AttemptOutcome.Error => !answer.Asked,
            _ => false,
        };
        if (isOver || !answer.Asked) Keep(draft, said);
        if (isOver) draft.State = draft.State with { DueAt = null };
        else AskLater(draft, said);
    }

    /// <summary>After a terminal decline: the next method that is not passed over, or the end.</summary>
    internal static void GoOn(Draft<PaymentState> draft, Attempt declined, Instant endedAt)
    {
        draft.State = draft.State with { Left = WithoutPassedOver(draft.State, draft.State.Left.RemoveAt(0)) };
        if (draft.State.Left.IsEmpty || draft.State.IsCancelled) Fail(draft, declined, endedAt);
        else SubmitNext(draft, declined, endedAt);
    }

    /// <summary>The next submission, or none for now while automatic payment is off.</summary>
    internal static void SubmitNext(Draft<PaymentState> draft, Attempt before, Instant endedAt)
    {
        if (draft.State.IsPaused) draft.State = draft.State with { Status = PaymentStatus.Created, DueAt = null };
        else Submit(draft, endedAt);
        Report(draft, draft.State.Status, [before]);
    }

    internal static void Fail(Draft<PaymentState> draft, Attempt last, Instant endedAt)
    {
        draft.State = draft.State with { Status = PaymentStatus.Failed, EndedAt = endedAt, DueAt = null, Action = null };
        PaymentAttention.ClearAttention(draft);
        Report(draft, PaymentStatus.Failed, [last], endedAt);
    }

    /// <summary>The customer did not pay in time, or was stopped: it takes no money any more.</summary>
    internal static void Expire(Draft<PaymentState> draft, Attempt last)
    {
        var status = draft.State is { IsCancelled: false, ExpiresAt: { } end } && end <= draft.Now ? PaymentStatus.Expired : PaymentStatus.Cancelled;
        draft.State = draft.State with { Status = status, EndedAt = draft.Now, DueAt = null, Action = null };
        Report(draft, status, [last], draft.Now);
    }

    /// <summary>The gateway has no such charge and will take none. In a rung that is no decline: the same method once more.</summary>
    internal static void Absent(Draft<PaymentState> draft, Attempt absent)
    {
        var before = draft.State.Attempts.Length > 1 ? draft.State.Attempts[^2] : null;
        Keep(draft, absent);
        if (before is { Outcome: AttemptOutcome.NotCaptured } && before.Candidate == absent.Candidate) GoOn(draft, absent, endedAt: before.SubmittedAt);
        else if (WithoutPassedOver(draft.State, draft.State.Left[..1]).IsEmpty) GoOn(draft, absent, endedAt: absent.SubmittedAt);
        else if (!draft.State.Start!.IsRung || draft.State.IsCancelled) Fail(draft, absent, endedAt: draft.Now);
        else SubmitNext(draft, absent, endedAt: absent.SubmittedAt);
    }

    /// <summary>The gateway did nothing: no decline. A rung tries again later and reserves nothing meanwhile; by hand it is the end.</summary>
    internal static void Erred(Draft<PaymentState> draft, Attempt erred)
    {
        if (!draft.State.Start!.IsRung || draft.State.IsCancelled)
        {
            Fail(draft, erred, draft.Now);
            return;
        }

        var errors = draft.State.Attempts.Reverse().TakeWhile(attempt => attempt.Outcome == AttemptOutcome.Error).ToImmutableArray();
        draft.State = draft.State with { Status = PaymentStatus.Created, DueAt = erred.SubmittedAt + PaymentSchedule.RetryAfter(errors.Length) };
        if (draft.Now - errors[^1].SubmittedAt >= PaymentSchedule.AttentionAfter) PaymentAttention.Raise(draft, "gateway_down", "The gateway has answered with errors for a day.", "Look whether the gateway works; the payment is tried again by itself.");
        Report(draft, PaymentStatus.Created, [erred]);
    }

    internal static void Ask(Draft<PaymentState> draft, Attempt attempt)
    {
        if (attempt.Outcome == AttemptOutcome.Unknown && draft.Now - attempt.SubmittedAt >= PaymentSchedule.AttentionAfter)
        {
            PaymentAttention.Raise(draft, "unknown_payment", "Nobody knows since a day whether money moved.", "Look at the gateway's own pages and resolve the payment with what they say.");
        }

        draft.Send(Outgoing.Gateway, new AskGateway(attempt.Ordinal));
    }

    internal static void AskToCancel(Draft<PaymentState> draft, Attempt attempt)
    {
        draft.State = draft.State with { DueAt = null };
        draft.Send(Outgoing.Gateway, new CancelAttempt(attempt.Ordinal));
    }

    internal static void AskLater(Draft<PaymentState> draft, Attempt attempt)
    {
        var timesAsked = draft.State.TimesAsked;
        while (PaymentSchedule.AskAt(attempt.SubmittedAt, timesAsked) <= draft.Now) timesAsked++;
        draft.State = draft.State with { DueAt = PaymentSchedule.AskAt(attempt.SubmittedAt, timesAsked), TimesAsked = timesAsked };
    }

    internal static void Report(Draft<PaymentState> draft, PaymentStatus status, ImmutableArray<Attempt> attempts, Instant? endedAt = null, bool isAtCeiling = false) =>
        Tell(draft, draft.State.Start!.Account, new PaymentReported
        {
            IsAtCeiling = isAtCeiling,
            Payment = draft.State.Id,
            Status = status,
            Invoices = draft.State.Start.Invoices,
            Attempts = attempts,
            FirstSubmittedAt = FirstSubmission(draft.State)?.SubmittedAt,
            FirstKind = FirstSubmission(draft.State)?.Candidate.Kind ?? default,
            EndedAt = endedAt,
        });

    internal static void Tell(Draft<PaymentState> draft, string account, Message message) => draft.Send(GrainKeys.Account(account), message);

    internal static void Keep(Draft<PaymentState> draft, Attempt attempt)
    {
        if (attempt.Outcome == AttemptOutcome.Declined && draft.State.Attempts[attempt.Ordinal - 1].Outcome != AttemptOutcome.Declined) PaymentCeilings.Count(draft, attempt);
        draft.State = draft.State with { Attempts = draft.State.Attempts.SetItem(attempt.Ordinal - 1, attempt) };
    }

    internal static ImmutableArray<MethodCandidate> WithoutPassedOver(PaymentState state, ImmutableArray<MethodCandidate> candidates) => candidates.RemoveAll(candidate =>
        state.PassedOver.Any(over => string.Equals(over.Method, candidate.Method, StringComparison.Ordinal) && string.Equals(over.Token, candidate.Token, StringComparison.Ordinal)));

    /// <summary>The first submission that may have moved money; after a gateway's error nothing was done.</summary>
    internal static Attempt? FirstSubmission(PaymentState state) => state.Attempts.FirstOrDefault(attempt => attempt.Outcome != AttemptOutcome.Error);

    internal static bool IsTerminal(AttemptOutcome outcome) =>
        outcome is AttemptOutcome.Declined or AttemptOutcome.NotCaptured or AttemptOutcome.Error or AttemptOutcome.Succeeded or AttemptOutcome.Cancelled;
}
