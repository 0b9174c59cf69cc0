using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Money of a captured payment that leaves again: refunds, reversals, disputes. The payment knows where its money lies and
/// brings that; the account, the authority, takes it from there.
/// </summary>
internal static class PaymentMoney
{
    /// <summary>Asks the account for a refund.</summary>
    public static Reply Refund(Draft<PaymentState> draft, RefundPayment command)
    {
        var state = draft.State;
        if (state.Refunds.FirstOrDefault(refund => string.Equals(refund.Key?.Hash, command.Key.Hash, StringComparison.Ordinal)) is { } known)
        {
            return Once.Again(known.Key!.Content, command.Key.Content, new Done(known.Id, known.SettledVersion));
        }

        if (state.Status != PaymentStatus.Succeeded) return new Refused(Problems.InvalidRequest, $"The payment is {state.Status}: there is nothing to send back.");
        var refund = new Refund
        {
            Id = Ids.Refund(state.Id, state.Refunds.Length + 1),
            Amount = command.Amount,
            Invoice = command.Invoice,
            Reopen = command.Reopen,
            Reference = command.Reference,
            CreatedAt = draft.Now,
            Key = command.Key,
        };
        draft.State = state with { Refunds = state.Refunds.Add(refund) };
        Ask(draft, refund);
        return new Done(refund.Id);
    }

    /// <summary>Records that money was taken back.</summary>
    public static Reply Reverse(Draft<PaymentState> draft, ReversePayment command)
    {
        var id = "rev_" + command.Key.Hash;
        if (draft.State.Reversals.Find(id) is { } known) return Once.Again(known.Content ?? command.Key.Content, command.Key.Content, new Done(id, known.SettledVersion));
        var most = Left(draft.State);
        var amount = command.Amount ?? most;
        if (amount.Currency != most.Currency || !amount.IsPositive || amount > most)
        {
            return new Refused(Problems.InvalidRequest, "Not so much of it can be taken back.", [new FieldError("amount", $"At most {most.MinorUnits}.")]);
        }

        TakeBack(draft, new Reversal(id, amount, command.Reason, draft.Now, Content: command.Key.Content));
        return new Done(id);
    }

    /// <summary>A dispute is opened, won or lost. It comes more than once, and counts once.</summary>
    public static Reply Dispute(Draft<PaymentState> draft, GatewayDisputed message)
    {
        var state = draft.State;
        if (state.Status != PaymentStatus.Succeeded) return new Refused(Problems.Unavailable, "The capture of this payment is not known yet; tell it again later.");
        var lost = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"dispute~{message.Dispute ?? $"{message.Ordinal}"}");
        var isOver = state.Reversals.Find(lost) is not null || state.DisputesOver.Contains(lost, StringComparer.Ordinal);
        switch (message.Outcome)
        {
            case DisputeOutcome.Opened when state.DisputedAt is null && !isOver:
                draft.State = state with { DisputedAt = message.At ?? draft.Now };
                TellDispute(draft, message);
                break;
            case DisputeOutcome.Won when message.Dispute is null ? state.DisputedAt is not null : !isOver:
                // Known by its id it stays over, whatever comes late about it.
                draft.State = state with { DisputedAt = null, DisputesOver = message.Dispute is null ? state.DisputesOver : state.DisputesOver.Add(lost) };
                TellDispute(draft, message);
                break;
            case DisputeOutcome.Lost when !isOver:
                // With nothing left to take back there is no reversal by which it would be known.
                draft.State = state with { DisputedAt = null, DisputesOver = state.DisputesOver.Add(lost) };
                TellDispute(draft, message);
                var left = Left(state);
                var amount = message.Amount is { } said && said.Currency == left.Currency ? Money.Min(said, left) : left;
                if (amount.IsPositive) TakeBack(draft, new Reversal(lost, amount, "dispute", Instant.Min(message.At ?? draft.Now, draft.Now)));
                break;
        }

