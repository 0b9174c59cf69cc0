using System.Text.Json.Nodes;
using Billing.Domain;
using Billing.Grains.Hosting;
using Billing.Grains.Interfaces;
using NodaTime;

namespace Billing.Simulation.Mutations;

/// <summary>The account's grain, with a mistake between it and its rules.</summary>
[GrainType("account")]
internal sealed class MutatedAccountGrain(
    [PersistentState("account", "billing")] IPersistentState<Stored<AccountState>> storage, GrainServices services, INoticeSender notices, Mutation mutation)
    : DurableGrain<AccountState>(storage, services), IAccountGrain
{
    protected override string Kind => "account";

    public Task<GateResult> Check(GateCall call) => Task.FromResult(new GateResult(Gate.Decide(Durable.State, Services.Policies.Book, call.Question, call.At)));

    public Task<AccountReading> Read(ReadCall call) => Task.FromResult(new AccountReading(AccountView.Of(Durable.State, Services.Policies.Book, call.At)));

    // No history asks these of a mutated account.
    public Task<ForecastReading> Forecast(ReadCall call) => Task.FromResult(new ForecastReading(null));

    public Task<ExplanationReading> Explain(ReadCall call) => Task.FromResult(new ExplanationReading(null));

    public Task<PreviewReading> Preview(PreviewCall call) => Task.FromResult(new PreviewReading(null));

    public Task<PayPageReading> PayPage(PayPageCall call) => Task.FromResult(new PayPageReading(null));

    protected override Decision<AccountState> Decide(AccountState state, Message message, Instant now)
    {
        message = mutation.Told?.Invoke(message) ?? message;
        var decision = AccountRules.Decide(state, message, now, Services.Policies.Book);
        return mutation.Account?.Invoke(state, message, decision) ?? decision;
    }

    protected override Instant? DueOf(AccountState state) => AccountRules.Due(state, Services.Policies.Book);

    protected override JsonObject Summarize(AccountState state) => AccountRules.Summary(state, Services.Policies.Book);

    protected override async Task<Message> PerformAsync(OutboxEntry entry)
    {
        var notice = (SendNotice)entry.Message;
        await notices.SendAsync(new NoticeDelivery(notice, Durable.State.Existing), CancellationToken.None);
        return new NoticeAccepted(notice.Id, notice.Notice, entry.At, notice.Sending);
    }
}

/// <summary>The invoice's grain, with a mistake between it and its rules.</summary>
[GrainType("invoice")]
internal sealed class MutatedInvoiceGrain([PersistentState("invoice", "billing")] IPersistentState<Stored<InvoiceState>> storage, GrainServices services, Mutation mutation)
    : DurableGrain<InvoiceState>(storage, services), IInvoiceGrain
{
    protected override string Kind => "invoice";

    public Task<InvoiceState> Read() => Task.FromResult(Durable.State);

    protected override Decision<InvoiceState> Decide(InvoiceState state, Message message, Instant now)
    {
        var decision = InvoiceRules.Decide(state, message, now, Id);
        return mutation.Invoice?.Invoke(state, message, decision) ?? decision;
    }

    protected override Instant? DueOf(InvoiceState state) => InvoiceRules.Due(state);

    protected override JsonObject Summarize(InvoiceState state) => InvoiceRules.Summary(state);

    protected override bool IsFinished(InvoiceState state) => InvoiceRules.IsFinished(state);
}
