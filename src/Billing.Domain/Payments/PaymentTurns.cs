namespace Billing.Domain;

/// <summary>
/// The two pauses inside a submission in which no money can be moving. A gateway that makes a charge before it moves money
/// answers with the charge's id: it is stored, and only then confirmed, so that an unknown outcome is a read of that id. And
/// what has to wait for its turn at the gateway, longer than an attempt may wait, is certainly not sent: it is no submission.
/// </summary>
internal static class PaymentTurns
{
    /// <summary>The gateway made the charge, or the attempt was not sent.</summary>
    public static void Take(Draft<PaymentState> draft, Attempt attempt, GatewayAnswered answer)
    {
        if (attempt.Outcome != AttemptOutcome.Submitting || draft.State.Newest!.Ordinal != attempt.Ordinal) return;
        if (answer.Outcome == AttemptOutcome.Created) Confirm(draft, attempt with { Reference = answer.Reference });
        else if (!answer.Asked) Wait(draft, attempt, answer);
    }

    /// <summary>Whether it waits for its turn: nothing of it is out, whatever else was once in line.</summary>
    public static bool IsInLine(PaymentState state) => state.DueAt is not null && state.Newest?.Outcome switch
    {
        AttemptOutcome.Created => true,
        null => IsWaiting(state),
        { } outcome => IsWaiting(state) && PaymentAttempts.IsTerminal(outcome),
    };

    /// <summary>Its turn has come.</summary>
    public static void Go(Draft<PaymentState> draft)
    {
        if (draft.State.Newest is { Outcome: AttemptOutcome.Created } made) Confirm(draft, made);
        else if (!draft.State.Left.IsEmpty) PaymentCeilings.GoOn(draft, draft.State.Left[0], draft.State.Left, endedAt: null);
    }

    /// <summary>Its id is stored with this write, and then it may move money: unless nobody wants that any more.</summary>
    private static void Confirm(Draft<PaymentState> draft, Attempt made)
    {
        PaymentAttempts.Keep(draft, made with { Outcome = AttemptOutcome.Submitting });
        var isWanted = !draft.State.IsCancelled && draft.State.Status != PaymentStatus.Succeeded;
        draft.Send(Outgoing.Gateway, isWanted ? new ConfirmAttempt(made.Ordinal) : new CancelAttempt(made.Ordinal));
    }

    private static bool IsWaiting(PaymentState state) => state is { InLineSince: not null, Status: PaymentStatus.Submitting };

    private static void Wait(Draft<PaymentState> draft, Attempt attempt, GatewayAnswered answer)
    {
        if (attempt.Reference is not null) PaymentAttempts.Keep(draft, attempt with { Outcome = AttemptOutcome.Created });
        else draft.State = draft.State with { Attempts = draft.State.Attempts.RemoveAt(attempt.Ordinal - 1) };
        if (draft.State.Status == PaymentStatus.Succeeded && attempt.Reference is null) return;
        draft.State = draft.State with { InLineSince = draft.State.InLineSince ?? draft.Now, DueAt = answer.TurnAt ?? draft.Now + PaymentSchedule.SendWithin };
    }
}
