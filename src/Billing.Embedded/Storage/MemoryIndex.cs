using System.Text.Json;

namespace Billing.Embedded.Storage;

/// <summary>One entry of <see cref="MemoryIndex"/>, the columns of <c>grain_index</c>.</summary>
/// <param name="Kind">The envelope's kind.</param>
/// <param name="Key">The whole grain key.</param>
/// <param name="Version">The version of the state that it was taken from.</param>
/// <param name="Due">The earliest deadline, on the grain's own clock.</param>
/// <param name="PendingSince">Real time: since when a message or a gateway call is open.</param>
/// <param name="Clock">The test clock that the grain lives on; <see langword="null"/>: real time.</param>
/// <param name="Summary">An object, or undefined.</param>
/// <param name="CreatedSeq">Counts first writes, from 1.</param>
public sealed record MemoryIndexEntry(
    string Kind, string Key, int Version, DateTimeOffset? Due, DateTimeOffset? PendingSince, string? Clock, JsonElement Summary, long CreatedSeq);

/// <summary>The index of <see cref="MemoryGrainStateStore"/>, ordered as the indexes of PostgreSQL are.</summary>
public sealed class MemoryIndex
{
    private readonly Dictionary<(string Kind, string Key), MemoryIndexEntry> _entries = [];
    private readonly Dictionary<string, SortedDictionary<long, string>> _keysByCreation = [];
    private readonly SortedSet<(DateTimeOffset At, long CreatedSeq, string Kind, string Key)> _pending = [];
    private readonly Dictionary<string, SortedSet<(DateTimeOffset At, long CreatedSeq, string Kind, string Key)>> _dueByClock = [];
    private readonly Dictionary<string, int> _pendingByClock = [];
    private long _created;

    /// <summary>Entries of real time whose deadline is before an instant, the most overdue first.</summary>
    public IEnumerable<MemoryIndexEntry> Overdue(DateTimeOffset before) =>
        DueOf(null).TakeWhile(x => x.At < before).Select(x => _entries[(x.Kind, x.Key)]);

    /// <summary>Entries of every clock that have been waiting since before an instant, the longest first.</summary>
    public IEnumerable<MemoryIndexEntry> Pending(DateTimeOffset before) =>
        _pending.TakeWhile(x => x.At < before).Select(x => _entries[(x.Kind, x.Key)]);

    /// <summary>Whether anything on a test clock is waiting.</summary>
    public bool AnyPending(string clock) => _pendingByClock.GetValueOrDefault(clock) > 0;

    /// <summary>Entries of a test clock that have a deadline, the earliest first.</summary>
    public IEnumerable<MemoryIndexEntry> Due(string clock) => DueOf(clock).Select(x => _entries[(x.Kind, x.Key)]);

    /// <summary>The kinds that there are entries of.</summary>
    public IEnumerable<string> Kinds => _keysByCreation.Keys;

    /// <summary>The entry of a grain; <see langword="null"/> where there is none.</summary>
    public MemoryIndexEntry? Find(string kind, string key) => _entries.GetValueOrDefault((kind, key));

    /// <summary>Entries of one kind, newest first, made before <paramref name="beforeSeq"/>.</summary>
    public IEnumerable<MemoryIndexEntry> Newest(string kind, long beforeSeq) =>
        _keysByCreation.TryGetValue(kind, out var keys)
            ? keys.Reverse().SkipWhile(x => x.Key >= beforeSeq).Select(x => _entries[(kind, x.Value)])
            : [];

    internal void Put(string key, int version, Envelope envelope)
    {
        var existing = _entries.GetValueOrDefault((envelope.Kind, key));
        if (existing is not null)
            Unlink(existing);
        var entry = new MemoryIndexEntry(
            envelope.Kind, key, version, envelope.Due, envelope.PendingSince, envelope.Clock, envelope.Summary, existing?.CreatedSeq ?? ++_created);
        _entries[(entry.Kind, key)] = entry;
        if (existing is null)
            GetOrAdd(_keysByCreation, entry.Kind).Add(entry.CreatedSeq, key);
        Link(entry);
    }

    private void Link(MemoryIndexEntry entry)
    {
        if (entry.Due is { } due)
            GetOrAdd(_dueByClock, ClockName(entry.Clock)).Add((due, entry.CreatedSeq, entry.Kind, entry.Key));
        if (entry.PendingSince is not { } since)
            return;
        _pending.Add((since, entry.CreatedSeq, entry.Kind, entry.Key));
        if (entry.Clock is { } clock)
            _pendingByClock[clock] = _pendingByClock.GetValueOrDefault(clock) + 1;
    }

    private void Unlink(MemoryIndexEntry entry)
    {
        if (entry.Due is { } due)
            _dueByClock[ClockName(entry.Clock)].Remove((due, entry.CreatedSeq, entry.Kind, entry.Key));
        if (entry.PendingSince is not { } since)
            return;
        _pending.Remove((since, entry.CreatedSeq, entry.Kind, entry.Key));
        if (entry.Clock is { } clock)
            _pendingByClock[clock]--;
    }

    private IEnumerable<(DateTimeOffset At, long CreatedSeq, string Kind, string Key)> DueOf(string? clock) =>
        _dueByClock.TryGetValue(ClockName(clock), out var due) ? due : [];

    // Real time has a name that no clock can have, so that one dictionary serves both.
    private static string ClockName(string? clock) => clock is null ? "" : "/" + clock;

    private static T GetOrAdd<T>(Dictionary<string, T> dictionary, string key) where T : new()
    {
        if (!dictionary.TryGetValue(key, out var value))
            dictionary[key] = value = new T();
        return value;
    }
}
