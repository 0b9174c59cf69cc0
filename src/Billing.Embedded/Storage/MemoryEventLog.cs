using System.Text.Json;

namespace Billing.Embedded.Storage;

/// <summary>One row of <see cref="MemoryEventLog"/>, the columns of <c>events</c>.</summary>
/// <param name="Seq">The place in the whole log, from 1.</param>
/// <param name="Account">Whose event it is; <see langword="null"/>: of no account.</param>
/// <param name="AccountSeq">The place among the account's events, from 1 without a gap.</param>
/// <param name="Type">A dotted name.</param>
/// <param name="OccurredAt">When the fact was met.</param>
/// <param name="EffectiveAt">From when it counts.</param>
/// <param name="RecordedAt">When it was written, on the grain's own clock.</param>
/// <param name="Data">An object, or undefined.</param>
public sealed record MemoryEvent(
    long Seq, string? Account, long? AccountSeq, string Type, DateTimeOffset OccurredAt, DateTimeOffset EffectiveAt, DateTimeOffset RecordedAt, JsonElement Data);

/// <summary>The events of <see cref="MemoryGrainStateStore"/>, in the order of their numbers.</summary>
public sealed class MemoryEventLog
{
    private readonly List<MemoryEvent> _events = [];
    private readonly Dictionary<string, List<MemoryEvent>> _byAccount = [];

    /// <summary>The last number; 0 where there is no event.</summary>
    public long Head => _events.Count;

    /// <summary>Events after a number, oldest first.</summary>
    /// <param name="after">0 reads from the beginning.</param>
    /// <param name="account">Of one account, or <see langword="null"/> for all.</param>
    public IEnumerable<MemoryEvent> After(long after, string? account)
    {
        var events = account is null ? _events : _byAccount.GetValueOrDefault(account) ?? [];
        return events.Skip(IndexAfter(events, after));
    }

    internal void Append(DateTimeOffset recordedAt, IReadOnlyList<EnvelopeEvent> events)
    {
        foreach (var e in events)
        {
            var ofAccount = e.Account is null ? null : AccountLog(e.Account);
            var row = new MemoryEvent(
                _events.Count + 1, e.Account, ofAccount?.Count + 1, e.Type, e.OccurredAt, e.EffectiveAt, recordedAt, e.Data);
            _events.Add(row);
            ofAccount?.Add(row);
        }
    }

    private List<MemoryEvent> AccountLog(string account)
    {
        if (!_byAccount.TryGetValue(account, out var log))
            _byAccount[account] = log = [];
        return log;
    }

    private static int IndexAfter(List<MemoryEvent> events, long after)
    {
        var (low, high) = (0, events.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = events[middle].Seq <= after ? (middle + 1, high) : (low, middle);
        }
        return low;
    }
}
