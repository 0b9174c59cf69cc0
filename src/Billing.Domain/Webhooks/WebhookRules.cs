using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Everything that an endpoint decides: what it is, and by <see cref="WebhookDeliveries"/> what is delivered.</summary>
public static class WebhookRules
{
    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<WebhookState> Decide(WebhookState state, Message message, Instant now, string id, WebhookSchedule schedule)
    {
        var draft = new Draft<WebhookState>(state, now);
        if (message is PutWebhookEndpoint put) return draft.Decide(Put(draft, put, id));
        if (message is Recover or Reconsider) return draft.Decide(new Done());
        if (state.Url is null) return draft.Decide(message is Wake or WebhookProgress ? new Done() : new Refused(Problems.NotFound, "There is no such webhook endpoint."));
        return draft.Decide(Handle(draft, message, id, schedule));
    }

    /// <summary>When something is to be done.</summary>
    public static Instant? Due(WebhookState state) => state.IsEnabled && !state.Lanes.IsEmpty ? state.Lanes.Min(lane => WebhookDeliveries.DueAt(state, lane)) : null;

    /// <summary>Whether the wait is worth a reminder: what is being sent ends by itself, and a sweep finds it if not.</summary>
    public static bool NeedsReminder(WebhookState state) => state.IsEnabled && !state.Lanes.IsEmpty && state.Lanes.All(lane => !lane.IsSending);

    /// <summary>What lists, and whoever looks for work, see of it.</summary>
    public static JsonObject Summary(WebhookState state, string id)
    {
        if (state.Url is null) return [];
        var summary = new JsonObject { ["id"] = id, ["exists"] = true, ["enabled"] = state.IsEnabled, ["read"] = state.Read, ["cursor"] = state.Cursor, ["remind"] = NeedsReminder(state) };
        if (!state.Attention.IsEmpty) summary["attention"] = AttentionRules.Summary(state.Attention);
        return summary;
    }

    private static Reply Handle(Draft<WebhookState> draft, Message message, string id, WebhookSchedule schedule)
    {
        switch (message)
        {
            case WebhookProgress progress:
                WebhookDeliveries.Progress(draft, progress, id, schedule);
                return new Done(id);
            case Wake:
                WebhookDeliveries.Begin(draft);
                return new Done(id);
            case DeleteWebhookEndpoint:
                draft.Clear();
                Record(draft, "webhook_endpoint.deleted", id);
                // The run goes on counting, so that what an attempt of this one reports is nothing to the next one of the name.
                draft.State = new WebhookState { Run = draft.State.Run + 1 };
                return new Done(id);
            case RotateWebhookSecret rotate:
                return Once.Take(draft, rotate.Key, id, () => Rotate(draft, rotate, id));
            case ReplayWebhooks replay:
                return Once.Take(draft, replay.Key, id, () => Replay(draft, replay, id));
            case ResolveAttention resolve:
                return draft.Resolve(resolve);
            default:
                return new Refused(Problems.InvalidRequest, $"A webhook endpoint does not take {message.GetType().Name}.");
        }
    }

    private static Reply Put(Draft<WebhookState> draft, PutWebhookEndpoint put, string id)
    {
        var before = draft.State;
        if (before.Url is null && (put.Url is null || put.Events is not { IsDefaultOrEmpty: false })) return new Refused(Problems.InvalidRequest, "A new endpoint needs a URL and events.");
        var state = before.Url is null
            ? new WebhookState { Url = put.Url, Events = put.Events!.Value, Secrets = [put.Secret], Read = put.Head, Run = before.Run + 1 }
            : before with { Url = put.Url ?? before.Url, Events = put.Events is { } events && !events.SequenceEqual(before.Events, StringComparer.Ordinal) ? events : before.Events };
        draft.State = state;
        if (put.Enabled is false && state.Disabled is null) WebhookDeliveries.Disable(draft, id, WebhookDisabledReason.Operator);
        if (put.Enabled is true && state.Disabled is not null)
        {
            draft.State = state with { Disabled = null };
            draft.Clear();
        }

        if (draft.State == before)
        {
            draft.State = before;
            return new Done(id, Replayed: true);
        }

        Record(draft, "webhook_endpoint.set", id, ("fields", Changed(before, draft.State)), ("enabled", draft.State.IsEnabled));
        // Another address, other events, or enabled again: what waits for the old ones is tried at once, in a run of its own.
        if (before.Url is not null && draft.State.IsEnabled) draft.State = Rerun(draft.State with { Lanes = WebhookDeliveries.Refreshed(draft.State.Lanes, draft.Now) });
        return new Done(id);
    }

    private static Reply Rotate(Draft<WebhookState> draft, RotateWebhookSecret rotate, string id)
    {
        var good = draft.State.Secrets.RemoveAll(secret => secret.ExpiresAt <= draft.Now);
        if (good.Length >= WebhookLimits.Secrets) return new Refused(Problems.TooMany, $"At most {WebhookLimits.Secrets} secrets sign at the same time; a replaced one signs for 24 hours.");
        var until = draft.Now + WebhookLimits.OldSecretSignsFor;
        draft.State = draft.State with { Secrets = [.. good.Select(secret => secret.ExpiresAt is null ? secret with { ExpiresAt = until } : secret), rotate.Secret] };
        Record(draft, "webhook_endpoint.rotated", id);
        return new Done(id);
    }

    private static Done Replay(Draft<WebhookState> draft, ReplayWebhooks replay, string id)
    {
        Record(draft, "webhook_endpoint.replayed", id, ("after", replay.After), ("cursor", draft.State.Cursor));
        draft.State = Rerun(draft.State with { Read = replay.After, Lanes = [] });
        return new Done(id);
    }

    private static WebhookState Rerun(WebhookState state) => state with { Run = state.Run + 1, QuietUntil = null };

    /// <summary>What an operator did to an endpoint. Neither its secret, nor its address, in which a subscriber may keep one.</summary>
    private static void Record(Draft<WebhookState> draft, string type, string id, params ReadOnlySpan<(string Name, JsonNode Value)> more)
    {
        var data = new JsonObject { ["webhook_endpoint"] = id };
        foreach (var (name, value) in more) data[name] = value;
        draft.Record(account: null, type, data);
    }

    private static JsonArray Changed(WebhookState before, WebhookState after)
    {
        JsonArray fields = [];
        if (!string.Equals(before.Url, after.Url, StringComparison.Ordinal)) fields.Add((JsonNode)"url");
        if (!before.Events.SequenceEqual(after.Events, StringComparer.Ordinal)) fields.Add((JsonNode)"events");
        if (before.IsEnabled != after.IsEnabled) fields.Add((JsonNode)"enabled");
        return fields;
    }
}
