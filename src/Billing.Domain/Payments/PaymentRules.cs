using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Everything that a payment decides: <see cref="PaymentAttempts"/> what becomes of its submissions, <see cref="PaymentMoney"/>
/// of money that leaves again, <see cref="PaymentCeilings"/> of cards that have been declined too often.
/// </summary>
public static class PaymentRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<PaymentState> Decide(PaymentState state, Message message, Instant now, string id)
    {
        var draft = new Draft<PaymentState>(state, now);
        if (state.Start is null && message is not (StartPayment or RecordReceived)) return draft.Decide(new Refused(Problems.NotFound, "There is no such payment."));
        return draft.Decide(message switch
        {
            StartPayment m => Quietly(id, () => Start(draft, m, id)),
            GatewayAnswered m => Quietly(id, () => PaymentAttempts.Take(draft, m)),
            GatewayReported m => Quietly(id, () => PaymentAttempts.Take(draft, new GatewayAnswered(m.Ordinal, m.Outcome, Asked: false, m.Reference, m.Amount, m.Code, m.At))),
            CeilingAnswered m => Quietly(id, () => PaymentCeilings.Answered(draft, m)),
            PaymentResumed m => Quietly(id, () => Resumed(draft, m)),
            PassOver m => Quietly(id, () => draft.State = state with { PassedOver = state.PassedOver.Add(m) }),
            PausePayment m => Quietly(id, () => draft.State = state with { IsPaused = m.Paused }),
            StopPayment => Quietly(id, () => Stop(draft)),
            CancelPayment => Quietly(id, () => Cancel(draft)),
            PaymentReleased m => Quietly(id, () => Released(draft, m)),
            PaymentApplied m => Quietly(id, () => Applied(draft, m)),
            InvoiceClosed m => Quietly(id, () => draft.State = state with { Closed = state.Closed.With(m.Invoice), HeardVersion = Math.Max(state.HeardVersion, m.StandingVersion) }),
            RecordReceived m => Receive(draft, m, id),
            RefundPayment m => PaymentMoney.Refund(draft, m),
            ReversePayment m => PaymentMoney.Reverse(draft, m),
            GatewayDisputed m => PaymentMoney.Dispute(draft, m),
            GatewayTold m => PaymentEvents.Take(draft, m.Event),
            ResolvePayment m => Once.Take(draft, m.Key, id, () => Resolve(draft, m)),
            ResolveAttention m => draft.Resolve(m),
            RefundDecided or RefundPrepayment or RefundAnswered or ReversalTaken or TrailIsOld => Quietly(id, () => PaymentMoney.Follow(draft, message)),
            Recover m => Quietly(id, () => Recovered(draft, m.SentAt)),
            Wake => Quietly(id, () => Woken(draft)),
            _ => new Refused(Problems.InvalidRequest, $"A payment does not take {message.GetType().Name}."),
        });
    }

    /// <summary>When it asks the gateway, tries again after an error, or the customer's time is over.</summary>
    public static Instant? Due(PaymentState state) => state.DueAt is { } due && state.RefundDueAt is { } refund ? Instant.Min(due, refund) : state.DueAt ?? state.RefundDueAt;

    /// <summary>Whether something was on its way to the gateway when the last activation ended.</summary>
    public static bool NeedsRecovery(PaymentState state) =>
        state.Newest is { Outcome: AttemptOutcome.Submitting } || IsQuestionLost(state) || IsCancelLost(state) || PaymentMoney.IsRefundLost(state);

    /// <summary>Whether it has ended and the account has taken note.</summary>
    public static bool IsFinished(PaymentState state) => state.IsOver && state.SettledVersion > 0;

    /// <summary>What lists and reports see of it.</summary>
    public static JsonObject Summary(PaymentState state)
    {
        if (state.Start is not { } start) return [];
        var summary = new JsonObject
        {
            ["id"] = state.Id,
            ["account"] = start.Account,
            ["status"] = state.Status.ToString().ToLowerInvariant(),
            ["amount"] = start.Amount.MinorUnits,
            ["gateway_reference"] = Reference(state),
        };
        if (References(state) is { Length: > 1 } several) summary["gateway_references"] = new JsonArray([.. several.Select(reference => (JsonNode)reference)]);
        if (!state.Attention.IsEmpty) summary["attention"] = AttentionRules.Summary(state.Attention);
        return summary;
    }

    /// <summary>The gateway's name for it: of the newest attempt that was captured, else of the newest.</summary>
    public static string? Reference(PaymentState state) => state.Reference ?? (state.Attempts.LastOrDefault(attempt => attempt.Outcome == AttemptOutcome.Succeeded) ?? state.Newest)?.Reference;

    /// <summary>Every name by which a gateway's later events may find it: each attempt may be captured, however late.</summary>
    public static ImmutableArray<string> References(PaymentState state) =>
        [.. state.Attempts.Select(attempt => attempt.Reference).Prepend(state.Reference).OfType<string>().Distinct(StringComparer.Ordinal)];

    private static Done Quietly(string id, Action change)
    {
        change();
        return new Done(id);
    }

    private static void Start(Draft<PaymentState> draft, StartPayment message, string id)
    {
        var state = draft.State;
        var isAgain = (state.FailedByError || state.FailedAtCeiling) && state is { Start.ByHand: true } && string.Equals(state.Start.Content, message.Content, StringComparison.Ordinal);
        if (state.Start is not null && !isAgain)
        {
            PaymentAttempts.Tell(draft, message.Account, new PaymentReported { Payment = id, Status = state.Status, Invoices = message.Invoices, NameTaken = true });
            return;
        }

        draft.State = state with
        {
            Id = id,
            Start = message,
            Status = PaymentStatus.Created,
            Left = message.Candidates,
            CreatedAt = isAgain ? state.CreatedAt : draft.Now,
            EndedAt = null,
            SettledVersion = 0,
            IsCancelled = false,
            FreeAt = null,
        };
        if (message.Amount.IsZero) PaymentAttempts.Succeed(draft, message.Amount, draft.Now);
        else if (!message.OnHold) PaymentAttempts.Submit(draft, endedAt: null);
    }

    private static Reply Receive(Draft<PaymentState> draft, RecordReceived message, string id)
    {
        var content = Ids.Hash($"{message.Amount.MinorUnits}", message.Amount.Currency.Code, message.Invoice ?? "", message.ReceivedAt?.ToString() ?? "");
        if (draft.State.Start is { } known)
        {
            return string.Equals(known.Content, content, StringComparison.Ordinal)
                ? new Done(id, draft.State.SettledVersion, Replayed: true)
                : PaymentEvents.Again(draft, message, id);
        }

        draft.State = new PaymentState
        {
            Id = id,
            Start = new StartPayment
            {
                Account = message.Account,
                Amount = message.Amount,
                Invoices = message.Invoice is { } invoice ? [invoice] : [],
                Candidates = [],
                ByHand = true,
                Content = content,
                Clock = message.Clock,
                Test = message.Test,
            },
            Reference = message.Reference,
            Gateway = message.Gateway,
            CreatedAt = draft.Now,
        };
        PaymentAttempts.Succeed(draft, message.Amount, Instant.Min(message.ReceivedAt ?? draft.Now, draft.Now));
        return new Done(id);
    }

    private static void Woken(Draft<PaymentState> draft)
    {
        if (draft.State.RefundDueAt <= draft.Now) PaymentMoney.TryAgain(draft);
        if (!(draft.State.DueAt <= draft.Now)) return;
        var isInLine = PaymentTurns.IsInLine(draft.State);
        draft.State = draft.State with { DueAt = null };
        if (isInLine) PaymentTurns.Go(draft);
        else if (draft.State.Status == PaymentStatus.Created) PaymentAttempts.Tell(draft, draft.State.Start!.Account, new ResumePayment(draft.State.Id));
        else if (draft.State.Status == PaymentStatus.AwaitingCustomer) PaymentAttempts.AskToCancel(draft, draft.State.Newest!);
        else if (draft.State.Newest is { } attempt) PaymentAttempts.Ask(draft, attempt);
    }

    /// <summary>Ends it, if it waits for the customer or has not begun. What is under way goes on, and nothing more is submitted.</summary>
    private static void Cancel(Draft<PaymentState> draft)
    {
        if (draft.State.IsOver) return;
        draft.State = draft.State with { IsCancelled = true };
        if (draft.State.Status == PaymentStatus.AwaitingCustomer) PaymentAttempts.AskToCancel(draft, draft.State.Newest!);
        LeaveLine(draft);
    }

    /// <summary>Other money has paid: what was submitted goes on, and nothing more is submitted.</summary>
    private static void Stop(Draft<PaymentState> draft)
    {
        draft.State = draft.State with { IsCancelled = draft.State.Status is not (PaymentStatus.Succeeded or PaymentStatus.Failed) };
        LeaveLine(draft);
    }

    /// <summary>What waits for its turn and is not wanted any more need not wait for that.</summary>
    private static void LeaveLine(Draft<PaymentState> draft)
    {
        if (!draft.State.IsCancelled || !PaymentTurns.IsInLine(draft.State)) return;
        draft.State = draft.State with { DueAt = null };
        PaymentTurns.Go(draft);
    }

    private static void Resumed(Draft<PaymentState> draft, PaymentResumed message)
    {
        if (draft.State.Status != PaymentStatus.Created) return;
        draft.State = draft.State with
        {
            Start = draft.State.Start! with { Amount = message.Amount, Invoices = message.Invoices, OnHold = false },
            Left = [.. draft.State.Left.Where(candidate => message.Candidates.Contains(candidate))],
            IsPaused = false,
        };
        if (!draft.State.Left.IsEmpty) PaymentAttempts.Submit(draft, endedAt: null);
        else if (draft.State.Newest is { } newest) PaymentAttempts.Fail(draft, newest, draft.Now);
        else PaymentAttempts.Succeed(draft, message.Amount, draft.Now);
    }

    private static void Applied(Draft<PaymentState> draft, PaymentApplied message)
    {
        var prepayment = draft.State.Prepayment ?? Money.Zero(message.Prepayment.Currency);
        draft.State = draft.State with
        {
            Allocations = draft.State.Allocations.AddRange(message.Allocations),
            Prepayment = prepayment + message.Prepayment,
            SettledVersion = Math.Max(message.StandingVersion, draft.State.SettledVersion),
            HeardVersion = Math.Max(message.StandingVersion, draft.State.HeardVersion),
        };
    }

    private static void Released(Draft<PaymentState> draft, PaymentReleased message)
    {
        draft.State = draft.State with { SettledVersion = message.StandingVersion };
        if (!message.Cancelled || draft.State.Status != PaymentStatus.Created) return;
        var status = draft.State.Attempts.IsEmpty ? PaymentStatus.Cancelled : PaymentStatus.Failed;
        draft.State = draft.State with { Status = status, IsCancelled = true, EndedAt = draft.Now, DueAt = null };
    }

    /// <summary>An operator says what became of it; a later word of the gateway wins.</summary>
    private static Reply Resolve(Draft<PaymentState> draft, ResolvePayment command)
    {
        if (draft.State.Status is not (PaymentStatus.Unknown or PaymentStatus.Processing) || draft.State.Newest is not { } newest)
        {
            return new Refused(Problems.InvalidRequest, $"The payment is {draft.State.Status}, and nothing about it is to be resolved.");
        }

        draft.Record(draft.State.Start!.Account, "attention.resolved", new JsonObject { ["payment"] = draft.State.Id, ["outcome"] = command.Outcome.ToString().ToLowerInvariant(), ["evidence"] = command.Evidence });
        if (command.Outcome == AttemptOutcome.Succeeded)
        {
            OperatorsWord.Take(draft, newest);
        }
        else
        {
            var said = newest with { Outcome = command.Outcome };
            PaymentAttempts.Keep(draft, said);
            PaymentAttempts.GoOn(draft, said, draft.Now);
        }

        return new Done(draft.State.Id);
    }

    /// <summary>The activation is new: whatever was on its way to the gateway may have arrived or not, so it is unknown, never "send again".</summary>
    private static void Recovered(Draft<PaymentState> draft, Instant? sentAt)
    {
        if (PaymentMoney.IsRefundLost(draft.State)) draft.State = draft.State with { RefundDueAt = draft.Now };
        if (draft.State.Newest is not { } attempt) return;
        if (attempt.Outcome == AttemptOutcome.Submitting)
        {
            PaymentAttempts.Take(draft, new GatewayAnswered(attempt.Ordinal, AttemptOutcome.Unknown, Asked: false, SentAt: sentAt > attempt.SubmittedAt ? sentAt : null));
        }
        else if (IsQuestionLost(draft.State) || IsCancelLost(draft.State))
        {
            // Asking again costs nothing.
            draft.State = draft.State with { DueAt = draft.Now };
        }
    }

    private static bool IsQuestionLost(PaymentState state) =>
        state is { Newest: { Outcome: AttemptOutcome.Unknown or AttemptOutcome.Processing } or { SaidByHand: not null }, DueAt: null };

    private static bool IsCancelLost(PaymentState state) => state is { Status: PaymentStatus.AwaitingCustomer, DueAt: null };
}
