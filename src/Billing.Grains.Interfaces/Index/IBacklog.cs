using NodaTime;

namespace Billing.Grains.Interfaces.Index;

/// <summary>How far the installation is behind: for operators, not for rules.</summary>
public interface IBacklog
{
    /// <summary>Reads it as it is at an instant of real time.</summary>
    Task<Backlog> ReadAsync(Instant now, CancellationToken cancellationToken = default);
}

/// <summary>What is not done yet.</summary>
/// <param name="Overdue">How many grains of real time are past a deadline.</param>
/// <param name="OverdueSince">Since when the most overdue one is.</param>
/// <param name="Open">How many grains have a message or a gateway call open.</param>
/// <param name="OpenSince">Since when the longest one has.</param>
/// <param name="Stuck">How many have a message that keeps failing.</param>
/// <param name="FeedHeldBack">For how long the oldest writer holds the event feed back; nothing where none does.</param>
public sealed record Backlog(long Overdue, Instant? OverdueSince, long Open, Instant? OpenSince, long Stuck, Duration FeedHeldBack);
