using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain.Tests;

/// <summary>What a rule decided, of whichever kind of state.</summary>
internal sealed record Decided(Reply Reply, ImmutableArray<Outgoing> Messages, ImmutableArray<Event> Events);

/// <summary>A grain that is due, with what the clock sorts by.</summary>
internal sealed record DueGrain(string Key, string Account, string Order);

/// <summary>The grains of one kind, as the world's time and mail see them.</summary>
internal interface IGrains
{
    /// <summary>What their keys begin with.</summary>
    string Prefix { get; }

    /// <summary>In which part of an instant they are woken.</summary>
    Pass Pass { get; }

    Decided Decide(World world, string id, Message message);

    /// <summary>The earliest deadline of any.</summary>
    Instant? NextDue(World world);

    /// <summary>Those whose deadline has come.</summary>
    IEnumerable<DueGrain> DueBy(World world, Instant now);
}

/// <summary>Grains of one kind: their states, and the rules by which they live.</summary>
internal sealed class Grains<TState>(
    string prefix, Pass pass, Func<World, TState, Message, string, Decision<TState>> decide, Func<World, TState, Instant?> due, Func<TState, JsonObject> summary) : IGrains
    where TState : class, new()
{
    private readonly Dictionary<string, Grain> _grains = new(StringComparer.Ordinal);

    public string Prefix => prefix;

    public Pass Pass => pass;

    public IEnumerable<TState> States => _grains.Values.Select(grain => grain.State);

    public TState this[string id] => _grains.TryGetValue(id, out var grain) ? grain.State : new TState();

    public Decided Decide(World world, string id, Message message)
    {
        var decision = decide(world, this[id], message, id);
        _grains[id] = new Grain(decision.State);
        return new Decided(decision.Reply, decision.Messages, decision.Events);
    }

    public Instant? NextDue(World world) => _grains.Values.Min(grain => DueOf(world, grain));

    public IEnumerable<DueGrain> DueBy(World world, Instant now)
    {
        foreach (var (id, grain) in _grains)
        {
            if (!(DueOf(world, grain) <= now)) continue;
            var (key, seen) = ($"{prefix}/{id}", summary(grain.State));
            yield return new DueGrain(key, seen["account"]?.GetValue<string>() ?? key, $"{seen["due_at"]?.GetValue<string>()} {seen["number"]?.GetValue<string>()} {key}");
        }
    }

    /// <summary>A deadline follows from the state and the policies; it is computed once for both.</summary>
    private Instant? DueOf(World world, Grain grain)
    {
        if (!ReferenceEquals(grain.Policies, world.Policies)) (grain.Due, grain.Policies) = (due(world, grain.State), world.Policies);
        return grain.Due;
    }

    private sealed class Grain(TState state)
    {
        public TState State { get; } = state;

        public PolicyBook? Policies { get; set; }

        public Instant? Due { get; set; }
    }
}
