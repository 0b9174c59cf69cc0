using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Grains.Hosting;

/// <summary>
/// What a grain stores: the envelope that the database's trigger knows, around a state that it does not. Made anew for
/// each write, so there is nothing to clear; <c>{}</c> reads as the grain that was never written.
/// </summary>
/// <typeparam name="TState">The state of the rules.</typeparam>
public sealed record Stored<TState> where TState : class, new()
{
    /// <summary>What the grain is: <c>account</c>, <c>invoice</c>, …; the index keeps it.</summary>
    public string Kind { get; init; } = "";

    /// <summary>The grain's own now at this write; it never goes back.</summary>
    public Instant At { get; init; } = Instant.FromUnixTimeTicks(0);

    /// <summary>The earliest deadline, on the grain's own clock.</summary>
    public Instant? Due { get; init; }

    /// <summary>Since when, in real time, anything is on its way out.</summary>
    public Instant? PendingSince { get; init; }

    /// <summary>The test clock that it lives on.</summary>
    public string? Clock { get; init; }

    /// <summary>What lists and reports see.</summary>
    public JsonObject? Summary { get; init; }

    /// <summary>What happened with this write.</summary>
    public ImmutableArray<Event> Events { get => field.OrEmpty(); init; }

    /// <summary>The state of the rules.</summary>
    public TState State { get => field ??= new TState(); init; }

    /// <summary>Messages that no acknowledgement is stored for.</summary>
    public ImmutableArray<OutboxEntry> Outbox { get => field.OrEmpty(); init; }

    /// <summary>The number of the newest message ever sent.</summary>
    public long Sent { get; init; }

    /// <summary>The last number of each sender that has not closed.</summary>
    public ImmutableSortedDictionary<string, long> Inbox { get => field ?? ImmutableSortedDictionary<string, long>.Empty; init; }
}

/// <summary>A message on its way out.</summary>
/// <param name="Number">From the sender's one counter.</param>
/// <param name="To">The receiver.</param>
/// <param name="Message">What it says.</param>
/// <param name="At">The sender's now when it was sent.</param>
/// <param name="StoredAt">Real time: when it was put here.</param>
/// <param name="Tries">How often it has failed, once that is often enough to be told (<see cref="StuckMessages"/>).</param>
/// <param name="Why">Why it failed last, in words for an operator.</param>
public sealed record OutboxEntry(long Number, string To, Message Message, Instant At, Instant StoredAt, int? Tries = null, string? Why = null);
