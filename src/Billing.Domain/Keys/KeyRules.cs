using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>Everything that is decided about keys.</summary>
public static class KeyRules
{
    /// <summary>The id of the key that the configuration gives.</summary>
    public const string Admin = "admin";

    /// <summary>The most keys that are taken at a time.</summary>
    public const int MostKeys = 200;

    /// <summary>Decides about one message. Pure.</summary>
    public static Decision<KeysState> Decide(KeysState state, Message message, Instant now)
    {
        var draft = new Draft<KeysState>(state, now);
        return draft.Decide(message switch
        {
            CreateKey m => Create(draft, m),
            RevokeKey m => Revoke(draft, m),
            KeysUsed m => Use(draft, m),
            Wake or Recover => new Done(),
            _ => new Refused(Problems.InvalidRequest, $"The keys do not take {message.GetType().Name}."),
        });
    }

    /// <summary>What every process reads: the keys that may be taken.</summary>
    public static JsonObject Summary(KeysState state) => new()
    {
        ["keys"] = new JsonArray([.. state.Keys.Where(key => key.RevokedAt is null).Select(Summary)]),
    };

    private static JsonNode Summary(ApiKey key) => new JsonObject
    {
        ["id"] = key.Id,
        ["hash"] = key.Hash,
        ["scopes"] = new JsonArray([.. key.Scopes.Select(scope => (JsonNode)(int)scope)]),
        ["expires_at"] = key.ExpiresAt?.ToUnixTimeMilliseconds(),
    };

    private static Reply Create(Draft<KeysState> draft, CreateKey command)
    {
        if (draft.State.Keys.Find(command.Key) is { } known) return Once.Again(known.Content, command.Content, new Done(known.Id));
        if (command.ExpiresAt <= draft.Now) return new Refused(Problems.InvalidRequest, "Some fields are not acceptable.", [new FieldError("expires_at", "Must be after now.")]);
        var keys = draft.State.Keys;
        while (keys.Length >= MostKeys && keys.FirstOrDefault(key => !key.IsAlive(draft.Now)) is { } dead) keys = keys.Remove(dead);
        if (keys.Length >= MostKeys) return new Refused(Problems.TooMany, $"At most {MostKeys} keys; revoke one first.");
        draft.State = draft.State with
        {
            Keys = keys.Add(new ApiKey
            {
                Id = command.Key,
                Name = command.Name,
                Scopes = command.Scopes,
                Prefix = command.Prefix,
                Hash = command.Hash,
                Content = command.Content,
                CreatedAt = draft.Now,
                ExpiresAt = command.ExpiresAt,
            }),
        };
        draft.Record(account: null, "key.created", new JsonObject
        {
            ["key"] = command.Key,
            ["scopes"] = new JsonArray([.. command.Scopes.Select(scope => (JsonNode)scope.ToString().ToLowerInvariant())]),
        });
        return new Done(command.Key);
    }

    private static Reply Revoke(Draft<KeysState> draft, RevokeKey command)
    {
        if (draft.State.Keys.Find(command.Key) is not { } key) return new Refused(Problems.NotFound, "There is no such key.");
        if (key.RevokedAt is not null) return new Done(key.Id, Replayed: true);
        draft.State = draft.State with { Keys = draft.State.Keys.With(key with { RevokedAt = draft.Now }) };
        draft.Record(account: null, "key.revoked", new JsonObject { ["key"] = key.Id });
        return new Done(key.Id);
    }

    /// <summary>Processes tell in no order: only what is later counts.</summary>
    private static Done Use(Draft<KeysState> draft, KeysUsed message)
    {
        foreach (var use in message.Uses)
        {
            if (use.Key == Admin && !(draft.State.AdminUsedAt >= use.At)) draft.State = draft.State with { AdminUsedAt = use.At };
            else if (draft.State.Keys.Find(use.Key) is { } key && !(key.LastUsedAt >= use.At)) draft.State = draft.State with { Keys = draft.State.Keys.With(key with { LastUsedAt = use.At }) };
        }

        return new Done();
    }
}
