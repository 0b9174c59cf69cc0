using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.PayLinks;

/// <summary>Where a pay link leads. What it decides is in <see cref="PayLinkRules"/>.</summary>
[GrainType("link")]
public sealed class PayLinkGrain([PersistentState("link", "billing")] IPersistentState<Stored<PayLinkState>> storage, GrainServices services)
    : DurableGrain<PayLinkState>(storage, services), IPayLinkGrain
{
    /// <inheritdoc />
    protected override string Kind => "link";

    /// <inheritdoc />
    public Task<PayLinkState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<PayLinkState> Decide(PayLinkState state, Message message, Instant now) => PayLinkRules.Decide(state, message, now);

    /// <inheritdoc />
    protected override Instant? DueOf(PayLinkState state) => null;

    /// <inheritdoc />
    protected override JsonObject Summarize(PayLinkState state) => PayLinkRules.Summary();

    /// <inheritdoc />
    protected override string? ClockOf(PayLinkState state) => state.Clock;
}
