using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What a gateway tells about a payment unasked. Each fact is known by the gateway's object and part, so that order and
/// repetition change nothing: a capture is an attempt's, a refund counts up to the total that the gateway names or once by
/// its id, a dispute once by its id.
/// </summary>
public static class PaymentEvents
{
    /// <summary>Takes what is told, or says that it comes too early.</summary>
    internal static Reply Take(Draft<PaymentState> draft, GatewayEvent told)
    {
        var state = draft.State;
        if (!Touches(told.Mode, state.Start!.Test)) return new Refused(Problems.InvalidRequest, state.Start.Test ? "It comes from a live gateway, and the payment is a test account's." : "It comes from a gateway's test mode, and the payment is a live account's.");
        var at = state.Start.Clock is null ? told.At : null;
        if (state.Reference is null && OrdinalOf(state, told) is not > 0 && told.Fact <= GatewayFact.Cancelled)
        {
            return new Refused(Problems.Unavailable, $"No attempt of payment '{state.Id}' is known to be {told.Object}.");
        }

        switch (told.Fact)
        {
            case GatewayFact.Refunded or GatewayFact.RefundFailed or GatewayFact.DisputeOpened or GatewayFact.DisputeWon or GatewayFact.DisputeLost when state.Status != PaymentStatus.Succeeded:
                return new Refused(Problems.Unavailable, "The capture of this payment is not known yet.");
            case GatewayFact.Refunded:
                Refunded(draft, told);
                break;
            case GatewayFact.RefundFailed:
                RefundFailed(draft, told);
                break;
            case GatewayFact.DisputeOpened or GatewayFact.DisputeWon or GatewayFact.DisputeLost:
                return PaymentMoney.Dispute(draft, new GatewayDisputed(told.Id, OrdinalOf(state, told) ?? 0, OutcomeOf(told.Fact), told.Amount is { } taken && taken.Currency == state.Captured!.Value.Currency ? taken : null, at, told.Part));
            case GatewayFact.Succeeded when state.Reference is not null:
                return CapturedMore(draft, told, at);
            case var _ when state.Reference is not null:
                // Money that is here has neither failed nor is it on its way.
                break;
            case GatewayFact.AwaitingCustomer when !state.Start.ByHand:
                // Nobody is there to answer: what becomes of the attempt the gateway's answer says.
                break;
            default:
                Take(draft, told, at);
                break;
        }

        return new Done(state.Id);
    }

    /// <summary>What became of an attempt. Coins that come in parts are told as their total: what is more than before is taken.</summary>
    private static void Take(Draft<PaymentState> draft, GatewayEvent told, Instant? at)
    {
        var state = draft.State;
        var ordinal = OrdinalOf(state, told)!.Value;
        var isMore = told is { Fact: GatewayFact.Succeeded, IsTotal: true } && state.Attempts.Count(attempt => attempt.Outcome == AttemptOutcome.Succeeded) == 1
            && state.Attempts[ordinal - 1].Outcome == AttemptOutcome.Succeeded;
        if (!isMore) PaymentAttempts.Take(draft, new GatewayAnswered(ordinal, AttemptOf(told.Fact), Asked: false, told.Object, told.Amount, told.Code, at, told.Action));
        else if (told.Amount is { } amount && state.Captured is { } captured && amount.Currency == captured.Currency && amount > captured) PaymentAttempts.Succeed(draft, amount - captured, at ?? draft.Now);
    }

    /// <summary>
    /// The same money again, or, where the gateway tells totals, more of it. Another amount for the same reference is never
    /// booked by itself.
    /// </summary>
    internal static Reply Again(Draft<PaymentState> draft, RecordReceived message, string id)
    {
        var known = draft.State;
        var isOurs = message.Gateway is { } gateway && known.Reference is not null && (known.Gateway is null || string.Equals(known.Gateway, gateway, StringComparison.Ordinal));
        if (!isOurs || known.Captured is not { } captured || captured.Currency != message.Amount.Currency) return Mismatch();
        if (captured == message.Amount || (message.IsTotal && captured > message.Amount)) return new Done(id, known.SettledVersion, Replayed: true);
        if (!message.IsTotal) return Mismatch();
        PaymentAttempts.Succeed(draft, message.Amount - captured, Instant.Min(message.ReceivedAt ?? draft.Now, draft.Now));
        return new Done(id);
    }

    /// <summary>The attempt that an event is about; <see langword="null"/> where none can be.</summary>
    internal static int? OrdinalOf(PaymentState state, GatewayEvent told)
    {
        // Another gateway's attempts are none of its business.
        var own = state.Attempts.Where(attempt => string.Equals(attempt.Candidate.Gateway, told.Gateway, StringComparison.Ordinal)).ToArray();
        var found = own.LastOrDefault(attempt => string.Equals(attempt.Reference, told.Object, StringComparison.Ordinal))
            ?? own.LastOrDefault(attempt => attempt.Reference is null && attempt.Ordinal == told.Ordinal)
            // The gateway's answer, with its reference, was lost or is still on its way.
            ?? own.LastOrDefault(attempt => attempt.Reference is null && attempt.Outcome != AttemptOutcome.Error);
        return found?.Ordinal;
    }

