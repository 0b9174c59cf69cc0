namespace Billing.Api.Pulls;

/// <summary>A gateway, and how far its books are compared with ours.</summary>
/// <param name="Gateway">Its name, as payment methods have it.</param>
/// <param name="LastPull">The last pull that came to its end; <c>null</c>: none has.</param>
/// <param name="PullUnderWay">The one that is under way.</param>
/// <param name="NextAt">When the next one begins or the present one goes on; <c>null</c> while a page of it is under way.</param>
/// <param name="FailingSince">Since when none has come to its end because it failed; <c>null</c>: none has failed.</param>
/// <param name="LastFailure">Why one failed last, also when others have ended since.</param>
public sealed record GatewayResponse(string Gateway, PullResponse? LastPull, PullUnderWayResponse? PullUnderWay, Instant? NextAt, Instant? FailingSince, PullFailureResponse? LastFailure)
{
    internal static GatewayResponse Of(string gateway, PullState state) => new(
        gateway,
        state is { LastBegunAt: { } begun, LastEndedAt: { } ended } ? new PullResponse(begun, ended, state.LastCompared) : null,
        state.Run is { } run ? new PullUnderWayResponse(run.BegunAt, run.Since, run.Compared) : null,
        state.DueAt,
        state.FailingSince,
        state is { LastFailedAt: { } failed, LastFailure: { } why } ? new PullFailureResponse(failed, why) : null);
}

/// <summary>A pull that came to its end.</summary>
/// <param name="BegunAt">When it began: whatever the gateway had on its books then is on ours.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Compared">How many words of the gateway about charges, refunds and disputes were compared; most say nothing new.</param>
public sealed record PullResponse(Instant BegunAt, Instant EndedAt, int Compared);

/// <summary>A pull that is under way.</summary>
/// <param name="BegunAt">When it began.</param>
/// <param name="Since">From when on the gateway's books are compared.</param>
/// <param name="Compared">How many words of the gateway are compared so far.</param>
public sealed record PullUnderWayResponse(Instant BegunAt, Instant Since, int Compared);

/// <summary>A failure of a pull.</summary>
/// <param name="At">When.</param>
/// <param name="Why">Why.</param>
public sealed record PullFailureResponse(Instant At, string Why);
