using System.Collections.Concurrent;

namespace Billing.Grains.Accounts;

/// <summary>
/// The accounts whose activations are in this process. Their gate is answered here and now from the same durable facts,
/// without a message: the gate is asked at every purchase, and most of a message's cost is not the answer's.
/// </summary>
/// <remarks>
/// Implementation note: <see cref="IAccountGrain.Check"/> interleaves with everything, so it never promised more than the facts
/// that are durable at that moment, which is one reference. An activation is here from when it has recovered until it leaves, or
/// until a write of it fails: then somebody else may know better.
/// </remarks>
/// <param name="silo">This process among those of its cluster; <see langword="null"/> outside one.</param>
public sealed class LocalAccounts(string? silo = null)
{
    private readonly ConcurrentDictionary<string, AccountGrain> _here = new(StringComparer.Ordinal);

    /// <summary>This process among those of its cluster; <see langword="null"/> outside one.</summary>
    public string? Silo => silo;

    /// <summary>The gate's answer; <see langword="null"/> where the grain has to be asked: it is elsewhere, or does not know the facts that the caller knows.</summary>
    public GateResult? Check(string account, GateCall call) => _here.TryGetValue(account, out var grain) ? grain.TryCheck(call) : null;

    internal void Add(string account, AccountGrain grain) => _here[account] = grain;

    internal void Remove(string account, AccountGrain grain) => _here.TryRemove(KeyValuePair.Create(account, grain));
}
