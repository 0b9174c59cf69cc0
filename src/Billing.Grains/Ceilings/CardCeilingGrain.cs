using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Ceilings;

/// <summary>One card across accounts, counted against its network's ceilings. What it decides is in <see cref="CeilingRules"/>.</summary>
[GrainType("card")]
public sealed class CardCeilingGrain([PersistentState("card", "billing")] IPersistentState<Stored<CeilingState>> storage, GrainServices services)
    : DurableGrain<CeilingState>(storage, services), ICardCeilingGrain
{
    /// <inheritdoc />
    protected override string Kind => "card";

    /// <inheritdoc />
    public Task<CeilingState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<CeilingState> Decide(CeilingState state, Message message, Instant now) => CeilingRules.Decide(state, message, now);

    /// <inheritdoc />
    protected override Instant? DueOf(CeilingState state) => null;

    /// <inheritdoc />
    protected override JsonObject Summarize(CeilingState state) => CeilingRules.Summary(state);

    /// <inheritdoc />
    protected override string? ClockOf(CeilingState state) => state.Clock;

    /// <inheritdoc />
    protected override bool IsFinished(CeilingState state) => true;
}
