using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// An event that matched nothing is matched again as soon as a reference that it names is stored, and every hour for three
/// days; then a human is asked. It is never thrown away: money may have moved.
/// </summary>
public static class InboxRules
{
    /// <summary>How often it is matched again.</summary>
    public static Duration Every { get; } = Duration.FromHours(1);

    /// <summary>How long it waits before a human is asked. Stripe sends an event again for up to three days (its documentation, 2026-03), so what it belongs to has been told by then.</summary>
    public static Duration PatienceFor { get; } = Duration.FromDays(3);

    /// <summary>Decides about one message. Pure.</summary>
    /// <param name="state">The kept event.</param>
    /// <param name="message">What is said.</param>
    /// <param name="now">The instant of the decision.</param>
    /// <param name="id">The inbox' id.</param>
    public static Decision<InboxState> Decide(InboxState state, Message message, Instant now, string id)
    {
        var draft = new Draft<InboxState>(state, now);
        if (state.Event is null && message is not KeepEvent) return draft.Decide(new Refused(Problems.NotFound, "There is no such event."));
        switch (message)
        {
            case KeepEvent m:
                return draft.Decide(Keep(draft, m, id));
            case Wake or Recover or MatchAgain:
                Match(draft, message);
                break;
            case EventMatched m:
                Take(draft, m, id);
                break;
            case ResolveAttention m:
                return draft.Decide(draft.Resolve(m, () => draft.State = draft.State with { Status = InboxStatus.Resolved, DueAt = null }));
            default:
                return draft.Decide(new Refused(Problems.InvalidRequest, $"An inbox does not take {message.GetType().Name}."));
        }

        return draft.Decide(new Done(id));
    }

    /// <summary>Whether a match was under way when the last activation ended.</summary>
    public static bool NeedsRecovery(InboxState state) => state.IsMatching;

    /// <summary>What lists and reports see of it. What it waits for is there as long as it waits.</summary>
    public static JsonObject Summary(InboxState state)
    {
        if (state.Event is not { } told) return [];
        var summary = new JsonObject
        {
            ["gateway"] = told.Gateway,
            ["event"] = told.Id,
            ["type"] = told.Type,
            ["account"] = told.Account,
            ["payment"] = state.Payment ?? told.Payment,
            ["status"] = state.Status.ToString().ToLowerInvariant(),
        };
        if (state.Status == InboxStatus.Waiting) summary["waits_for"] = told.Object;
        if (!state.Attention.IsEmpty) summary["attention"] = AttentionRules.Summary(state.Attention);
        return summary;
    }

    private static Reply Keep(Draft<InboxState> draft, KeepEvent message, string id)
    {
        // The same event again is known, whatever it says: a provider's event does not change.
        if (draft.State.Event is not null) return new Done(id, Replayed: true);
        draft.State = new InboxState { Event = message.Event, ReceivedAt = draft.Now, Why = message.Why };
        if (message.NeedsHuman) Raise(draft, id);
        else Ask(draft);
        return new Done(id);
    }

    private static void Match(Draft<InboxState> draft, Message message)
    {
        var state = draft.State;
        if (state.Status != InboxStatus.Waiting) return;
        if (message is Wake && !(state.DueAt <= draft.Now)) return;
        if (message is MatchAgain && state.IsMatching) draft.State = state with { MatchAgain = true };
        else Ask(draft);
    }

    /// <summary>Matched right after it is stored too: what it waits for may have been stored in between, and looked for it in vain.</summary>
    private static void Ask(Draft<InboxState> draft)
    {
        draft.State = draft.State with { IsMatching = true, MatchAgain = false, DueAt = draft.Now + Every };
        draft.Send(Outgoing.Gateway, new MatchEvent());
    }

    private static void Take(Draft<InboxState> draft, EventMatched answer, string id)
    {
        var state = draft.State with { IsMatching = false };
        draft.State = state;
        if (state.Status != InboxStatus.Waiting) return;
        if (answer.Payment is { } payment)
        {
            draft.State = state with { Status = InboxStatus.Matched, Payment = payment, DueAt = null, Why = null, MatchAgain = false };
            draft.Clear();
            return;
        }

        draft.State = state with { Why = answer.Why };
        if (state.MatchAgain) Ask(draft);
        else if (answer.NeedsHuman || state.ReceivedAt + PatienceFor <= draft.Now) Raise(draft, id);
        else draft.State = draft.State with { DueAt = draft.Now + Every };
    }

    /// <summary>From here on it is matched only when something that it names is stored.</summary>
    private static void Raise(Draft<InboxState> draft, string id)
    {
        var told = draft.State.Event!;
        var amount = told.Amount is { } money ? $" of {money}" : "";
        // Its name goes into a path, and the gateway's id of the object may hold anything.
        var entry = new AttentionEntry(
            $"{id}~gateway_event", "gateway_event", told.Object, $"{told.Gateway} tells {told.Type}{amount} about {told.Object}, and it was not booked: {draft.State.Why}",
            "Look at the gateway's own pages. If it is an account's, record it there with the gateway's id as its reference; then resolve this.", draft.Now);
        draft.State = draft.State with { DueAt = null };
        draft.Raise(entry);
    }
}
