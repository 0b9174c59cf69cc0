using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace Billing.Grains.Hosting;

/// <summary>
/// Sends what the acknowledged writes hold: in order for each receiver, each receiver by itself, again and again until it
/// is taken.
/// </summary>
/// <remarks>
/// Implementation note: each receiver's pump is a plain task on the activation's scheduler, which no deactivation waits
/// for. (A grain timer or a call would be waited for: two deactivating grains that send to each other would then hang.)
/// It never writes; it stops when the activation closes. Everything here runs on that one scheduler, so there is no lock.
/// </remarks>
internal sealed partial class Outbox(
    Func<IReadOnlyList<OutboxEntry>> stored, Func<OutboxEntry, Task> send, Func<Task> drained, Func<Task> store, GrainServices services, string self, ILogger logger)
{
    private readonly HashSet<long> _done = [];
    private readonly HashSet<string> _pumping = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reached = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (int Tries, string Why)> _failures = [];
    private bool _trimming;

    /// <summary>Whether the activation has ended, or was given up: nothing of it does anything any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the entry was taken by its receiver, which the next write will store.</summary>
    public bool IsDone(OutboxEntry entry) => _done.Contains(entry.Number);

    /// <summary>Whether there are acknowledgements that no write has stored.</summary>
    public bool HasDone => _done.Count > 0;

    /// <summary>Whether a message has become stuck, which no write has stored.</summary>
    public bool HasNews => _failures.Count > 0 && stored().Any(IsNewlyStuck);

    /// <summary>What is left of an outbox, with what is known of those that keep failing.</summary>
    public ImmutableArray<OutboxEntry> Note(ImmutableArray<OutboxEntry> outbox) => _failures.Count == 0 ? outbox : [.. outbox.Select(Told)];

    /// <summary>A result has come for an entry: the write of the result drops it.</summary>
    public void Conclude(long number) => _done.Add(number);

    /// <summary>The result was not stored.</summary>
    public void Reopen(long number) => _done.Remove(number);

    /// <summary>A write has stored what was done.</summary>
    public void Stored(IReadOnlyList<OutboxEntry> left) => _done.RemoveWhere(number => left.All(entry => entry.Number != number));

    /// <summary>An activation before this one may have sent these: a copy of one may still be on its way.</summary>
    public void Doubt(IEnumerable<OutboxEntry> entries) => _doubtful.UnionWith(entries.Select(entry => entry.To));

    /// <summary>The receivers to which every message went at the first try, since this was asked last.</summary>
    public IReadOnlyList<string> TakeCertain()
    {
        string[] certain = [.. _reached.Except(_doubtful, StringComparer.Ordinal)];
        _reached.Clear();
        return certain;
    }

    /// <summary>Starts a pump for every receiver that has none.</summary>
    public void Start()
    {
        if (IsClosed) return;
        foreach (var entry in stored())
        {
            if (!_done.Contains(entry.Number) && _pumping.Add(entry.To)) Run(() => PumpAsync(entry.To));
        }
    }

    /// <summary>Stops every pump before its next step.</summary>
    public void Close() => IsClosed = true;

    private static void Run(Func<Task> pump)
    {
        using (ExecutionContext.SuppressFlow())
        {
            _ = Task.Factory.StartNew(pump, CancellationToken.None, TaskCreationOptions.DenyChildAttach, TaskScheduler.Current);
        }
    }

    private async Task PumpAsync(string to)
    {
        var failures = 0;
        try
        {
            while (!IsClosed && stored().FirstOrDefault(entry => !_done.Contains(entry.Number) && string.Equals(entry.To, to, StringComparison.Ordinal)) is { } entry)
            {
                try
                {
                    await send(entry);
                    failures = 0;
                    _failures.Remove(entry.Number);
                    BillingMeter.Delivered(to, isTaken: true);
                    _reached.Add(to);
                    if (stored().Any(kept => kept.Number == entry.Number)) _done.Add(entry.Number);
                    services.Crash.Pass(CrashPoint.MidOutbox);
                    // It leaves the list at once, and not when the last of all the others is taken.
                    if (StuckMessages.IsStuck(entry)) await StoreAsync();
                }
                catch (Exception failure)
                {
                    failures++;
                    _doubtful.Add(to);
                    var tries = (_failures.TryGetValue(entry.Number, out var before) ? before.Tries : entry.Tries ?? 0) + 1;
                    _failures[entry.Number] = (tries, StuckMessages.Explain(failure));
                    BillingMeter.Delivered(to, isTaken: false);
                    LogFailed(logger, self, entry.Number, to, tries, failure);
                    if (IsNewlyStuck(entry)) await StoreAsync();
                    await Task.Delay(to == Outgoing.Notices ? RetryNoticeAfter(failures) : RetryAfter(failures), services.Time);
                }
            }
        }
        finally
        {
            _pumping.Remove(to);
        }

        await TrimAsync();
    }

    private bool IsNewlyStuck(OutboxEntry entry) => !StuckMessages.IsStuck(entry) && _failures.TryGetValue(entry.Number, out var known) && known.Tries >= StuckMessages.After;

    private OutboxEntry Told(OutboxEntry entry) =>
        _failures.TryGetValue(entry.Number, out var known) && known.Tries >= StuckMessages.After ? entry with { Tries = known.Tries, Why = known.Why } : entry;

    /// <summary>Has what is known stored. Where that fails, it is tried again with the message.</summary>
    private async Task StoreAsync()
    {
        try
        {
            await store();
        }
        catch (Exception failure)
        {
            LogTrimFailed(logger, self, failure);
        }
    }

    /// <summary>Once all is taken and nothing else has written it, the acknowledgements are stored by a write of their own.</summary>
    private async Task TrimAsync()
    {
        if (_trimming) return;
        _trimming = true;
        var failures = 0;
        // What is taken while a write is under way is not in that write.
        while (!IsClosed && _pumping.Count == 0 && _done.Count > 0)
        {
            try
            {
                await drained();
            }
            catch (Exception failure)
            {
                LogTrimFailed(logger, self, failure);
                await Task.Delay(RetryAfter(++failures), services.Time);
            }
        }

        _trimming = false;
    }

    private TimeSpan RetryAfter(int failures) => Doubled(services.Options.FirstRetry, services.Options.LongestRetry, failures);

    /// <summary>A relay that is down, or does not want this mail now, is asked less and less often.</summary>
    private TimeSpan RetryNoticeAfter(int failures) => Doubled(services.Options.FirstNoticeRetry, services.Options.LongestNoticeRetry, failures);

    private static TimeSpan Doubled(TimeSpan first, TimeSpan longest, int failures)
    {
        var wait = first * Math.Pow(2, Math.Min(failures, 20) - 1);
        return wait < longest ? wait : longest;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: message {Number} to {Receiver} failed for the {Failures}. time; it is sent again.")]
    private static partial void LogFailed(ILogger logger, string grain, long number, string receiver, int failures, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: acknowledgements could not be stored; they are stored later, or the messages are sent again by the next activation.")]
    private static partial void LogTrimFailed(ILogger logger, string grain, Exception failure);
}
