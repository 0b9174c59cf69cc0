using System.Text.Json.Nodes;
using Billing.Gateways;
using Billing.Grains.Hosting;
using Microsoft.Extensions.Logging;
using NodaTime;

namespace Billing.Grains.Payments;

/// <summary>A payment. What it decides is in <see cref="PaymentRules"/>; it alone talks to gateways, and never inside a turn.</summary>
[GrainType("payment")]
public sealed class PaymentGrain(
    [PersistentState("payment", "billing")] IPersistentState<Stored<PaymentState>> storage, GrainServices services, IEnumerable<IPaymentGateway> gateways)
    : DurableGrain<PaymentState>(storage, services), IPaymentGrain
{
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
    protected override async Task<Message> PerformAsync(OutboxEntry entry)
    {
        var (ordinal, isQuestion) = entry.Message is AskGateway ask ? (ask.Ordinal, true) : (((SubmitAttempt)entry.Message).Ordinal, false);
        var attempt = Durable.State.Attempts[ordinal - 1];
        // An attempt is never sent late: who finds it then must ask, not send.
        if (!isQuestion && Services.Time.GetInstant() > entry.StoredAt + PaymentSchedule.SendWithin) return new GatewayAnswered(ordinal, AttemptOutcome.Unknown, isQuestion);
        var gateway = gateways.FirstOrDefault(g => string.Equals(g.Name, attempt.Candidate.Gateway, StringComparison.Ordinal));
        if (gateway is null) return new GatewayAnswered(ordinal, AttemptOutcome.Error, isQuestion, Code: "gateway_unknown");

        Services.Crash.Pass(CrashPoint.BeforeGateway);
        var answer = await AnswerAsync(gateway, Request(Durable.State.Start!, attempt, entry.At), isQuestion);
        Services.Crash.Pass(CrashPoint.AfterGateway);
        return Translate(answer, ordinal, isQuestion);
    }

    private async Task<ChargeAnswer> AnswerAsync(IPaymentGateway gateway, ChargeRequest request, bool isQuestion)
    {
        try
        {
            using var bound = new CancellationTokenSource(Services.Options.GatewayBound, Services.Time);
            return await (isQuestion ? gateway.ReadAsync(request, bound.Token) : gateway.ChargeAsync(request, bound.Token)).WaitAsync(bound.Token);
        }
        catch (Exception lost)
        {
            PaymentLog.AnswerLost(Services.Logs.CreateLogger(typeof(PaymentGrain)), Id, request.Key, lost);
            return new ChargeAnswer(ChargeStatus.Unknown);
        }
    }

    private ChargeRequest Request(StartPayment start, Attempt attempt, Instant at) => new(
        Ids.GatewayKey(Id, attempt.Ordinal), Id, start.Account, start.Amount, attempt.Candidate.Token, attempt.Candidate.Kind, start.Clock, at, start.ByHand, start.Test);

    private static GatewayAnswered Translate(ChargeAnswer answer, int ordinal, bool isQuestion) => answer.Status switch
    {
        ChargeStatus.Succeeded => new(ordinal, AttemptOutcome.Succeeded, isQuestion, answer.Reference, answer.Amount, At: answer.At),
        ChargeStatus.Declined => new(ordinal, AttemptOutcome.Declined, isQuestion, answer.Reference, Code: answer.Code ?? "declined", At: answer.At),
        // Counts as a terminal decline: nobody is there to answer the challenge.
        ChargeStatus.AuthenticationRequired => new(ordinal, AttemptOutcome.Declined, isQuestion, answer.Reference, Code: "authentication_required", At: answer.At),
        ChargeStatus.Processing => new(ordinal, AttemptOutcome.Processing, isQuestion, answer.Reference, At: answer.At),
        ChargeStatus.Error => new(ordinal, AttemptOutcome.Error, isQuestion, Code: answer.Code),
        ChargeStatus.NotFound => new(ordinal, AttemptOutcome.NotCaptured, isQuestion),
        _ => new(ordinal, AttemptOutcome.Unknown, isQuestion),
    };
}
