using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Brakes;

/// <summary>How hard the installation brakes.</summary>
/// <param name="DeletionsPerHour">How many live accounts an hour may enter a standing that deletes.</param>
public sealed record BrakeOptions(int DeletionsPerHour);

/// <summary>What brakes the whole installation. What it decides is in <see cref="BrakeRules"/>.</summary>
[GrainType("brake")]
public sealed class BrakeGrain([PersistentState("brake", "billing")] IPersistentState<Stored<BrakeState>> storage, GrainServices services, BrakeOptions options)
    : DurableGrain<BrakeState>(storage, services), IBrakeGrain
{
    /// <inheritdoc />
    protected override string Kind => "brake";

    /// <summary>Every account asks it once, and a question that comes twice costs at most one permit.</summary>
    protected override bool RemembersSenders => false;

    /// <inheritdoc />
    public Task<BrakeState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<BrakeState> Decide(BrakeState state, Message message, Instant now) => BrakeRules.Decide(state, message, now, Id, options.DeletionsPerHour);

    /// <inheritdoc />
    protected override Instant? DueOf(BrakeState state) => BrakeRules.Due(state);

    /// <inheritdoc />
    protected override JsonObject Summarize(BrakeState state) => BrakeRules.Summary(state);
}
