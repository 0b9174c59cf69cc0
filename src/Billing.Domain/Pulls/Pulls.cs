using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;
using NodaTime.Text;

namespace Billing.Domain;

/// <summary>A pull of a gateway's books that came to its end: whatever the gateway had on them when it began is on ours.</summary>
/// <param name="Gateway">The gateway.</param>
/// <param name="Begun">When it began, in real time.</param>
/// <param name="Ended">When everything that it found was recorded, the accounts included.</param>
public sealed record Pull(string Gateway, Instant Begun, Instant Ended);

/// <summary>
/// The newest complete pulls of each gateway. Facts with instants, like pauses: whoever slept through some derives the same as
/// whoever was awake. Immutable.
/// </summary>
public sealed class Pulls
{
    /// <summary>Nothing was ever pulled.</summary>
    public static readonly Pulls None = new([]);

    /// <summary>For whoever only looks ahead: every gateway has told everything, always.</summary>
    public static readonly Pulls Assumed = new([]);

    /// <summary>The pulls that are kept of each gateway: six hours of them. An account that slept through more takes the oldest for the first.</summary>
    public const int MostOfAGateway = 24;

    /// <summary>For how long a pull is believed: a gateway that has given no answer since then may have anything on its books.</summary>
    public static readonly Duration BelievedFor = Duration.FromDays(1);

    /// <summary>These pulls, in whatever order.</summary>
    public Pulls(ImmutableArray<Pull> all) => All = [.. all.OrderBy(pull => pull.Ended)];

    /// <summary>All of them, the earliest end first.</summary>
    public ImmutableArray<Pull> All { get; }

    /// <summary>The gateways of which there was one.</summary>
    public IEnumerable<string> Gateways => All.Select(pull => pull.Gateway).Distinct(StringComparer.Ordinal);

    /// <summary>Whether, at an instant, a pull of a gateway that began after another instant has ended and is still believed.</summary>
    public bool IsDone(string gateway, Instant after, Instant at) => All.Any(pull => IsOf(pull, gateway) && pull.Begun > after && pull.Ended <= at && at < pull.Begun + BelievedFor);

    /// <summary>When the pulls of a gateway ended.</summary>
    public IEnumerable<Instant> Ends(string gateway) => All.Where(pull => IsOf(pull, gateway)).Select(pull => pull.Ended);

    /// <summary>When the newest complete one of a gateway began.</summary>
    public Instant? LastBegun(string gateway) => All.Where(pull => IsOf(pull, gateway)).Max(pull => (Instant?)pull.Begun);

    /// <summary>A list of pulls with one more; the same list where it has one that began no earlier. No more are kept than <see cref="MostOfAGateway"/>.</summary>
    public static ImmutableArray<Pull> With(ImmutableArray<Pull> all, Pull pull)
    {
        ImmutableArray<Pull> own = [.. all.Where(known => IsOf(known, pull.Gateway))];
        if (own.Any(known => known.Begun >= pull.Begun)) return all;
        return [.. all.RemoveRange(own.Take(own.Length + 1 - MostOfAGateway)), pull];
    }

    /// <summary>As the row holds them that every process reads.</summary>
    public JsonArray Write() => [.. All.Select(pull => (JsonNode)new JsonObject
    {
        ["gateway"] = pull.Gateway, ["begun"] = InstantPattern.ExtendedIso.Format(pull.Begun), ["ended"] = InstantPattern.ExtendedIso.Format(pull.Ended),
    })];

    /// <summary>From that row.</summary>
    public static Pulls Read(JsonElement row) => new([.. row.EnumerateArray().Select(pull => new Pull(
        pull.GetProperty("gateway").GetString()!,
        InstantPattern.ExtendedIso.Parse(pull.GetProperty("begun").GetString()!).Value,
        InstantPattern.ExtendedIso.Parse(pull.GetProperty("ended").GetString()!).Value))]);

    private static bool IsOf(Pull pull, string gateway) => string.Equals(pull.Gateway, gateway, StringComparison.Ordinal);
}
