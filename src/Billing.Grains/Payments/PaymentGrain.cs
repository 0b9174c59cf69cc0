using System.Text.Json.Nodes;
using Billing.Gateways;
using Billing.Grains.Gateways;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using Microsoft.Extensions.Logging;
using NodaTime;
using Orleans.Placement;

namespace Billing.Grains.Payments;

/// <summary>A payment. What it decides is in <see cref="PaymentRules"/>; it alone talks to gateways, and never inside a turn.</summary>
[GrainType("payment")]
[Immovable(ImmovableKind.Rebalancer)]
public sealed class PaymentGrain(
    [PersistentState("payment", "billing")] IPersistentState<Stored<PaymentState>> storage, GrainServices services, PaymentGateways gateways, IGatewayInbox inbox)
    : DurableGrain<PaymentState>(storage, services), IPaymentGrain
{
    private (int References, bool IsCaptured)? _announced;

    /// <inheritdoc />
    protected override string Kind => "payment";

    /// <inheritdoc />
    public Task<PaymentState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<PaymentState> Decide(PaymentState state, Message message, Instant now) => PaymentRules.Decide(state, message, now, Id);

    /// <inheritdoc />
    protected override Instant? DueOf(PaymentState state) => PaymentRules.Due(state);

    /// <inheritdoc />
    protected override JsonObject Summarize(PaymentState state) => PaymentRules.Summary(state);

    /// <inheritdoc />
    protected override bool IsFinished(PaymentState state) => PaymentRules.IsFinished(state);

    /// <inheritdoc />
    protected override string? ClockOf(PaymentState state) => state.Start?.Clock;

    /// <inheritdoc />
    protected override bool NeedsRecovery(PaymentState state) => PaymentRules.NeedsRecovery(state);

    /// <inheritdoc />
    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        await base.OnActivateAsync(cancellationToken);
        _announced = Announced(Durable.State);
        // A process that died may have stored it and told nobody; then what its write sends is still in the outbox.
        if (Durable.PendingSince is not null) Announce();
    }

    /// <summary>What waited for a reference, or for a capture, is told that it is there.</summary>
    protected override void OnStored()
    {
        if (_announced is not { } before || Announced(Durable.State) is var now && now == before) return;
        _announced = now;
        Announce();
    }

    /// <inheritdoc />
    protected override Task<Message> PerformAsync(OutboxEntry entry) => entry.Message switch
    {
        SubmitAttempt submit => SubmitAsync(entry, submit.Ordinal, Lane.Begin, (gateway, request, bound) => gateway.CreateAsync(request, bound)),
        ConfirmAttempt confirm => SubmitAsync(entry, confirm.Ordinal, Lane.GoOn, (gateway, request, bound) => gateway.ConfirmAsync(request, bound)),
        AskGateway ask => AskAsync(entry, ask.Ordinal, (gateway, request, bound) => gateway.ReadAsync(request, bound)),
        CancelAttempt cancel => AskAsync(entry, cancel.Ordinal, (gateway, request, bound) => gateway.CancelAsync(request, bound)),
        SendRefund send => RefundAsync(entry, send.Refund),
        _ => throw new InvalidOperationException($"A gateway does not take {entry.Message.GetType().Name}."),
    };

    /// <summary>Beside the turn, and no more than a hint: what is missed is matched within the hour.</summary>
    private void Announce()
    {
        if (PaymentRules.References(Durable.State).IsEmpty) return;
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Factory.StartNew(() => inbox.AnnounceAsync(Durable.State), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }
    }

    private static (int References, bool IsCaptured) Announced(PaymentState state) => (PaymentRules.References(state).Length, state.Status == PaymentStatus.Succeeded);

    /// <summary>
    /// Sends, once its turn has come, and never later than an attempt may be sent. An entry is performed by the activation
    /// that wrote it and by no other, so what was not sent here was not sent at all.
    /// </summary>
    private async Task<Message> SubmitAsync(OutboxEntry entry, int ordinal, Lane lane, Func<IPaymentGateway, ChargeRequest, CancellationToken, Task<ChargeAnswer>> call)
    {
        if (Find(ordinal) is not { } at) return new GatewayAnswered(ordinal, AttemptOutcome.Error, Asked: false, Code: "gateway_unknown");
        using var turn = await at.Line.EnterAsync(lane, Durable.State.InLineSince ?? entry.StoredAt, entry.StoredAt + PaymentSchedule.SendWithin);
        if (!turn.HasCome) return new GatewayAnswered(ordinal, AttemptOutcome.NotSent, Asked: false, TurnAt: OnOwnClock(turn.At));
        var submittedAt = Durable.State.Attempts[ordinal - 1].SubmittedAt;
        var answered = await CallAsync(at, entry, ordinal, call, asked: false);
        // The attempt has its sender's instant, which a crash on the way makes an old one: absence is believed from the true one on.
        var sentAt = Instant.Max(turn.At, entry.StoredAt);
        return Durable.Clock is null && sentAt > submittedAt ? answered with { SentAt = sentAt } : answered;
    }

    /// <summary>Asks; who does not come to ask in time has learnt nothing, and asks later.</summary>
    private async Task<Message> AskAsync(OutboxEntry entry, int ordinal, Func<IPaymentGateway, ChargeRequest, CancellationToken, Task<ChargeAnswer>> call)
    {
        if (Find(ordinal) is not { } at) return new GatewayAnswered(ordinal, AttemptOutcome.Error, Asked: true, Code: "gateway_unknown");
        var now = Services.Time.GetInstant();
        using var turn = await at.Line.EnterAsync(Lane.GoOn, entry.StoredAt, now + PaymentSchedule.SendWithin);
        return turn.HasCome ? await CallAsync(at, entry, ordinal, call, asked: true) : new GatewayAnswered(ordinal, AttemptOutcome.Unknown, Asked: true);
    }

    private async Task<GatewayAnswered> CallAsync(GatewayAtHand at, OutboxEntry entry, int ordinal, Func<IPaymentGateway, ChargeRequest, CancellationToken, Task<ChargeAnswer>> call, bool asked)
    {
        var request = Request(Durable.State, Durable.State.Attempts[ordinal - 1], entry.At);
        Services.Crash.Pass(CrashPoint.BeforeGateway);
        var answer = await BoundAsync(request.Key, bound => call(at.Gateway, request, bound), new ChargeAnswer(ChargeStatus.Unknown));
        Services.Crash.Pass(CrashPoint.AfterGateway);
        if (answer.RetryAfter is { } wait) at.Line.SlowFor(wait);
        return new GatewayAnswered(ordinal, Translate(answer.Status), asked, answer.Reference, answer.Amount, CodeOf(answer), answer.At, answer.Action);
    }

    private async Task<Message> RefundAsync(OutboxEntry entry, string id)
    {
        var (state, refund) = (Durable.State, Durable.State.Refunds.Find(id)!);
        // An operator had said that it was captured, and the gateway has said since that it was not: there is nothing to send.
        if (state.Attempts.LastOrDefault(attempt => attempt.Outcome == AttemptOutcome.Succeeded) is not { } attempt) return new RefundAnswered(id, AttemptOutcome.Declined, null, "not_captured");
        if (gateways.Find(attempt.Candidate.Gateway) is not { } at) return new RefundAnswered(id, AttemptOutcome.Error, null, "gateway_unknown");
        using var turn = await at.Line.EnterAsync(Lane.GoOn, entry.StoredAt, Services.Time.GetInstant() + PaymentSchedule.SendWithin);
        if (!turn.HasCome) return new RefundAnswered(id, AttemptOutcome.NotSent, null, null, OnOwnClock(turn.At));
        var request = new RefundRequest(id, attempt.Reference ?? "", state.Id, state.Start!.Account, refund.Amount!.Value, state.Start.Clock, entry.At, state.Start.Test, refund.SentAt ?? refund.CreatedAt);
        Services.Crash.Pass(CrashPoint.BeforeGateway);
        var answer = await BoundAsync(id, bound => at.Gateway.RefundAsync(request, bound), new RefundAnswer(ChargeStatus.Unknown));
        Services.Crash.Pass(CrashPoint.AfterGateway);
        if (answer.RetryAfter is { } wait) at.Line.SlowFor(wait);
        return new RefundAnswered(id, Translate(answer.Status), answer.Reference, answer.Code);
    }

    private GatewayAtHand? Find(int ordinal) => gateways.Find(Durable.State.Attempts[ordinal - 1].Candidate.Gateway);

    /// <summary>Real time does not count on a test clock: there a turn that is missed comes at once.</summary>
    private Instant OnOwnClock(Instant at) => Durable.Clock is null ? at : Durable.At;

    private async Task<T> BoundAsync<T>(string key, Func<CancellationToken, Task<T>> call, T lostAnswer)
    {
        try
        {
            using var bound = new CancellationTokenSource(Services.Options.GatewayBound, Services.Time);
            return await call(bound.Token).WaitAsync(bound.Token);
        }
        catch (Exception lost)
        {
            PaymentLog.AnswerLost(Services.Logs.CreateLogger(typeof(PaymentGrain)), Id, key, lost);
            return lostAnswer;
        }
    }

    private static ChargeRequest Request(PaymentState state, Attempt attempt, Instant at)
    {
        var start = state.Start!;
        return new ChargeRequest(
            Ids.GatewayKey(state.Id, attempt.Ordinal), state.Id, start.Account, start.Amount, attempt.Candidate.Token, attempt.Candidate.Kind, start.Clock, at, start.ByHand, start.Test, state.ExpiresAt, attempt.Reference, attempt.Ordinal);
    }

    private static string? CodeOf(ChargeAnswer answer) => answer.Status switch
    {
        ChargeStatus.Declined => answer.Code ?? "declined",
        // Counts as a terminal decline: nobody is there to answer the challenge.
        ChargeStatus.AuthenticationRequired => "authentication_required",
        _ => answer.Code,
    };

    private static AttemptOutcome Translate(ChargeStatus status) => status switch
    {
        ChargeStatus.Succeeded => AttemptOutcome.Succeeded,
        ChargeStatus.Declined or ChargeStatus.AuthenticationRequired => AttemptOutcome.Declined,
        ChargeStatus.AwaitingCustomer => AttemptOutcome.AwaitingCustomer,
        ChargeStatus.Cancelled => AttemptOutcome.Cancelled,
        ChargeStatus.Processing => AttemptOutcome.Processing,
        ChargeStatus.Error => AttemptOutcome.Error,
        ChargeStatus.NotFound => AttemptOutcome.NotCaptured,
        ChargeStatus.Created => AttemptOutcome.Created,
        _ => AttemptOutcome.Unknown,
    };
}
