using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Invoices;

/// <summary>An invoice: its document and its ladder. What it decides is in <see cref="InvoiceRules"/>.</summary>
[GrainType("invoice")]
public sealed class InvoiceGrain([PersistentState("invoice", "billing")] IPersistentState<Stored<InvoiceState>> storage, GrainServices services)
    : DurableGrain<InvoiceState>(storage, services), IInvoiceGrain
{
    /// <inheritdoc />
    protected override string Kind => "invoice";

    /// <inheritdoc />
    public Task<InvoiceState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<InvoiceState> Decide(InvoiceState state, Message message, Instant now) => InvoiceRules.Decide(state, message, now, Id);

    /// <inheritdoc />
    protected override Instant? DueOf(InvoiceState state) => InvoiceRules.Due(state);

    /// <inheritdoc />
    protected override JsonObject Summarize(InvoiceState state) => InvoiceRules.Summary(state);

    /// <inheritdoc />
    protected override bool IsFinished(InvoiceState state) => InvoiceRules.IsFinished(state);

    /// <inheritdoc />
    protected override string? ClockOf(InvoiceState state) => state.Clock;
}
