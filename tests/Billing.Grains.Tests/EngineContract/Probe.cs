using System.Collections.Concurrent;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>What a test and the grains it looks at tell each other: named signals that either side sets and awaits, and a count.</summary>
public sealed class Probe
{
    private static readonly TimeSpan s_bound = TimeSpan.FromSeconds(20);
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _signals = new(StringComparer.Ordinal);
    private int _count;

    /// <summary>A number that nobody had before.</summary>
    public int Next() => Interlocked.Increment(ref _count);

    public void Set(string signal) => Signal(signal).TrySetResult();

    /// <summary>Awaits the signal; the bound only makes a broken engine fail instead of hang.</summary>
    public Task Until(string signal) => Signal(signal).Task.WaitAsync(s_bound);

    public bool IsSet(string signal) => Signal(signal).Task.IsCompleted;

    private TaskCompletionSource Signal(string name) =>
        _signals.GetOrAdd(name, static _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
}
