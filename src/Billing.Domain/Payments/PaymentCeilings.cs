using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// A payment and the card networks' ceilings: before a reattempt the card is asked, and at its ceiling the method is passed
/// over. While it asks, its invoices stay reserved; the question and the answer each lie in an outbox, so a crash loses neither.
/// </summary>
internal static class PaymentCeilings
{
    /// <summary>Whether the next submission is a reattempt with a card that somebody counts: its invoice, or this payment with this card, was declined before.</summary>
    public static bool IsAsked(PaymentState state) =>
        state.Left[0] is { Kind: MethodKind.Card, Fingerprint: { } fingerprint }
        && (state.Start!.IsReattempt || state.Attempts.Any(attempt => attempt.Outcome == AttemptOutcome.Declined && string.Equals(attempt.Candidate.Fingerprint, fingerprint, StringComparison.Ordinal)));

    /// <summary>Asks the present method's card.</summary>
    public static void Ask(Draft<PaymentState> draft, Instant? endedAt)
    {
        var (start, card) = (draft.State.Start!, draft.State.Left[0]);
        var ordinal = draft.State.Attempts.Length + 1;
        draft.State = draft.State with { Status = PaymentStatus.Submitting, DueAt = null, Question = new CeilingQuestion(ordinal, endedAt) };
        draft.Send(KeyOf(start, card.Fingerprint!), new AskCeiling(draft.State.Id, ordinal, card.Fingerprint!, card.Network, start.Clock));
    }

    /// <summary>The card's answer. What happened meanwhile counts: given up, paused, passed over.</summary>
    public static void Answered(Draft<PaymentState> draft, CeilingAnswered answer)
    {
        if (draft.State.Question is not { } question || question.Ordinal != answer.Ordinal) return;
        var present = draft.State.Left[0];
        if (!string.Equals(present.Fingerprint, answer.Fingerprint, StringComparison.Ordinal)) return;
        draft.State = draft.State with { Question = null, FreeAt = Later(draft.State.FreeAt, answer.FreeAt) };
        GoOn(draft, present, answer.Allowed ? draft.State.Left : draft.State.Left.RemoveAt(0), question.EndedAt);
    }

    /// <summary>The wait before a submission is over. What happened meanwhile counts: given up, paused, passed over.</summary>
    /// <param name="draft">The payment.</param>
    /// <param name="present">The method that it waited for; another one's card is asked first.</param>
    /// <param name="methods">The methods that it may go on to.</param>
    /// <param name="endedAt">When the attempt before ended, if there was one.</param>
    public static void GoOn(Draft<PaymentState> draft, MethodCandidate present, ImmutableArray<MethodCandidate> methods, Instant? endedAt)
    {
        var left = PaymentAttempts.WithoutPassedOver(draft.State, methods);
        draft.State = draft.State with { Left = left };
        if (draft.State.IsCancelled || left.IsEmpty) End(draft, endedAt);
        else if (draft.State.IsPaused) Pause(draft);
        else if (left[0] == present || !IsAsked(draft.State)) PaymentAttempts.SubmitNow(draft);
        else Ask(draft, endedAt);
    }

    /// <summary>Tells the card that an attempt with it was declined.</summary>
    public static void Count(Draft<PaymentState> draft, Attempt declined)
    {
        if (declined.Candidate is not { Kind: MethodKind.Card, Fingerprint: { } fingerprint } || draft.State.Start is not { } start) return;
        draft.Send(KeyOf(start, fingerprint), new AttemptDeclined(draft.State.Id, declined.Ordinal, declined.SubmittedAt, start.Clock));
    }

    /// <summary>No method is left, or nobody wants it any more. What was submitted ended when it did; without a submission nothing has failed.</summary>
    private static void End(Draft<PaymentState> draft, Instant? ended)
    {
        var status = draft.State.IsCancelled && draft.State.Attempts.IsEmpty ? PaymentStatus.Cancelled : PaymentStatus.Failed;
        var endedAt = ended ?? draft.Now;
        draft.State = draft.State with { Status = status, EndedAt = endedAt, DueAt = null, InLineSince = null };
        PaymentAttention.ClearAttention(draft);
        PaymentAttempts.Report(draft, status, [], endedAt, isAtCeiling: draft.State.FailedAtCeiling);
    }

    private static void Pause(Draft<PaymentState> draft)
    {
        draft.State = draft.State with { Status = PaymentStatus.Created, DueAt = null, InLineSince = null };
        PaymentAttempts.Report(draft, PaymentStatus.Created, []);
    }

    private static Instant? Later(Instant? before, Instant? freeAt) => before is { } a && freeAt is { } b ? Instant.Min(a, b) : before ?? freeAt;

    private static string KeyOf(StartPayment start, string fingerprint) => GrainKeys.Card(fingerprint, start.Test, start.Clock);
}
