using System.Diagnostics.CodeAnalysis;

namespace Orleans.Runtime;

/// <summary>A running timer of an activation. Disposing it ends it, and cancels the token that a running tick holds.</summary>
public interface IGrainTimer : IDisposable
{
    /// <summary>Times the next tick anew; a running tick ends first.</summary>
    void Change(TimeSpan dueTime, TimeSpan period);
}

/// <summary>How a grain timer ticks.</summary>
public readonly struct GrainTimerCreationOptions()
{
    /// <summary>Sets both times.</summary>
    [SetsRequiredMembers]
    public GrainTimerCreationOptions(TimeSpan dueTime, TimeSpan period) : this()
    {
        DueTime = dueTime;
        Period = period;
    }

    /// <summary>Until the first tick: 0 to about 49 days, or <see cref="Timeout.InfiniteTimeSpan"/> for never.</summary>
    public required TimeSpan DueTime { get; init; }

    /// <summary>From the end of a tick to the next, in the range of <see cref="DueTime"/>; infinite for a single tick.</summary>
    public required TimeSpan Period { get; init; }

    /// <summary>Whether a tick may start while a request awaits. No by default.</summary>
    public bool Interleave { get; init; }

    /// <summary>Whether a tick counts as use, so that the activation does not become idle. No by default.</summary>
    public bool KeepAlive { get; init; }
}
