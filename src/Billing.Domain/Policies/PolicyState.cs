using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Every version of one policy.</summary>
public sealed record PolicyState
{
    /// <summary>The versions, oldest first. A version, once stored, never changes.</summary>
    public ImmutableArray<PolicyVersion> Versions { get => field.OrEmpty(); init; }
}

/// <summary>A version of a policy as it was uploaded.</summary>
/// <param name="Document">The JSON document, as one text.</param>
/// <param name="At">When it was put in force.</param>
public sealed record PolicyVersion(string Document, Instant At);

/// <summary>Puts a policy in force. The document is valid: whoever asks has read it first.</summary>
/// <param name="Document">The JSON document, as one text.</param>
/// <param name="OnlyFirst">Whether an existing policy stays as it is: how shipped policies are stored.</param>
public sealed record PutPolicy(string Document, bool OnlyFirst) : Message;

/// <summary>Everything that a policy's grain decides.</summary>
public static class PolicyRules
{
    /// <summary>The most versions of one policy.</summary>
    public const int MaxVersions = 200;

    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<PolicyState> Decide(PolicyState state, Message message, Instant now, string id)
    {
        var draft = new Draft<PolicyState>(state, now);
        if (message is not PutPolicy put) return draft.Decide(message is Wake ? new Done() : new Refused(Problems.InvalidRequest, "A policy takes PutPolicy only."));
        if (!state.Versions.IsEmpty && (put.OnlyFirst || IsSame(state.Versions[^1].Document, put.Document))) return draft.Decide(new Done(id, Replayed: true));
        if (state.Versions.Length >= MaxVersions) return draft.Decide(new Refused(Problems.TooMany, $"At most {MaxVersions} versions of a policy."));

        draft.State = state with { Versions = state.Versions.Add(new PolicyVersion(put.Document, now)) };
        draft.Record(account: null, "policy.changed", new JsonObject { ["policy"] = id, ["version"] = draft.State.Versions.Length });
        return draft.Decide(new Done(id));
    }

    /// <summary>The versions, where every process reads them.</summary>
    public static JsonObject Summary(PolicyState state, string id) => state.Versions.IsEmpty ? [] : new JsonObject
    {
        ["id"] = id,
        ["version"] = state.Versions.Length,
        ["documents"] = new JsonArray([.. state.Versions.Select(version => (JsonNode)version.Document)]),
    };

    private static bool IsSame(string left, string right) => JsonNode.DeepEquals(JsonNode.Parse(left), JsonNode.Parse(right));
}
