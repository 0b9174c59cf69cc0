using System.Collections.Concurrent;
using Orleans.Storage;

namespace Billing.Grains.Tests.EngineContract;

/// <summary>The rows of a test, which can also fail a write or be written behind a grain's back.</summary>
public sealed class TestRows
{
    private readonly ConcurrentDictionary<(string State, string Key), (byte[] Payload, int Version)> _rows = new();
    private readonly ConcurrentDictionary<string, Exception> _failures = new(StringComparer.Ordinal);

    public void FailNextWrite(string key, Exception failure) => _failures[key] = failure;

    public (byte[] Payload, int Version)? Read(string state, string key) => _rows.TryGetValue((state, key), out var row) ? row : null;

    public int Write(string state, string key, byte[] payload, int? expected)
    {
        if (_failures.TryRemove(key, out var failure)) throw failure;
        var stored = Read(state, key)?.Version;
        if (stored != expected) throw new InconsistentStateException($"{state} of {key} is version {stored}, not {expected}.");
        _rows[(state, key)] = (payload, (stored ?? 0) + 1);
        return (stored ?? 0) + 1;
    }

    /// <summary>Writes the same state once more, as another process might.</summary>
    public void Touch(string state, string key)
    {
        var (payload, version) = Read(state, key) ?? throw new InvalidOperationException("Nothing is stored.");
        Write(state, key, payload, version);
    }
}
