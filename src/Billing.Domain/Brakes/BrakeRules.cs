using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// What brakes the whole installation. One bad policy or a gateway's outage must not delete a portfolio: an operator pauses,
/// no more accounts an hour than a limit enter a standing that deletes, and none before its gateways' books were pulled.
/// </summary>
public static class BrakeRules
{
    /// <summary>The pauses that are kept. An account that slept through more of one kind than this takes the oldest for one that never was.</summary>
    public const int MostPauses = 200;

    /// <summary>The highest limit on deletions an hour.</summary>
    public const int HighestLimit = 1_000;

    /// <summary>The length of the window in which permits count.</summary>
    public static readonly Duration Window = Duration.FromHours(1);

    private const string Matter = "deletion_brake";

    /// <summary>Decides about one message. Pure.</summary>
    /// <param name="state">The brake.</param>
    /// <param name="message">What it is told.</param>
    /// <param name="now">Now, in real time.</param>
    /// <param name="id">Its id.</param>
    /// <param name="limit">How many accounts an hour may be deleted; 0: none.</param>
    public static Decision<BrakeState> Decide(BrakeState state, Message message, Instant now, string id, int limit)
    {
        var draft = new Draft<BrakeState>(state, now);
        return draft.Decide(message switch
        {
            PutPauses m => Pause(draft, m, id),
            PauseUntilPulled m => PauseUntilPulled(draft, m, id),
            PullEnded m => Take(draft, m, id),
            AskDeletion m => Permit(draft, m, id, limit),
            ResolveAttention m => draft.Resolve(m),
            Wake or Recover => Calm(draft),
            _ => new Refused(Problems.InvalidRequest, $"A brake does not take {message.GetType().Name}."),
        });
    }

    /// <summary>When nobody waits for a permit any more, if nobody else asks.</summary>
    public static Instant? Due(BrakeState state) => state.Attention.IsEmpty ? null : state.LastTurnAt + Window;

    /// <summary>What every process reads.</summary>
    public static JsonObject Summary(BrakeState state) => new() { ["pauses"] = new Pauses(state.Pauses).Write(), ["pulls"] = new Pulls(state.Pulls).Write() };

    private static Done Pause(Draft<BrakeState> draft, PutPauses command, string id)
    {
        var before = draft.State.Pauses;
        var after = Switch(Switch(before, PauseKind.Escalations, command.EscalationsPaused, command.Reason, draft.Now), PauseKind.Collection, command.CollectionPaused, command.Reason, draft.Now);
        if (after == before) return new Done(id, Replayed: true);
        var pauses = new Pauses(after);
        draft.State = draft.State with { Pauses = after, AwaitedPulls = pauses.IsOpen(PauseKind.Collection) ? draft.State.AwaitedPulls : [] };
        draft.Record(account: null, "control.changed", new JsonObject
        {
            ["escalations_paused"] = pauses.IsOpen(PauseKind.Escalations),
            ["collection_paused"] = pauses.IsOpen(PauseKind.Collection),
            ["reason"] = command.Reason,
        });
        return new Done(id);
    }

    /// <summary>A pause that lasts already is somebody else's, and his to end.</summary>
    private static Done PauseUntilPulled(Draft<BrakeState> draft, PauseUntilPulled command, string id)
    {
        draft.State = draft.State with { RestoredAt = draft.Now };
        if (new Pauses(draft.State.Pauses).IsOpen(PauseKind.Collection)) return new Done(id);
        Pause(draft, new PutPauses(EscalationsPaused: null, CollectionPaused: true, command.Reason), id);
        draft.State = draft.State with { AwaitedPulls = command.Gateways };
        return new Done(id);
    }

    /// <summary>A pull counts from now on: what reads it as a fact has not read it before. The last one that is awaited ends the pause.</summary>
    private static Done Take(Draft<BrakeState> draft, PullEnded pull, string id)
    {
        var all = Pulls.With(draft.State.Pulls, new Pull(pull.Gateway, pull.BegunAt, draft.Now));
        if (all == draft.State.Pulls) return new Done(id, Replayed: true);
        draft.State = draft.State with { Pulls = all };
        var awaited = draft.State.AwaitedPulls;
        if (!awaited.Contains(pull.Gateway, StringComparer.Ordinal) || !(draft.State.Pauses.Last(pause => pause is { Kind: PauseKind.Collection, Until: null }).From < pull.BegunAt)) return new Done(id);
        draft.State = draft.State with { AwaitedPulls = awaited.Remove(pull.Gateway, StringComparer.Ordinal) };
        if (draft.State.AwaitedPulls.IsEmpty) Pause(draft, new PutPauses(EscalationsPaused: null, CollectionPaused: false, "The gateways' charges since the backup have been pulled."), id);
        return new Done(id);
    }

    private static ImmutableArray<Pause> Switch(ImmutableArray<Pause> pauses, PauseKind kind, bool? isPaused, string reason, Instant now)
    {
        var open = pauses.FirstOrDefault(pause => pause.Kind == kind && pause.Until is null);
        return (isPaused, open) switch
        {
            (true, null) => [.. pauses.Add(new Pause(kind, now, Until: null, reason)).TakeLast(MostPauses)],
            (false, { } lasting) => pauses.Replace(lasting, lasting with { Until = now }),
            _ => pauses,
        };
    }

    private static Done Permit(Draft<BrakeState> draft, AskDeletion question, string id, int limit)
    {
        ImmutableArray<Instant> recent = [.. draft.State.Permits.Where(at => at + Window > draft.Now)];
        Instant? again = recent.Length < limit ? null : TurnOf(draft.State.Refused, recent, draft.Now);
        draft.State = again is null
            ? draft.State with { Permits = recent.Add(draft.Now), Refused = 0 }
            : draft.State with { Permits = recent, Refused = draft.State.Refused + 1, LastTurnAt = draft.State.LastTurnAt is { } last ? Instant.Max(last, again.Value) : again };
        if (again is not null)
        {
            var entry = AttentionRules.Entry(id, Matter, subject: null, $"More than {limit} accounts an hour come to be deleted; the others wait.", "Look whether a policy or a gateway is wrong: pause escalations, or let them go on at this pace.", draft.Now);
            draft.Raise(entry);
        }

        draft.Send(GrainKeys.Account(question.Account), new DeletionAnswered(question.AskedAt, again));
        return new Done(id);
    }

    /// <summary>Each permit that leaves the window lets one of those in who were refused; who asks behind all of them waits for the round after.</summary>
    private static Instant TurnOf(int refused, ImmutableArray<Instant> recent, Instant now) =>
        recent.IsEmpty ? now + Window : recent[refused % recent.Length] + Window * (1 + refused / recent.Length);

    private static Done Calm(Draft<BrakeState> draft)
    {
        if (Due(draft.State) <= draft.Now) draft.Clear();
        return new Done();
    }
}
