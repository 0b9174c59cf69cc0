using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Policies;

/// <summary>Every version of one policy. What it decides is in <see cref="PolicyRules"/>.</summary>
[GrainType("policy")]
public sealed class PolicyGrain([PersistentState("policy", "billing")] IPersistentState<Stored<PolicyState>> storage, GrainServices services)
    : DurableGrain<PolicyState>(storage, services), IPolicyGrain
{
    /// <inheritdoc />
    protected override string Kind => "policy";

    /// <inheritdoc />
    public Task<PolicyState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<PolicyState> Decide(PolicyState state, Message message, Instant now) => PolicyRules.Decide(state, message, now, Id);

    /// <inheritdoc />
    protected override Instant? DueOf(PolicyState state) => null;

    /// <inheritdoc />
    protected override JsonObject Summarize(PolicyState state) => PolicyRules.Summary(state, Id);
}
