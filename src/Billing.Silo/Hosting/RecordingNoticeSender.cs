using System.Collections.Concurrent;
using Billing.Domain;
using Billing.Grains.Interfaces;

namespace Billing.Silo;

/// <summary>Accepts every notice at once and remembers the newest, until real mail comes.</summary>
public sealed class RecordingNoticeSender : INoticeSender
{
    /// <summary>So many notices are remembered.</summary>
    public const int Remembered = 1_000;

    private readonly ConcurrentQueue<SendNotice> _sent = new();

    /// <summary>The newest notices, oldest first.</summary>
    public IReadOnlyCollection<SendNotice> Sent => _sent;

    /// <inheritdoc />
    public Task SendAsync(SendNotice notice, CancellationToken cancellationToken)
    {
        _sent.Enqueue(notice);
        while (_sent.Count > Remembered && _sent.TryDequeue(out _))
        {
        }

        return Task.CompletedTask;
    }
}
