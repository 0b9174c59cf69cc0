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
    Func<IReadOnlyList<OutboxEntry>> stored, Func<OutboxEntry, Task> send, Func<Task> drained, GrainServices services, string self, ILogger logger)
{
    private readonly HashSet<long> _done = [];
    private readonly HashSet<string> _pumping = new(StringComparer.Ordinal);
    private readonly HashSet<string> _reached = new(StringComparer.Ordinal);
    private readonly HashSet<string> _doubtful = new(StringComparer.Ordinal);
    private bool _trimming;

    /// <summary>Whether the activation has ended, or was given up: nothing of it does anything any more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the entry was taken by its receiver, which the next write will store.</summary>
    public bool IsDone(OutboxEntry entry) => _done.Contains(entry.Number);

    /// <summary>Whether there are acknowledgements that no write has stored.</summary>
    public bool HasDone => _done.Count > 0;

    /// <summary>A result has come for an entry: the write of the result drops it.</summary>
    public void Conclude(long number) => _done.Add(number);

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
                    _reached.Add(to);
                    if (stored().Any(kept => kept.Number == entry.Number)) _done.Add(entry.Number);
                    services.Crash.Pass(CrashPoint.MidOutbox);
                }
                catch (Exception failure)
                {
                    failures++;
                    _doubtful.Add(to);
                    LogFailed(logger, self, entry.Number, to, failures, failure);
                    await Task.Delay(RetryAfter(failures), services.Time);
                }
            }
        }
        finally
        {
            _pumping.Remove(to);
        }

        await TrimAsync();
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

    private TimeSpan RetryAfter(int failures)
    {
        var wait = services.Options.FirstRetry * Math.Pow(2, Math.Min(failures, 20) - 1);
        return wait < services.Options.LongestRetry ? wait : services.Options.LongestRetry;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: message {Number} to {Receiver} failed for the {Failures}. time; it is sent again.")]
    private static partial void LogFailed(ILogger logger, string grain, long number, string receiver, int failures, Exception failure);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Grain}: acknowledgements could not be stored; they are stored later, or the messages are sent again by the next activation.")]
    private static partial void LogTrimFailed(ILogger logger, string grain, Exception failure);
}
