namespace Billing.Domain;

/// <summary>
/// An operator has said, with evidence, that an attempt was captured. It counts at once, and the gateway is asked on: its own
/// word, whenever it comes, is the last. What it captured less is taken back, what it captured more is taken like any money.
/// </summary>
internal static class OperatorsWord
{
    /// <summary>Books what was asked for, until the gateway says what it was.</summary>
    public static void Take(Draft<PaymentState> draft, Attempt attempt)
    {
        var booked = draft.State.Start!.Amount;
        var said = attempt with { Outcome = AttemptOutcome.Succeeded, SaidByHand = booked };
        PaymentAttempts.Keep(draft, said);
        PaymentAttempts.Succeed(draft, booked, draft.Now, said with { SaidByHand = null });
        PaymentAttempts.AskLater(draft, said);
    }

    /// <summary>The gateway says something about it: what it captured, that it captured nothing, or nothing yet.</summary>
    public static void Check(Draft<PaymentState> draft, Attempt attempt, GatewayAnswered answer)
    {
        var booked = attempt.SaidByHand!.Value;
        Money? told = answer.Outcome switch
        {
            AttemptOutcome.Succeeded => answer.Amount ?? booked,
            AttemptOutcome.Declined or AttemptOutcome.Cancelled => Money.Zero(booked.Currency),
            AttemptOutcome.NotCaptured when PaymentSchedule.AbsenceIsBelieved(attempt.SubmittedAt, draft.Now) => Money.Zero(booked.Currency),
            _ => null,
        };
        if (told is not { } captured)
        {
            PaymentAttempts.AskLater(draft, attempt);
            return;
        }

        PaymentAttempts.Keep(draft, attempt with { Outcome = answer.Outcome, Code = answer.Code, Reference = answer.Reference ?? attempt.Reference, SaidByHand = null });
        draft.State = draft.State with { DueAt = null };
        // Money in another currency is none of what was booked, and a human's to settle.
        var isSame = captured.Currency == booked.Currency;
        if (!isSame || captured < booked) PaymentMoney.Unbook(draft, $"resolved~{attempt.Ordinal}", isSame ? booked - captured : booked);
        if (!isSame || captured > booked) PaymentAttempts.Succeed(draft, isSame ? captured - booked : captured, answer.At ?? draft.Now);
    }
}
