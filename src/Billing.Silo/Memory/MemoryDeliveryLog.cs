#if EMBEDDED
using Billing.Grains.Interfaces.Webhooks;
using NodaTime;

namespace Billing.Silo.Memory;

/// <summary>Keeps attempts in memory; answers as the one of PostgreSQL does.</summary>
public sealed class MemoryDeliveryLog : IDeliveryLog
{
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Queue<DeliveryAttempt>> _attempts = new(StringComparer.Ordinal);
    private long _last;

    /// <inheritdoc/>
    public Task AppendAsync(string endpoint, IReadOnlyList<DeliveryAttempt> attempts, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            if (!_attempts.TryGetValue(endpoint, out var kept)) _attempts[endpoint] = kept = new Queue<DeliveryAttempt>();
            foreach (var attempt in attempts) kept.Enqueue(attempt with { Id = ++_last });
            while (kept.Count > IDeliveryLog.Kept) kept.Dequeue();
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task<DeliveryPage> ReadAsync(string endpoint, int limit, long? before, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            var found = _attempts.GetValueOrDefault(endpoint)?.Reverse().Where(attempt => attempt.Id < (before ?? long.MaxValue)).Take(limit + 1).ToList() ?? [];
            var page = found.Take(limit).ToArray();
            return Task.FromResult(new DeliveryPage(page, found.Count > limit ? page[^1].Id : null));
        }
    }

    /// <inheritdoc/>
    public Task TrimAsync(Instant before, CancellationToken cancellationToken = default)
    {
        lock (_lock)
        {
            foreach (var kept in _attempts.Values)
            {
                while (kept.TryPeek(out var oldest) && oldest.At < before) kept.Dequeue();
            }
        }

        return Task.CompletedTask;
    }
}
#endif
