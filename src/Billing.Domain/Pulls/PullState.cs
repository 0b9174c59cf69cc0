using NodaTime;

namespace Billing.Domain;

/// <summary>How far the pull of one gateway's books is.</summary>
public sealed record PullState : AttendedState
{
    /// <summary>The pull that is under way.</summary>
    public PullRun? Run { get; init; }

    /// <summary>When the last complete one began.</summary>
    public Instant? LastBegunAt { get; init; }

    /// <summary>When the last complete one ended.</summary>
    public Instant? LastEndedAt { get; init; }

    /// <summary>How many words of the gateway the last complete one has compared.</summary>
    public int LastCompared { get; init; }

    /// <summary>When the next one begins, or the present one goes on; <see langword="null"/> while a page of it is under way, and before the first.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>Since when no pull has come to its end, where one has failed.</summary>
    public Instant? FailingSince { get; init; }

    /// <summary>How often it has failed since then.</summary>
    public int Failures { get; init; }

    /// <summary>Why it failed last.</summary>
    public string? LastFailure { get; init; }

    /// <summary>When it failed last.</summary>
    public Instant? LastFailedAt { get; init; }
}

/// <summary>A pull that is under way.</summary>
/// <param name="BegunAt">When it began.</param>
/// <param name="Since">From when on the gateway's books are compared.</param>
/// <param name="Cursor">The gateway's cursor of the next page; <see langword="null"/>: the first one.</param>
/// <param name="Compared">How many words of the gateway are compared.</param>
/// <param name="ReadAt">When the last page was recorded; from then on it waits until the accounts have been told.</param>
public sealed record PullRun(Instant BegunAt, Instant Since, string? Cursor = null, int Compared = 0, Instant? ReadAt = null);
