namespace Billing.Api.Holds;

/// <summary>A hold to set.</summary>
public sealed record HoldRequest
{
    /// <summary>1 to 100 operations to deny, such as <c>purchase</c>; <c>"*"</c> in place of the list denies every one.</summary>
    public required IReadOnlyList<string> Deny { get; init; }

    /// <summary>Why, at most 500 characters; whoever is denied is told it.</summary>
    public required string Reason { get; init; }
}

/// <summary>What to switch off and on for an account: a field left out is unchanged, <c>null</c> switches on.</summary>
public sealed record ControlsRequest
{
    /// <summary>No step of standing, cancellation or order; facts go on counting.</summary>
    public bool? EnforcementOff { get; init; }

    /// <summary>Nothing is charged automatically.</summary>
    public bool? AutoPayOff { get; init; }
}

/// <summary>More time for an account.</summary>
public sealed record ExtensionRequest
{
    /// <summary>Until its date nothing gets worse and nothing is cancelled; after now.</summary>
    public required Instant Until { get; init; }

    /// <summary>Why, at most 500 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>The policy version to which the running episode is moved.</summary>
public sealed record MoveEpisodeRequest
{
    /// <summary>The policy's id.</summary>
    public required string Policy { get; init; }

    /// <summary>One of its versions, from 1.</summary>
    public required int Version { get; init; }
}
