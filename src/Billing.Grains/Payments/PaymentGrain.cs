using System.Text.Json.Nodes;
using Billing.Gateways;
using Billing.Grains.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Payments;

/// <summary>A payment. What it decides is in <see cref="PaymentRules"/>; it alone talks to gateways, and never inside a turn.</summary>
[GrainType("payment")]
public sealed class PaymentGrain(
    [PersistentState("payment", "billing")] IPersistentState<Stored<PaymentState>> storage, GrainServices services, IEnumerable<IPaymentGateway> gateways, IGatewayInbox inbox)
    : DurableGrain<PaymentState>(storage, services), IPaymentGrain
{
    private (string? Reference, bool IsCaptured)? _announced;

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
        SubmitAttempt submit => SubmitAsync(entry, submit.Ordinal),
        AskGateway ask => CallAsync(entry, ask.Ordinal, (gateway, request, bound) => gateway.ReadAsync(request, bound)),
        CancelAttempt cancel => CallAsync(entry, cancel.Ordinal, (gateway, request, bound) => gateway.CancelAsync(request, bound)),
        SendRefund send => RefundAsync(entry, send.Refund),
        _ => throw new InvalidOperationException($"A gateway does not take {entry.Message.GetType().Name}."),
    };

    /// <summary>Beside the turn, and no more than a hint: what is missed is matched within the hour.</summary>
    private void Announce()
    {
        if (PaymentRules.Reference(Durable.State) is null) return;
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Factory.StartNew(() => inbox.AnnounceAsync(Durable.State), CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }
    }

    private static (string? Reference, bool IsCaptured) Announced(PaymentState state) => (PaymentRules.Reference(state), state.Status == PaymentStatus.Succeeded);

    private async Task<Message> SubmitAsync(OutboxEntry entry, int ordinal)
    {
        // An attempt is never sent late: who finds it then must ask, not send.
        if (Services.Time.GetInstant() > entry.StoredAt + PaymentSchedule.SendWithin) return new GatewayAnswered(ordinal, AttemptOutcome.Unknown, Asked: false);
        return await CallAsync(entry, ordinal, (gateway, request, bound) => gateway.ChargeAsync(request, bound), asked: false);
    }

    private async Task<Message> CallAsync(OutboxEntry entry, int ordinal, Func<IPaymentGateway, ChargeRequest, CancellationToken, Task<ChargeAnswer>> call, bool asked = true)
    {
        var attempt = Durable.State.Attempts[ordinal - 1];
        if (Gateway(attempt.Candidate.Gateway) is not { } gateway) return new GatewayAnswered(ordinal, AttemptOutcome.Error, asked, Code: "gateway_unknown");
        var request = Request(Durable.State, attempt, entry.At);
        Services.Crash.Pass(CrashPoint.BeforeGateway);
        var answer = await BoundAsync(request.Key, bound => call(gateway, request, bound), new ChargeAnswer(ChargeStatus.Unknown));
        Services.Crash.Pass(CrashPoint.AfterGateway);
        return new GatewayAnswered(ordinal, Translate(answer.Status), asked, answer.Reference, answer.Amount, CodeOf(answer), answer.At, answer.Action);
    }

    private async Task<Message> RefundAsync(OutboxEntry entry, string id)
    {
        var (state, refund) = (Durable.State, Durable.State.Refunds.Find(id)!);
        var attempt = state.Attempts.Last(attempt => attempt.Outcome == AttemptOutcome.Succeeded);
        if (Gateway(attempt.Candidate.Gateway) is not { } gateway) return new RefundAnswered(id, AttemptOutcome.Error, null, "gateway_unknown");
        var request = new RefundRequest(id, attempt.Reference ?? "", state.Id, state.Start!.Account, refund.Amount!.Value, state.Start.Clock, entry.At, state.Start.Test);
        Services.Crash.Pass(CrashPoint.BeforeGateway);
        var answer = await BoundAsync(id, bound => gateway.RefundAsync(request, bound), new RefundAnswer(ChargeStatus.Unknown));
        Services.Crash.Pass(CrashPoint.AfterGateway);
        return new RefundAnswered(id, Translate(answer.Status), answer.Reference, answer.Code);
    }

    private IPaymentGateway? Gateway(string name) => gateways.FirstOrDefault(gateway => string.Equals(gateway.Name, name, StringComparison.Ordinal));

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
            Ids.GatewayKey(state.Id, attempt.Ordinal), state.Id, start.Account, start.Amount, attempt.Candidate.Token, attempt.Candidate.Kind, start.Clock, at, start.ByHand, start.Test, state.ExpiresAt);
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
        _ => AttemptOutcome.Unknown,
    };
}
