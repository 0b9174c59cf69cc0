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
                return RefundFailed(draft, told);
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
            && state.Attempts[ordinal - 1] is { Outcome: AttemptOutcome.Succeeded, SaidByHand: null };
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
    /// of the sum of those named, without those that failed; what of it is not on our books yet is put there.
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

        var word = new ToldRefund(NameOf(told.Object, told.IsTotal ? null : told.Part), told.Object, told.Amount ?? state.Captured.Value, told.IsTotal || told.Part is null);
        if (state.RefundsTold.Find(word.Id) is { } before && before.Amount >= word.Amount) return;
        draft.State = state with { RefundsTold = state.RefundsTold.With(word) };
        if (!word.IsTotal) Name(draft, told.Part!, word);
        var ofCharge = draft.State.RefundsTold.Where(other => string.Equals(other.Charge, told.Object, StringComparison.Ordinal)).ToArray();
        var failed = Failed(draft.State, told.Object).ToArray();
        var total = ofCharge.Where(other => other.IsTotal).Select(other => other.Amount).Append(Money.Zero(currency)).Max() - failed.Sum(currency, refund => refund.Amount!.Value);
        var named = ofCharge.Where(other => !other.IsTotal && !failed.Any(refund => string.Equals(NameOf(told.Object, refund.Reference), other.Id, StringComparison.Ordinal))).Sum(currency, other => other.Amount);
        var amount = Money.Min((total > named ? total : named) - Booked(draft.State, told.Object), PaymentMoney.Left(draft.State));
        if (!amount.IsPositive) return;
        PaymentMoney.TakeSent(draft, new Refund { Id = Ids.Refund(state.Id, state.Refunds.Length + 1), Amount = amount, Reference = word.IsTotal ? null : told.Part, WasSent = true, Charge = told.Object, CreatedAt = draft.Now });
    }

    private static string NameOf(string charge, string? refund) => $"{charge}~{refund}";

    /// <summary>A refund that was booked from a total gets its name as soon as one of that amount is named. One of ours that is not answered yet may be the one that is named.</summary>
    private static void Name(Draft<PaymentState> draft, string part, ToldRefund word)
    {
        var state = draft.State;
        if (IsSending(state) || state.Refunds.Any(refund => string.Equals(refund.Reference, part, StringComparison.Ordinal))) return;
        if (state.Refunds.FirstOrDefault(refund => IsUnnamed(refund, word.Charge) && refund.Amount == word.Amount) is not { } unnamed) return;
        draft.State = state with { Refunds = state.Refunds.With(unnamed with { Reference = part }) };
    }

    /// <summary>Whether the gateway had sent it, and told of it in a total alone.</summary>
    private static bool IsUnnamed(Refund refund, string charge) => refund is { WasSent: true, Reference: null, Status: not RefundStatus.Failed } && string.Equals(refund.Charge, charge, StringComparison.Ordinal);

    private static bool IsSending(PaymentState state) => state.Refunds.Any(refund => refund.Status == RefundStatus.Sending);

    /// <summary>The charge's refunds that the gateway had made and could not send. The totals that it told before may hold them.</summary>
    private static IEnumerable<Refund> Failed(PaymentState state, string charge) =>
        state.Refunds.Where(refund => refund is { Status: RefundStatus.Failed, Reference: not null, Amount: not null } && IsOfCharge(state, refund, charge));

    /// <summary>What of the charge's money is on our books as sent back, or on its way.</summary>
    private static Money Booked(PaymentState state, string charge) => state.Refunds
        .Where(refund => refund.Status is RefundStatus.Sending or RefundStatus.Succeeded || refund is { WasSent: true, Status: RefundStatus.Asked })
        .Where(refund => IsOfCharge(state, refund, charge))
        .Sum(state.Captured!.Value.Currency, refund => refund.Amount ?? Money.Zero(state.Captured.Value.Currency));

    private static bool IsOfCharge(PaymentState state, Refund refund, string charge) => string.Equals(refund.Charge ?? ChargeOfOwn(state) ?? charge, charge, StringComparison.Ordinal);

    /// <summary>The charge from which our own refunds are sent.</summary>
    private static string? ChargeOfOwn(PaymentState state) => state.Attempts.LastOrDefault(attempt => attempt.Outcome == AttemptOutcome.Succeeded)?.Reference;

    /// <summary>
    /// A refund of ours, or one of those that the gateway had sent, has failed. Before it is on our books, or before the gateway
    /// has answered one of ours that it may be, it comes too early and is kept.
    /// </summary>
    private static Reply RefundFailed(Draft<PaymentState> draft, GatewayEvent told)
    {
        var state = draft.State;
        var known = state.Refunds.FirstOrDefault(refund => told.Part is not null && string.Equals(refund.Reference, told.Part, StringComparison.Ordinal));
        if (known?.Status == RefundStatus.Failed) return new Done(state.Id);
        var refund = known ?? (told.Amount is { } amount && !IsSending(state) ? OutOfTotal(draft, told, amount) : null);
        if (refund is not { Status: RefundStatus.Succeeded }) return new Refused(Problems.Unavailable, $"No refund of payment '{state.Id}' is known to be {told.Part ?? "the one that failed"}.");
        PaymentMoney.Keep(draft, refund with { Status = RefundStatus.Failed, Refusal = new Refused(Problems.PaymentDeclined, $"The gateway could not send it: {told.Code ?? "no reason given"}.") });
        PaymentMoney.Raise(draft, "refund_failed", refund, "The gateway had taken a refund and could not send it; the account has set the money aside.", "Send it another way, and resolve this.");
        return new Done(state.Id);
    }

    /// <summary>The refund of this name and amount, as a refund of its own out of one that was booked from a total.</summary>
    private static Refund? OutOfTotal(Draft<PaymentState> draft, GatewayEvent told, Money amount)
    {
        var refunds = draft.State.Refunds;
        var candidates = refunds.Where(refund => IsUnnamed(refund, told.Object) && refund is { Status: RefundStatus.Succeeded, Amount: { } all } && all.Currency == amount.Currency && all >= amount).ToArray();
        if ((candidates.FirstOrDefault(refund => refund.Amount == amount) ?? candidates.FirstOrDefault()) is not { } whole) return null;
        if (whole.Amount == amount) return whole with { Reference = told.Part };
        draft.State = draft.State with { Refunds = refunds.With(whole with { Amount = whole.Amount!.Value - amount }) };
        return whole with { Id = Ids.Refund(draft.State.Id, refunds.Length + 1), Amount = amount, Reference = told.Part };
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
