using NodaTime;

namespace Billing.Domain;

/// <summary>A gateway's event that matched nothing when it came. It is kept until it does, or somebody has dealt with it.</summary>
public sealed record InboxState : AttendedState
{
    /// <summary>The event; <see langword="null"/> while the name is free.</summary>
    public GatewayEvent? Event { get; init; }

    /// <summary>How it stands.</summary>
    public InboxStatus Status { get; init; }

    /// <summary>When it came first.</summary>
    public Instant ReceivedAt { get; init; }

    /// <summary>When it is matched again.</summary>
    public Instant? DueAt { get; init; }

    /// <summary>Whether a match is under way.</summary>
    public bool IsMatching { get; init; }

    /// <summary>Whether something it may have waited for was stored meanwhile.</summary>
    public bool MatchAgain { get; init; }

    /// <summary>The payment that took it.</summary>
    public string? Payment { get; init; }

    /// <summary>Why it matched nothing.</summary>
    public string? Why { get; init; }
}

/// <summary>How a kept event stands.</summary>
public enum InboxStatus
{
    /// <summary>It matches nothing yet.</summary>
    Waiting,

    /// <summary>A payment has taken it.</summary>
    Matched,

    /// <summary>Somebody has dealt with it.</summary>
    Resolved,
}

/// <summary>Keeps an event that matches nothing.</summary>
/// <param name="Event">The event.</param>
/// <param name="Why">Why it matches nothing.</param>
/// <param name="NeedsHuman">Whether waiting cannot help.</param>
public sealed record KeepEvent(GatewayEvent Event, string Why, bool NeedsHuman) : Message;

/// <summary>Payment → inbox: a reference that the event may have waited for is stored.</summary>
public sealed record MatchAgain : Message;

/// <summary>Inbox → whoever matches: what does the event belong to now?</summary>
public sealed record MatchEvent : Message;

/// <summary>What came of a match.</summary>
/// <param name="Payment">The payment that took the event; <see langword="null"/>: none did.</param>
/// <param name="Why">Why none did.</param>
/// <param name="NeedsHuman">Whether waiting cannot help.</param>
public sealed record EventMatched(string? Payment, string? Why = null, bool NeedsHuman = false) : Message;
