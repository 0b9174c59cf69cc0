namespace Billing.Api.Controls;

/// <summary>What to pause for the whole installation: a field left out is unchanged, <c>null</c> lets go on.</summary>
public sealed record InstallationControlsRequest
{
    /// <summary>Nothing gets worse, is cancelled or ordered; facts go on counting.</summary>
    public bool? EscalationsPaused { get; init; }

    /// <summary>Rungs wait, and no new method is charged; nothing becomes unpaid for it.</summary>
    public bool? CollectionPaused { get; init; }

    /// <summary>Why, at most 500 characters.</summary>
    public required string Reason { get; init; }
}

/// <summary>What is paused for the whole installation.</summary>
/// <param name="EscalationsPaused">Whether nothing gets worse, is cancelled or ordered.</param>
/// <param name="CollectionPaused">Whether rungs wait.</param>
/// <param name="Pauses">The pauses so far, the newest first, at most 200.</param>
public sealed record InstallationControlsResponse(bool EscalationsPaused, bool CollectionPaused, IReadOnlyList<PauseResponse> Pauses)
{
    internal static InstallationControlsResponse Of(BrakeState state)
    {
        var pauses = new Pauses(state.Pauses);
        return new(pauses.IsOpen(PauseKind.Escalations), pauses.IsOpen(PauseKind.Collection), [.. pauses.All.Reverse().Select(pause => new PauseResponse(pause.Kind, pause.From, pause.Until, pause.Reason))]);
    }
}

/// <summary>A pause.</summary>
/// <param name="Kind">What is paused.</param>
/// <param name="From">When it began.</param>
/// <param name="Until">When it ended; <c>null</c> while it lasts.</param>
/// <param name="Reason">Why.</param>
public sealed record PauseResponse(PauseKind Kind, Instant From, Instant? Until, string Reason);
