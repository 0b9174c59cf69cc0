using System.Text.Json.Nodes;
using Billing.Grains.Hosting;
using NodaTime;

namespace Billing.Grains.Keys;

/// <summary>The keys of the installation. What it decides is in <see cref="KeyRules"/>.</summary>
[GrainType("keys")]
public sealed class KeysGrain([PersistentState("keys", "billing")] IPersistentState<Stored<KeysState>> storage, GrainServices services)
    : DurableGrain<KeysState>(storage, services), IKeysGrain
{
    /// <inheritdoc />
    protected override string Kind => "keys";

    /// <inheritdoc />
    public Task<KeysState> Read() => Task.FromResult(Durable.State);

    /// <inheritdoc />
    protected override Decision<KeysState> Decide(KeysState state, Message message, Instant now) => KeyRules.Decide(state, message, now);

    /// <inheritdoc />
    protected override Instant? DueOf(KeysState state) => null;

    /// <inheritdoc />
    protected override JsonObject Summarize(KeysState state) => KeyRules.Summary(state);
}
