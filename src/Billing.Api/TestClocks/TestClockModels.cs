namespace Billing.Api.TestClocks;

/// <summary>A test clock to make.</summary>
public sealed record TestClockRequest
{
    /// <summary>The instant at which it is frozen.</summary>
    public required Instant Now { get; init; }
}

/// <summary>How far to move a test clock.</summary>
public sealed record AdvanceRequest
{
    /// <summary>The instant to reach, not before the clock's now; the same runs what is due now.</summary>
    public required Instant To { get; init; }
}

/// <summary>A test clock: a frozen time on which test accounts live.</summary>
/// <param name="Id">The id.</param>
/// <param name="Now">The instant that its accounts see.</param>
/// <param name="Status"><c>ready</c>, or <c>advancing</c> while it is on its way; commands to its accounts wait so long.</param>
/// <param name="To">Where it is going.</param>
public sealed record TestClockResponse(string Id, Instant Now, string Status, Instant? To)
{
    internal static TestClockResponse Of(string id, TestClockState clock) => new(id, clock.Now!.Value, clock.Target is null ? "ready" : "advancing", clock.Target);
}