        return new Done(state.Id);
    }

    /// <summary>What the account or the gateway says about a refund or a reversal.</summary>
    public static void Follow(Draft<PaymentState> draft, Message message)
    {
        switch (message)
        {
            case RefundDecided { Refused: { } why } m when draft.State.Refunds.Find(m.Refund) is { Status: RefundStatus.Asked } refund:
                Keep(draft, refund with { Status = RefundStatus.Refused, Refusal = why, SettledVersion = m.StandingVersion });
                break;
            case RefundDecided m when draft.State.Refunds.Find(m.Refund) is { Status: RefundStatus.Asked } refund:
                Send(draft, refund with { Amount = m.Amount, SettledVersion = m.StandingVersion });
                break;
            case RefundPrepayment m when draft.State.Refunds.Find(m.Refund) is null:
                var fromCredit = new Refund { Id = m.Refund, Amount = m.Amount, CreatedAt = draft.Now, SettledVersion = m.StandingVersion };
                Send(draft, fromCredit);
                // Nobody has said that it was sent elsewhere, and no gateway sends it.
                if (draft.State.Reference is not null) Raise(draft, "refund_elsewhere", fromCredit, $"{m.Amount} of payment '{draft.State.Id}' goes back, and it was received elsewhere: no gateway sends it.", "Send it the way it came, and resolve this.");
                break;
            case RefundAnswered m when draft.State.Refunds.Find(m.Refund) is { Status: RefundStatus.Sending } refund:
                Take(draft, refund, m);
                break;
            case ReversalTaken m when draft.State.Reversals.Find(m.Reversal) is { } reversal:
                draft.State = draft.State with { Reversals = draft.State.Reversals.With(reversal with { SettledVersion = m.StandingVersion }) };
                break;
            case TrailIsOld m when draft.State.Refunds.Find(m.Subject) is { Status: RefundStatus.Asked } refund:
                Ask(draft, refund);
                break;
            case TrailIsOld m when draft.State.Reversals.Find(m.Subject) is { SettledVersion: 0 } reversal:
                Tell(draft, reversal);
                break;
        }
    }

    /// <summary>A refund that the gateway made by itself: the account is told, and takes it from where the money lies.</summary>
    internal static void TakeSent(Draft<PaymentState> draft, Refund refund)
    {
        draft.State = draft.State with { Refunds = draft.State.Refunds.Add(refund) };
        Ask(draft, refund);
    }

    /// <summary>Sends the refunds again whose answer was an error or was lost: their key makes them one.</summary>
    public static void TryAgain(Draft<PaymentState> draft)
    {
        draft.State = draft.State with { RefundDueAt = null };
        foreach (var refund in draft.State.Refunds.Where(refund => refund.Status == RefundStatus.Sending)) draft.Send(Outgoing.Gateway, new SendRefund(refund.Id));
    }

    /// <summary>Whether a refund was on its way to the gateway when the last activation ended.</summary>
    public static bool IsRefundLost(PaymentState state) => state.RefundDueAt is null && state.Refunds.Any(refund => refund.Status == RefundStatus.Sending);

    private static void Ask(Draft<PaymentState> draft, Refund refund) =>
        draft.Send(GrainKeys.Account(draft.State.Start!.Account), new RefundAsked(draft.State.Id, refund.Id, refund.Amount, refund.Invoice, refund.Reopen, Trail(draft.State), refund.WasSent));

    private static void Send(Draft<PaymentState> draft, Refund refund)
    {
        var isElsewhere = draft.State.Reference is not null || refund.WasSent;
        Keep(draft, refund with { Status = isElsewhere ? RefundStatus.Succeeded : RefundStatus.Sending, SentAt = isElsewhere ? null : draft.Now });
        draft.State = draft.State with { Refunded = (draft.State.Refunded ?? Money.Zero(refund.Amount!.Value.Currency)) + refund.Amount!.Value };
        if (!isElsewhere) draft.Send(Outgoing.Gateway, new SendRefund(refund.Id));
    }

    private static void Take(Draft<PaymentState> draft, Refund refund, RefundAnswered answer)
    {
        switch (answer.Outcome)
        {
            case AttemptOutcome.Succeeded:
                Keep(draft, refund with { Status = RefundStatus.Succeeded, Reference = answer.Reference });
                ClearUnknown(draft, refund);
                break;
            case AttemptOutcome.Declined:
                GiveUp(draft, refund with { Reference = answer.Reference ?? refund.Reference }, answer.Code);
                break;
            default:
                if (answer.TurnAt is null) Keep(draft, refund with { Tries = refund.Tries + 1 });
                draft.State = draft.State with { RefundDueAt = answer.TurnAt ?? draft.Now + PaymentSchedule.RetryAfter(refund.Tries + 1) };
                if (draft.Now - (refund.SentAt ?? refund.CreatedAt) < PaymentSchedule.AttentionAfter) break;
                Raise(draft, "refund_unknown", refund, "Nobody knows since a day whether the gateway has sent this refund.", "Look at the gateway's own pages. What it says later is taken.");
                break;
        }
    }

    private static void ClearUnknown(Draft<PaymentState> draft, Refund refund) =>
        draft.Clear(entry => entry.Kind == "refund_unknown" && string.Equals(entry.Subject, refund.Id, StringComparison.Ordinal));

    private static void GiveUp(Draft<PaymentState> draft, Refund refund, string? code)
    {
        ClearUnknown(draft, refund);
        Keep(draft, refund with { Status = RefundStatus.Failed, Refusal = new Refused(Problems.PaymentDeclined, $"The gateway will not send it: {code}.") });
        Raise(draft, "refund_failed", refund, "The gateway will not send this refund, and the account has set the money aside.", "Send it another way, and resolve this.");
    }

    internal static void Raise(Draft<PaymentState> draft, string kind, Refund refund, string what, string @do) =>
        draft.Raise(AttentionRules.Entry(draft.State.Id, kind, refund.Id, what, @do, draft.Now));

    /// <summary>Takes back what was booked and never captured, as far as it has not gone back already.</summary>
    internal static void Unbook(Draft<PaymentState> draft, string name, Money amount)
    {
        var back = Money.Min(amount, Left(draft.State));
        if (back.IsPositive) TakeBack(draft, new Reversal(name, back, "not_captured", draft.Now));
    }

    private static void TakeBack(Draft<PaymentState> draft, Reversal reversal)
    {
        draft.State = draft.State with { Reversed = In(draft.State.Reversed, reversal.Amount.Currency) + reversal.Amount, Reversals = draft.State.Reversals.Add(reversal) };
        Tell(draft, reversal);
    }

    private static void Tell(Draft<PaymentState> draft, Reversal reversal) =>
        draft.Send(GrainKeys.Account(draft.State.Start!.Account), new PaymentReversed(draft.State.Id, reversal.Id, reversal.Amount, reversal.Reason, reversal.At, Trail(draft.State)));

    private static void TellDispute(Draft<PaymentState> draft, GatewayDisputed message)
    {
        var attempt = message.Ordinal >= 1 && message.Ordinal <= draft.State.Attempts.Length ? draft.State.Attempts[message.Ordinal - 1] : draft.State.Newest;
        draft.Send(GrainKeys.Account(draft.State.Start!.Account), new DisputeChanged(draft.State.Id, message.Outcome, attempt?.Candidate.Method));
    }

    private static MoneyTrail Trail(PaymentState state) => new(state.Allocations, state.Closed, state.HeardVersion);

    /// <summary>What was captured and has neither been sent nor taken back.</summary>
    internal static Money Left(PaymentState state)
    {
        var captured = state.Captured ?? Money.Zero(state.Start!.Amount.Currency);
        return captured - In(state.Refunded, captured.Currency) - In(state.Reversed, captured.Currency);
    }

    /// <summary>Money that went back in another currency than what is left to go back is none of it.</summary>
    private static Money In(Money? money, Currency currency) => money is { } known && known.Currency == currency ? known : Money.Zero(currency);

    internal static void Keep(Draft<PaymentState> draft, Refund refund) => draft.State = draft.State with { Refunds = draft.State.Refunds.With(refund) };
}
