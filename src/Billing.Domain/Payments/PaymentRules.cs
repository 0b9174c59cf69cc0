using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Everything that a payment decides. An attempt is stored before it is sent; the next ordinal comes only when the one
/// before is terminal; outcomes are ordered whatever the order in which they arrive.
/// </summary>
public static class PaymentRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<PaymentState> Decide(PaymentState state, Message message, Instant now, string id)
    {
        var draft = new Draft<PaymentState>(state, now);
        if (state.Start is null && message is not StartPayment) return draft.Decide(new Refused(Problems.NotFound, "There is no such payment."));
        switch (message)
        {
            case StartPayment m:
                Start(draft, m, id);
                break;
            case GatewayAnswered m:
                Take(draft, m);
                break;
            case GatewayReported m:
                Take(draft, new GatewayAnswered(m.Ordinal, m.Outcome, Asked: false, m.Reference, m.Amount, m.Code, m.At));
                break;
            case PaymentResumed m:
                Resumed(draft, m);
                break;
            case PaymentApplied m:
                Applied(draft, m);
                break;
            case StopPayment:
                draft.State = state with { IsCancelled = state.Status is not (PaymentStatus.Succeeded or PaymentStatus.Failed) };
                break;
            case PaymentReleased m:
                Released(draft, m);
                break;
            case Recover:
                Recovered(draft);
                break;
            case Wake when state.DueAt <= now:
                Woken(draft);
                break;
            case Wake:
                break;
            default:
                return draft.Decide(new Refused(Problems.InvalidRequest, $"A payment does not take {message.GetType().Name}."));
        }

        return draft.Decide(new Done(id));
    }

    /// <summary>When it asks the gateway, or tries again after an error.</summary>
    public static Instant? Due(PaymentState state) => state.DueAt;

    /// <summary>Whether something was on its way to the gateway when the last activation ended.</summary>
    public static bool NeedsRecovery(PaymentState state) =>
        state.Newest is { Outcome: AttemptOutcome.Submitting } || IsQuestionLost(state);

    /// <summary>Whether it has ended and the account has taken note.</summary>
    public static bool IsFinished(PaymentState state) => state.Status is PaymentStatus.Succeeded or PaymentStatus.Failed && state.SettledVersion > 0;

    /// <summary>What lists and reports see of it.</summary>
    public static JsonObject Summary(PaymentState state) => state.Start is not { } start ? [] : new JsonObject
    {
        ["id"] = state.Id,
        ["account"] = start.Account,
        ["status"] = state.Status.ToString().ToLowerInvariant(),
        ["amount"] = start.Amount.MinorUnits,
        ["gateway_reference"] = state.Newest?.Reference,
    };

    private static void Start(Draft<PaymentState> draft, StartPayment message, string id)
    {
        var state = draft.State;
        var isAgain = state is { FailedByError: true, Start.ByHand: true } && string.Equals(state.Start.Content, message.Content, StringComparison.Ordinal);
        if (state.Start is not null && !isAgain)
        {
            Tell(draft, message.Account, new PaymentReported { Payment = id, Status = state.Status, Invoices = message.Invoices, NameTaken = true });
            return;
        }

        draft.State = state with
        {
            Id = id, Start = message, Left = message.Candidates, CreatedAt = isAgain ? state.CreatedAt : draft.Now, EndedAt = null, SettledVersion = 0, IsCancelled = false,
        };
        if (message.Amount.IsZero) Succeed(draft, message.Amount, draft.Now);
        else Submit(draft);
    }

    private static void Submit(Draft<PaymentState> draft)
    {
        var attempt = new Attempt { Ordinal = draft.State.Attempts.Length + 1, Candidate = draft.State.Left[0], SubmittedAt = draft.Now };
        draft.State = draft.State with { Status = PaymentStatus.Submitting, Attempts = draft.State.Attempts.Add(attempt), DueAt = null, TimesAsked = 0 };
        draft.Send(Outgoing.Gateway, new SubmitAttempt(attempt.Ordinal));
    }

    private static void Take(Draft<PaymentState> draft, GatewayAnswered answer)
    {
        if (answer.Ordinal < 1 || answer.Ordinal > draft.State.Attempts.Length) return;
        var attempt = draft.State.Attempts[answer.Ordinal - 1];
        var isNewest = answer.Ordinal == draft.State.Attempts.Length;
        var said = attempt with { Outcome = answer.Outcome, Code = answer.Code, Reference = answer.Reference ?? attempt.Reference };
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
            case var _ when draft.State.Status == PaymentStatus.Succeeded:
                FollowToItsEnd(draft, answer, said);
                break;
            case AttemptOutcome.Declined:
                Keep(draft, said);
                GoOn(draft, said, endedAt: answer.At ?? draft.Now);
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
            case var _ when answer.Asked:
                AskLater(draft, attempt);
                break;
        }
    }

    private static void Succeed(Draft<PaymentState> draft, Money captured, Instant at, params ImmutableArray<Attempt> attempts)
    {
        var isFirst = draft.State.Status != PaymentStatus.Succeeded;
        var sum = isFirst ? captured : draft.State.Captured!.Value + captured;
        var isOver = draft.State.Newest is not { } newest || IsTerminal(newest.Outcome);
        draft.State = draft.State with
        {
            Status = PaymentStatus.Succeeded, Captured = sum, EndedAt = isFirst ? at : draft.State.EndedAt, DueAt = isOver ? null : draft.State.DueAt, IsCancelled = false,
        };
        // A second capture of the same intent is money that nobody asked for: it pays nothing by name and becomes prepayment.
        Tell(draft, draft.State.Start!.Account, new PaymentReported
        {
            Payment = draft.State.Id, Status = PaymentStatus.Succeeded, Invoices = isFirst ? draft.State.Start.Invoices : [], Attempts = attempts,
            FirstSubmittedAt = FirstSubmission(draft.State)?.SubmittedAt, FirstKind = FirstSubmission(draft.State)?.Candidate.Kind ?? default, Captured = captured, EndedAt = at,
        });
    }

    /// <summary>An earlier attempt paid after all, and this later one is still out: it may capture too, so it is not forgotten.</summary>
    private static void FollowToItsEnd(Draft<PaymentState> draft, GatewayAnswered answer, Attempt said)
    {
        var isOver = answer.Outcome switch
        {
            AttemptOutcome.Declined => true,
            AttemptOutcome.NotCaptured => PaymentSchedule.AbsenceIsBelieved(said.SubmittedAt, draft.Now),
            AttemptOutcome.Error => !answer.Asked,
            _ => false,
        };
        if (isOver || !answer.Asked) Keep(draft, said);
        if (isOver) draft.State = draft.State with { DueAt = null };
        else AskLater(draft, said);
    }

    /// <summary>After a terminal decline: the next method, or the end.</summary>
    private static void GoOn(Draft<PaymentState> draft, Attempt declined, Instant endedAt)
    {
        draft.State = draft.State with { Left = draft.State.Left.RemoveAt(0) };
        if (draft.State.Left.IsEmpty || draft.State.IsCancelled)
        {
            Fail(draft, declined, endedAt);
            return;
        }

        Submit(draft);
        Report(draft, PaymentStatus.Submitting, [declined]);
    }

    private static void Fail(Draft<PaymentState> draft, Attempt last, Instant endedAt)
    {
        draft.State = draft.State with { Status = PaymentStatus.Failed, EndedAt = endedAt, DueAt = null };
        Report(draft, PaymentStatus.Failed, [last], endedAt);
    }

    /// <summary>The gateway has no such charge and will take none. In a rung that is no decline: the same method once more.</summary>
    private static void Absent(Draft<PaymentState> draft, Attempt absent)
    {
        var before = draft.State.Attempts.Length > 1 ? draft.State.Attempts[^2] : null;
        Keep(draft, absent);
        if (before is { Outcome: AttemptOutcome.NotCaptured } && before.Candidate == absent.Candidate)
        {
            GoOn(draft, absent, endedAt: before.SubmittedAt);
        }
        else if (draft.State.Start!.ByHand || draft.State.IsCancelled)
        {
            Fail(draft, absent, endedAt: draft.Now);
        }
        else
        {
            Submit(draft);
            Report(draft, PaymentStatus.Submitting, [absent]);
        }
    }

    /// <summary>The gateway did nothing: no decline. A rung tries again later and reserves nothing meanwhile; by hand it is the end.</summary>
    private static void Erred(Draft<PaymentState> draft, Attempt erred)
    {
        if (draft.State.Start!.ByHand || draft.State.IsCancelled)
        {
            Fail(draft, erred, draft.Now);
            return;
        }

        var errors = draft.State.Attempts.Reverse().TakeWhile(attempt => attempt.Outcome == AttemptOutcome.Error).Count();
        draft.State = draft.State with { Status = PaymentStatus.Created, DueAt = erred.SubmittedAt + PaymentSchedule.RetryAfter(errors) };
        Report(draft, PaymentStatus.Created, [erred]);
    }

    private static void Woken(Draft<PaymentState> draft)
    {
        draft.State = draft.State with { DueAt = null };
        if (draft.State.Status == PaymentStatus.Created) Tell(draft, draft.State.Start!.Account, new ResumePayment(draft.State.Id));
        else if (draft.State.Newest is { } attempt) draft.Send(Outgoing.Gateway, new AskGateway(attempt.Ordinal));
    }

    private static void Resumed(Draft<PaymentState> draft, PaymentResumed message)
    {
        if (draft.State.Status != PaymentStatus.Created) return;
        draft.State = draft.State with
        {
            Start = draft.State.Start! with { Amount = message.Amount },
            Left = [.. draft.State.Left.Where(candidate => message.Candidates.Contains(candidate))],
        };
        if (draft.State.Left.IsEmpty) Fail(draft, draft.State.Newest!, draft.Now);
        else Submit(draft);
    }

    private static void Applied(Draft<PaymentState> draft, PaymentApplied message)
    {
        var prepayment = draft.State.Prepayment ?? Money.Zero(message.Prepayment.Currency);
        draft.State = draft.State with
        {
            Allocations = draft.State.Allocations.AddRange(message.Allocations), Prepayment = prepayment + message.Prepayment,
            SettledVersion = Math.Max(message.StandingVersion, draft.State.SettledVersion),
        };
    }

    private static void Released(Draft<PaymentState> draft, PaymentReleased message)
    {
        draft.State = draft.State with { SettledVersion = message.StandingVersion };
        if (message.Cancelled && draft.State.Status == PaymentStatus.Created)
        {
            draft.State = draft.State with { Status = PaymentStatus.Failed, IsCancelled = true, EndedAt = draft.Now, DueAt = null };
        }
    }

    /// <summary>The activation is new: whatever was on its way to the gateway may have arrived or not, so it is unknown, never "send again".</summary>
    private static void Recovered(Draft<PaymentState> draft)
    {
        if (draft.State.Newest is not { } attempt) return;
        if (attempt.Outcome == AttemptOutcome.Submitting)
        {
            Take(draft, new GatewayAnswered(attempt.Ordinal, AttemptOutcome.Unknown, Asked: false));
        }
        else if (IsQuestionLost(draft.State))
        {
            // Asking again costs nothing.
            draft.State = draft.State with { DueAt = draft.Now };
        }
    }

    private static bool IsQuestionLost(PaymentState state) =>
        state is { Newest.Outcome: AttemptOutcome.Unknown or AttemptOutcome.Processing, DueAt: null };

    private static void AskLater(Draft<PaymentState> draft, Attempt attempt)
    {
        var timesAsked = draft.State.TimesAsked;
        while (PaymentSchedule.AskAt(attempt.SubmittedAt, timesAsked) <= draft.Now) timesAsked++;
        draft.State = draft.State with { DueAt = PaymentSchedule.AskAt(attempt.SubmittedAt, timesAsked), TimesAsked = timesAsked };
    }

    private static void Report(Draft<PaymentState> draft, PaymentStatus status, ImmutableArray<Attempt> attempts, Instant? endedAt = null) =>
        Tell(draft, draft.State.Start!.Account, new PaymentReported
        {
            Payment = draft.State.Id, Status = status, Invoices = draft.State.Start.Invoices, Attempts = attempts,
            FirstSubmittedAt = FirstSubmission(draft.State)?.SubmittedAt, FirstKind = FirstSubmission(draft.State)?.Candidate.Kind ?? default, EndedAt = endedAt,
        });

    private static void Tell(Draft<PaymentState> draft, string account, Message message) => draft.Send(GrainKeys.Account(account), message);

    private static void Keep(Draft<PaymentState> draft, Attempt attempt) =>
        draft.State = draft.State with { Attempts = draft.State.Attempts.SetItem(attempt.Ordinal - 1, attempt) };

    /// <summary>The first submission that may have moved money; after a gateway's error nothing was done.</summary>
    private static Attempt? FirstSubmission(PaymentState state) => state.Attempts.FirstOrDefault(attempt => attempt.Outcome != AttemptOutcome.Error);

    private static bool IsTerminal(AttemptOutcome outcome) =>
        outcome is AttemptOutcome.Declined or AttemptOutcome.NotCaptured or AttemptOutcome.Error or AttemptOutcome.Succeeded;
}
