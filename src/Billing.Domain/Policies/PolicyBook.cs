using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>The policy versions that a decision may need. Immutable: a newer version is another book.</summary>
public sealed class PolicyBook(ImmutableDictionary<string, ImmutableArray<Policy>> versions, Pauses? pauses = null, Pulls? pulls = null)
{
    /// <summary>A book without policies.</summary>
    public static readonly PolicyBook Empty = new(ImmutableDictionary<string, ImmutableArray<Policy>>.Empty);

    /// <summary>The pauses of the whole installation.</summary>
    public Pauses Pauses { get; } = pauses ?? Pauses.None;

    /// <summary>The newest complete pulls of the gateways' books.</summary>
    public Pulls Pulls { get; } = pulls ?? Pulls.None;

    /// <summary>Whether a policy of this id exists.</summary>
    public bool Knows(string? id) => id is not null && versions.ContainsKey(id);

    /// <summary>Whether this very version is in the book.</summary>
    public bool Knows(PolicyRef version) => versions.TryGetValue(version.Id, out var all) && version.Version <= all.Length;

    /// <summary>The version of a policy that is in force.</summary>
    /// <exception cref="KeyNotFoundException">There is no such policy.</exception>
    public PolicyRef InForce(string id) => new(id, versions[id].Length);

    /// <summary>The version in force of each policy that has more than one: an account may have looked at an older one.</summary>
    public IReadOnlyDictionary<string, int> Changed => _changed;

    private readonly ImmutableDictionary<string, int> _changed = versions.Where(policy => policy.Value.Length > 1).ToImmutableDictionary(policy => policy.Key, policy => policy.Value.Length);

    /// <summary>A version's rules.</summary>
    /// <exception cref="KeyNotFoundException">There is no such version.</exception>
    public Policy this[PolicyRef version] =>
        Knows(version) ? versions[version.Id][version.Version - 1] : throw new KeyNotFoundException($"No version {version.Version} of policy '{version.Id}'.");

    /// <summary>Whether any version of any policy, or the house itself, knows an operation.</summary>
    public bool KnowsOperation(string operation) => Operations.House.Contains(operation) || _operations.Contains(operation);

    /// <summary>The book with all versions of one policy, oldest first.</summary>
    public PolicyBook With(string id, ImmutableArray<Policy> all) => new(versions.SetItem(id, all), Pauses, Pulls);

    /// <summary>The book with these pauses.</summary>
    public PolicyBook With(Pauses pauses) => new(versions, pauses, Pulls);

    /// <summary>The book with these pulls.</summary>
    public PolicyBook With(Pulls pulls) => new(versions, Pauses, pulls);

    /// <summary>The book as it is for whoever only looks ahead: the gateways have told everything.</summary>
    internal PolicyBook IfPulled => ReferenceEquals(Pulls, Pulls.Assumed) ? this : _ifPulled ??= With(Pulls.Assumed);

    private PolicyBook? _ifPulled;

    private readonly ImmutableHashSet<string> _operations =
        versions.Values.SelectMany(all => all).SelectMany(policy => policy.Operations).ToImmutableHashSet(StringComparer.Ordinal);
}
