using System.Collections.Immutable;

namespace Billing.Domain;

/// <summary>What a resource does.</summary>
public enum ResourceState
{
    /// <summary>It runs.</summary>
    Running,

    /// <summary>It is ordered to stop, and that is not acknowledged.</summary>
    Stopping,

    /// <summary>It is powered down.</summary>
    Stopped,

    /// <summary>It is ordered to be deleted, and that is not acknowledged.</summary>
    Deleting,

    /// <summary>It is gone, for good.</summary>
    Deleted,
}

/// <summary>What a resource is told.</summary>
public enum OrderAction
{
    /// <summary>Power down.</summary>
    Stop,

    /// <summary>Delete, irreversibly. Revocable until acknowledged.</summary>
    Delete,
}

/// <summary>An order to a resource, open until it is acknowledged or revoked.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Action">What to do.</param>
/// <param name="Standing">The standing on whose entry it was given.</param>
public sealed record ResourceOrder(string Id, OrderAction Action, string Standing);

/// <summary>Something of the account's, in another system, that a suspension powers down and a deletion deletes.</summary>
public sealed record Resource : IIdentified
{
    /// <inheritdoc />
    public required string Id { get; init; }

    /// <summary>What it is, in the caller's words: <c>vm</c>, <c>volume</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>What it does, as far as orders and acknowledgements tell.</summary>
    public ResourceState State { get; init; }

    /// <summary>The resources without which it cannot run: it stops before them and starts after them.</summary>
    public ImmutableArray<string> DependsOn { get => field.OrEmpty(); init; }

    /// <summary>The open order.</summary>
    public ResourceOrder? Order { get; init; }

    /// <summary>The order that waits until what depends on it has stopped or is gone.</summary>
    public ResourceOrder? WaitingOrder { get; init; }

    /// <summary>The newest order that was revoked or replaced: acknowledging it is told so.</summary>
    public ResourceOrder? Revoked { get; init; }

    /// <summary>The newest order that was acknowledged: said once more, nothing happens.</summary>
    public string? Acknowledged { get; init; }

    /// <summary>Whether it ran before orders of ours stopped it, so that recovery may turn it on.</summary>
    public bool StoppedByOrder { get; init; }
}

/// <summary>Registers a resource, or says what it does now.</summary>
/// <param name="Resource">The caller's id.</param>
/// <param name="Kind">What it is; <see langword="null"/>: unchanged.</param>
/// <param name="State">What it does; <see langword="null"/>: unchanged, and running for a new one.</param>
/// <param name="DependsOn">What it needs; default: unchanged.</param>
public sealed record PutResource(string Resource, string? Kind, ResourceState? State, ImmutableArray<string> DependsOn) : Message;

/// <summary>The resource has done what the order says.</summary>
public sealed record AcknowledgeOrder(string Resource, string Order, IdempotencyKey? Key) : Message;

/// <summary>Turns a stopped resource on, where the gate allows it.</summary>
public sealed record PowerOn(string Resource, IdempotencyKey? Key) : Message;
