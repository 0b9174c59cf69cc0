namespace Billing.Api.Resources;

/// <summary>A resource to register, or what it does now: a field left out is unchanged.</summary>
public sealed record ResourceRequest
{
    /// <summary>What it is, in your words, at most 64 characters: <c>vm</c>, <c>volume</c>. Required for a new one.</summary>
    public string? Kind { get; init; }

    /// <summary>What it does: <c>running</c>, <c>stopped</c> or <c>deleted</c>; a new one runs where it is left out. What is between follows from orders.</summary>
    public ResourceState? State { get; init; }

    /// <summary>At most 20 resources of the account without which it cannot run: it stops before them and starts after them.</summary>
    public IReadOnlyList<string>? DependsOn { get; init; }
}

/// <summary>An order that was carried out.</summary>
public sealed record AcknowledgeRequest
{
    /// <summary>The order's id.</summary>
    public required string Order { get; init; }
}

/// <summary>What a resource is told. Open until it is acknowledged or revoked.</summary>
/// <param name="Id">The order's id.</param>
/// <param name="Action">What to do.</param>
public sealed record OrderResponse(string Id, OrderAction Action);

/// <summary>Something of the account's, in another system, that a suspension powers down and a deletion deletes.</summary>
/// <param name="Id">The caller's id.</param>
/// <param name="Account">Whose it is.</param>
/// <param name="Kind">What it is.</param>
/// <param name="State">What it does, as far as orders and acknowledgements tell. <c>deleted</c> is final.</param>
/// <param name="DependsOn">The resources without which it cannot run.</param>
/// <param name="Order">The open order.</param>
public sealed record ResourceResponse(string Id, string Account, string Kind, ResourceState State, IReadOnlyList<string> DependsOn, OrderResponse? Order)
{
    internal static ResourceResponse Of(string account, Resource resource) => new(
        resource.Id, account, resource.Kind, resource.State, resource.DependsOn, resource.Order is { } order ? new OrderResponse(order.Id, order.Action) : null);
}
