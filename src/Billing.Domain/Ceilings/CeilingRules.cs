using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// Whether the card networks allow another attempt with a card. Counted are declined attempts, across accounts; asked is
/// before a reattempt only, so a first charge costs nothing.
/// </summary>
/// <remarks>
/// Implementation note: two accounts that ask at the same moment, one decline below the ceiling, are both allowed. What is
/// counted is what was declined, and a permit that was never used would hold a card back for a month.
/// </remarks>
public static class CeilingRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<CeilingState> Decide(CeilingState state, Message message, Instant now)
    {
        var draft = new Draft<CeilingState>(state, now);
        switch (message)
        {
            case AttemptDeclined m:
                Count(draft, m);
                break;
            case AskCeiling m:
                if (m.Clock != state.Clock) draft.State = state with { Clock = m.Clock };
                var freeAt = FreeAt(state, m.Network, now);
                draft.Send(GrainKeys.Payment(m.Payment), new CeilingAnswered(m.Ordinal, m.Fingerprint, freeAt is null, freeAt));
                break;
            case Wake or Recover:
                break;
            default:
                return draft.Decide(new Refused(Problems.InvalidRequest, $"A card does not take {message.GetType().Name}."));
        }

        return draft.Decide(new Done());
    }

    /// <summary>From when another attempt is allowed; <see langword="null"/>: it is allowed now.</summary>
    public static Instant? FreeAt(CeilingState state, string? network, Instant now)
    {
        // The ceiling is reached while its n-th newest decline is inside the window.
        var freeAt = CeilingLimits.Of(network).Where(limit => state.Declines.Length >= limit.Declines).Max(limit => (Instant?)(state.Declines[^limit.Declines].At + limit.Window));
        return freeAt > now ? freeAt : null;
    }

    /// <summary>What lists see of it: nothing but its key.</summary>
    public static JsonObject Summary(CeilingState state) => new() { ["declines"] = state.Declines.Length };

    private static void Count(Draft<CeilingState> draft, AttemptDeclined declined)
    {
        var id = Ids.GatewayKey(declined.Payment, declined.Ordinal);
        if (draft.State.Declines.Find(id) is not null) return;
        var counted = draft.State.Declines.Add(new DeclinedAttempt(id, declined.SubmittedAt)).Where(decline => decline.At + CeilingLimits.LongestWindow > draft.Now)
            .OrderBy(decline => decline.At).TakeLast(CeilingLimits.MostDeclines);
        draft.State = draft.State with { Declines = [.. counted], Clock = declined.Clock };
    }
}
