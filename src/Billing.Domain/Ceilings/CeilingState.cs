using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What was declined of one card, across accounts: as much as its network's ceilings ask for.</summary>
public sealed record CeilingState
{
    /// <summary>The declined attempts of the longest window, oldest first; at most <see cref="CeilingLimits.MostDeclines"/>, the newest.</summary>
    public ImmutableArray<DeclinedAttempt> Declines { get => field.OrEmpty(); init; }

    /// <summary>The test clock of the accounts whose card it is; a card of live accounts has none.</summary>
    public string? Clock { get; init; }
}

/// <summary>A declined attempt.</summary>
/// <param name="Id">The gateway's key of the attempt: said twice, it counts once.</param>
/// <param name="At">When it was submitted.</param>
public sealed record DeclinedAttempt(string Id, Instant At) : IIdentified;
