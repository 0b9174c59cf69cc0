using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace Billing.Domain;

/// <summary>What an operator pauses for the whole installation.</summary>
public enum PauseKind
{
    /// <summary>Nothing gets worse, is cancelled or ordered.</summary>
    Escalations,

    /// <summary>Rungs wait as if we were down.</summary>
    Collection,
}

/// <summary>A pause: from its beginning on, and no more at its end.</summary>
/// <param name="Kind">What is paused.</param>
/// <param name="From">When it began, in real time.</param>
/// <param name="Until">When it ended; <see langword="null"/> while it lasts.</param>
/// <param name="Reason">Why.</param>
public sealed record Pause(PauseKind Kind, Instant From, Instant? Until, string Reason);

/// <summary>
/// Every pause that anyone may still have to know of. A fact with instants, so that whoever slept through one derives the
/// same as whoever was awake. Immutable.
/// </summary>
public sealed class Pauses
{
    /// <summary>No pause ever.</summary>
    public static readonly Pauses None = new([]);

    private readonly ImmutableArray<Pause> _all;

    /// <summary>These pauses, in whatever order.</summary>
    public Pauses(ImmutableArray<Pause> all) => _all = [.. all.OrderBy(pause => pause.From)];

    /// <summary>All of them, the earliest first.</summary>
    public ImmutableArray<Pause> All => _all;

    /// <summary>Whether a pause of this kind lasts at an instant.</summary>
    public bool IsOn(PauseKind kind, Instant at) => Covering(kind, at) is not null;

    /// <summary>Whether a pause of this kind has begun and no end of it is known.</summary>
    public bool IsOpen(PauseKind kind) => _all.Any(pause => pause.Kind == kind && pause.Until is null);

    /// <summary>Whether there ever was a pause of this kind.</summary>
    public bool Knows(PauseKind kind) => _all.Any(pause => pause.Kind == kind);

    /// <summary>The instant itself, or the end of the pause in which it lies; <see langword="null"/> where no end is known.</summary>
    public Instant? After(PauseKind kind, Instant at)
    {
        var after = at;
        while (Covering(kind, after) is { } pause)
        {
            if (pause.Until is not { } until) return null;
            after = until;
        }

        return after;
    }

    /// <summary>The first end of a pause of this kind after an instant.</summary>
    public Instant? NextEnd(PauseKind kind, Instant? after) => _all.Where(pause => pause.Kind == kind && (after is null || pause.Until > after)).Min(pause => pause.Until);

    /// <summary>As the row holds them that every process reads.</summary>
    public JsonArray Write() => [.. _all.Select(pause => (JsonNode)new JsonObject
    {
        ["kind"] = pause.Kind.ToString(), ["from"] = InstantPattern.ExtendedIso.Format(pause.From), ["until"] = pause.Until is { } until ? InstantPattern.ExtendedIso.Format(until) : null, ["reason"] = pause.Reason,
    })];

    /// <summary>From that row.</summary>
    public static Pauses Read(JsonElement row) => new([.. row.EnumerateArray().Select(pause => new Pause(
        Enum.Parse<PauseKind>(pause.GetProperty("kind").GetString()!),
        InstantPattern.ExtendedIso.Parse(pause.GetProperty("from").GetString()!).Value,
        pause.GetProperty("until").GetString() is { } until ? InstantPattern.ExtendedIso.Parse(until).Value : null,
        pause.GetProperty("reason").GetString()!))]);

    private Pause? Covering(PauseKind kind, Instant at)
    {
        foreach (var pause in _all)
        {
            if (pause.Kind == kind && pause.From <= at && !(pause.Until <= at)) return pause;
        }

        return null;
    }
}