    /// <summary>Whether the gateway of an event, and the account where it names one, are those of the payment that has its reference: two accounts may have the same.</summary>
    public static bool IsOf(PaymentState payment, GatewayEvent told)
    {
        if (told.Account is { } account && !string.Equals(account, payment.Start?.Account, StringComparison.Ordinal)) return false;
        return payment.Reference is not null
            ? payment.Gateway is null || string.Equals(payment.Gateway, told.Gateway, StringComparison.Ordinal)
            : payment.Attempts.Any(attempt => string.Equals(attempt.Reference, told.Object, StringComparison.Ordinal) && string.Equals(attempt.Candidate.Gateway, told.Gateway, StringComparison.Ordinal));
    }

    /// <summary>Whether an event of this mode may touch an account of this kind.</summary>
    public static bool Touches(GatewayMode mode, bool isTest) => mode == GatewayMode.Either || mode == GatewayMode.Test == isTest;

    private static Reply CapturedMore(Draft<PaymentState> draft, GatewayEvent told, Instant? at) => told.Amount is { } amount
        ? Again(draft, new RecordReceived { Account = draft.State.Start!.Account, Amount = amount, Reference = told.Object, ReceivedAt = at, Gateway = told.Gateway, IsTotal = told.IsTotal }, draft.State.Id)
        : Mismatch();

    /// <summary>
    /// Some gateways name each refund, some the total, some both, in any order. What was sent is the larger of the total and
    /// of the sum of those named; what of it is not on our books yet is put there.
    /// </summary>
    private static void Refunded(Draft<PaymentState> draft, GatewayEvent told)
    {
        var state = draft.State;
        var currency = state.Captured!.Value.Currency;
        if (told.Amount is { } said && said.Currency != currency)
        {
            PaymentAttention.Raise(draft, "other_currency", $"The gateway says that it sent back {said}, and it captured {state.Captured}.", "Look at the gateway's own pages, and record the refund by hand.");
            return;
        }

        var word = new ToldRefund($"{told.Object}~{(told.IsTotal ? "" : told.Part)}", told.Object, told.Amount ?? state.Captured.Value, told.IsTotal || told.Part is null);
        if (state.RefundsTold.Find(word.Id) is { } before && before.Amount >= word.Amount) return;
        draft.State = state with { RefundsTold = state.RefundsTold.With(word) };
        var ofCharge = draft.State.RefundsTold.Where(other => string.Equals(other.Charge, told.Object, StringComparison.Ordinal)).ToArray();
        var total = ofCharge.Where(other => other.IsTotal).Select(other => other.Amount).Append(Money.Zero(currency)).Max();
        var named = ofCharge.Where(other => !other.IsTotal).Sum(currency, other => other.Amount);
        var amount = Money.Min((total > named ? total : named) - Booked(state, told.Object), PaymentMoney.Left(state));
        if (!amount.IsPositive) return;
        PaymentMoney.TakeSent(draft, new Refund { Id = Ids.Refund(state.Id, state.Refunds.Length + 1), Amount = amount, Reference = told.Part, WasSent = true, Charge = told.Object, CreatedAt = draft.Now });
    }

    /// <summary>What of the charge's money is on our books as sent back, or on its way.</summary>
    private static Money Booked(PaymentState state, string charge) => state.Refunds
        .Where(refund => refund.Status is RefundStatus.Sending or RefundStatus.Succeeded || refund is { WasSent: true, Status: RefundStatus.Asked })
        .Where(refund => string.Equals(refund.Charge ?? ChargeOfOwn(state) ?? charge, charge, StringComparison.Ordinal))
        .Sum(state.Captured!.Value.Currency, refund => refund.Amount ?? Money.Zero(state.Captured.Value.Currency));

    /// <summary>The charge from which our own refunds are sent.</summary>
    private static string? ChargeOfOwn(PaymentState state) => state.Attempts.LastOrDefault(attempt => attempt.Outcome == AttemptOutcome.Succeeded)?.Reference;

    private static void RefundFailed(Draft<PaymentState> draft, GatewayEvent told)
    {
        var refund = draft.State.Refunds.FirstOrDefault(refund => told.Part is not null && string.Equals(refund.Reference, told.Part, StringComparison.Ordinal));
        if (refund is null || refund.Status == RefundStatus.Failed) return;
        draft.State = draft.State with { Refunds = draft.State.Refunds.With(refund with { Status = RefundStatus.Failed, Refusal = new Refused(Problems.PaymentDeclined, $"The gateway could not send it: {told.Code ?? "no reason given"}.") }) };
        PaymentAttention.Raise(draft, "refund_failed", "The gateway had taken a refund and could not send it; the account has set the money aside.", "Send it another way, and resolve this.");
    }

    private static Refused Mismatch() => new(Problems.IdempotencyMismatch, "Money with this reference was recorded with another content before.");

    private static DisputeOutcome OutcomeOf(GatewayFact fact) => fact switch
    {
        GatewayFact.DisputeOpened => DisputeOutcome.Opened,
        GatewayFact.DisputeWon => DisputeOutcome.Won,
        _ => DisputeOutcome.Lost,
    };

    private static AttemptOutcome AttemptOf(GatewayFact fact) => fact switch
    {
        GatewayFact.Succeeded => AttemptOutcome.Succeeded,
        GatewayFact.Declined => AttemptOutcome.Declined,
        GatewayFact.Processing => AttemptOutcome.Processing,
        GatewayFact.AwaitingCustomer => AttemptOutcome.AwaitingCustomer,
        _ => AttemptOutcome.Cancelled,
    };
}
