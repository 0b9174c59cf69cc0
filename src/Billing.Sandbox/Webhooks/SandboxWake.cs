using System.Threading.Channels;

namespace Billing.Sandbox;

/// <summary>Tells the sender of this process that there is something to send, so that it need not look often.</summary>
internal sealed class SandboxWake
{
    private readonly Channel<bool> _signals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>There is something. Signals that nobody has heard yet are one.</summary>
    public void Signal() => _signals.Writer.TryWrite(true);

    /// <summary>Waits for a signal, at most this long.</summary>
    public async Task WaitAsync(TimeSpan atMost, TimeProvider time, CancellationToken cancellationToken)
    {
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signal = _signals.Reader.WaitToReadAsync(done.Token).AsTask();
        var passed = Task.Delay(atMost, time, done.Token);
        await Task.WhenAny(signal, passed);
        _signals.Reader.TryRead(out _);
        await done.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}
