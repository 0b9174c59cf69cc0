using System.Collections.Immutable;
using System.Text.Json.Nodes;
using NodaTime;

namespace Billing.Domain;

/// <summary>
/// The short list of what needs a human, in the state of what it concerns. A matter, a kind and its subject, is on it once,
/// however often it is found; a cause that has gone takes it off again.
/// </summary>
internal static class AttentionRules
{
    /// <summary>Entries of one list. What does not fit is raised when it is found again and there is room.</summary>
    public const int Most = AccountLimits.Attention;

    /// <summary>An entry, named after whose it is and what it is about: the same matter has the same name always.</summary>
    public static AttentionEntry Entry(string owner, string kind, string? subject, string what, string @do, Instant since) =>
        new(subject is null ? $"{owner}~{kind}" : $"{owner}~{kind}~{subject}", kind, subject, what, @do, since);

    /// <summary>The list with an entry; the same one where it is there already or does not fit.</summary>
    /// <param name="record">Writes an event: type and data.</param>
    public static ImmutableArray<AttentionEntry> Raise(ImmutableArray<AttentionEntry> list, AttentionEntry entry, Action<string, JsonObject> record)
    {
        list = list.OrEmpty();
        if (list.Length >= Most || list.Any(known => IsAbout(known, entry.Kind, entry.Subject))) return list;
        record("attention.raised", About(entry));
        return list.Add(entry);
    }

    /// <summary>The list without an entry, which a human has dealt with or whose cause has gone; the same one where it is not there.</summary>
    /// <param name="record">Writes an event: type and data.</param>
    public static ImmutableArray<AttentionEntry> Resolve(ImmutableArray<AttentionEntry> list, string id, Action<string, JsonObject> record)
    {
        list = list.OrEmpty();
        if (list.Find(id) is not { } entry) return list;
        record("attention.resolved", About(entry));
        return list.Without(id);
    }

    /// <summary>Puts an entry on the list.</summary>
    public static void Raise<TState>(this Draft<TState> draft, AttentionEntry entry) where TState : AttendedState =>
        draft.State = draft.State with { Attention = Raise(draft.State.Attention, entry, draft.RecordOfOwner) };

    /// <summary>Takes entries off the list, since their cause has gone.</summary>
    /// <param name="draft">Whose list it is.</param>
    /// <param name="isOver">Which ones; <see langword="null"/>: all.</param>
    public static void Clear<TState>(this Draft<TState> draft, Predicate<AttentionEntry>? isOver = null) where TState : AttendedState
    {
        foreach (var entry in draft.State.Attention.Where(entry => isOver?.Invoke(entry) is not false))
        {
            draft.State = draft.State with { Attention = Resolve(draft.State.Attention, entry.Id, draft.RecordOfOwner) };
        }
    }

    /// <summary>A human has dealt with an entry.</summary>
    /// <param name="draft">Whose list it is on.</param>
    /// <param name="command">What he says.</param>
    /// <param name="andThen">What else follows from that.</param>
    public static Reply Resolve<TState>(this Draft<TState> draft, ResolveAttention command, Action? andThen = null) where TState : AttendedState => Once.Take(draft, command.Key, command.Entry, () =>
    {
        if (draft.State.Attention.Find(command.Entry) is null) return NoSuchEntry;
        draft.Clear(entry => string.Equals(entry.Id, command.Entry, StringComparison.Ordinal));
        andThen?.Invoke();
        return new Done(command.Entry);
    });

    /// <summary>Puts a matter of an account on its list.</summary>
    public static void Raise(AccountDraft draft, string kind, string? subject, string what, string @do)
    {
        var list = Raise(draft.State.Attention, Entry(draft.Id, kind, subject, what, @do, draft.Now), draft.Record);
        if (list != draft.State.Attention) draft.State = draft.State with { Attention = list };
    }

    /// <summary>Takes a matter of an account off its list, since its cause has gone.</summary>
    public static void Clear(AccountDraft draft, string kind, string? subject)
    {
        if (draft.State.Attention.FirstOrDefault(known => IsAbout(known, kind, subject)) is not { } entry) return;
        draft.State = draft.State with { Attention = Resolve(draft.State.Attention, entry.Id, draft.Record) };
    }

    /// <summary>A human has dealt with a matter of an account.</summary>
    public static Reply Resolve(AccountDraft draft, ResolveAttention command)
    {
        if (Idempotency.Before(draft, command.Key, command.Entry) is { } before) return before;
        if (draft.State.Attention.Find(command.Entry) is null) return NoSuchEntry;
        draft.State = draft.State with { Attention = Resolve(draft.State.Attention, command.Entry, draft.Record) };
        Idempotency.Remember(draft, command.Key);
        return new Done(command.Entry, draft.NextVersion);
    }

    /// <summary>The list as lists of what needs a human see it.</summary>
    public static JsonArray Summary(ImmutableArray<AttentionEntry> list) => [.. list.Select(entry => (JsonNode)new JsonObject
    {
        ["id"] = entry.Id, ["kind"] = entry.Kind, ["subject"] = entry.Subject, ["what"] = entry.What, ["do"] = entry.Do, ["since"] = entry.Since.ToString(),
    })];

    private static Refused NoSuchEntry { get; } = new(Problems.NotFound, "There is no such entry.");

    private static void RecordOfOwner<TState>(this Draft<TState> draft, string type, JsonObject data) where TState : AttendedState => draft.Record(draft.State.Owner, type, data);

    private static bool IsAbout(AttentionEntry entry, string kind, string? subject) =>
        string.Equals(entry.Kind, kind, StringComparison.Ordinal) && string.Equals(entry.Subject, subject, StringComparison.Ordinal);

    private static JsonObject About(AttentionEntry entry) => new() { ["attention"] = entry.Id, ["kind"] = entry.Kind, ["subject"] = entry.Subject };
}
