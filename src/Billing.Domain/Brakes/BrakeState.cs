using System.Collections.Immutable;
using NodaTime;

namespace Billing.Domain;

/// <summary>What brakes the whole installation: the pauses that an operator set and the gateways' pulls, or the permits to delete of the last hour.</summary>
public sealed record BrakeState : AttendedState
{
    /// <summary>How long after its submission a charge may succeed: a bank debit takes weeks.</summary>
    public static readonly Duration SlowestSuccess = Duration.FromDays(30);

    /// <summary>The pauses, the oldest first.</summary>
    public ImmutableArray<Pause> Pauses { get => field.OrEmpty(); init; }

    /// <summary>The newest complete pulls of the gateways' books, the earliest end first.</summary>
    public ImmutableArray<Pull> Pulls { get => field.OrEmpty(); init; }

    /// <summary>The gateways whose books are to be pulled before a pause of collection ends by itself.</summary>
    public ImmutableArray<string> AwaitedPulls { get => field.OrEmpty(); init; }

    /// <summary>When the database was last taken into service as one that was restored: payments from before then may be missing.</summary>
    public Instant? RestoredAt { get; init; }

    /// <summary>When accounts were permitted to be deleted, within the window, the oldest first.</summary>
    public ImmutableArray<Instant> Permits { get => field.OrEmpty(); init; }

    /// <summary>How many were refused since the last permit.</summary>
    public int Refused { get; init; }

    /// <summary>The latest instant that a refused account was given to ask again.</summary>
    public Instant? LastTurnAt { get; init; }

    /// <summary>
    /// Whether a restore may have lost the payment of a charge: only what was submitted before it, which a bank debit may tell of weeks later.
    /// Any other charge whose payment is unknown is somebody else's, though it may name an account of ours.
    /// </summary>
    /// <param name="succeededAt">When the charge succeeded, on the gateway's clock; <see langword="null"/>: it does not say, and may be as old as any.</param>
    public bool MayHaveLost(Instant? succeededAt) => RestoredAt is { } restored && !(succeededAt > restored + SlowestSuccess);
}
