using System.Net;
using System.Threading.Channels;

namespace Billing.Sandbox.Tests;

/// <summary>The far side of the webhook: keeps what comes, in order, and answers as the test says.</summary>
public sealed class Receiver : HttpMessageHandler, IHttpClientFactory
{
    private readonly Lock _lock = new();
    private readonly Channel<Delivery> _arrivals = Channel.CreateUnbounded<Delivery>();
    private readonly List<Delivery> _deliveries = [];
    private int _inFlight;

    /// <summary>What it answers; 200 unless a test says otherwise.</summary>
    public Func<Delivery, Task<HttpStatusCode>> Answer { get; set; } = _ => Task.FromResult(HttpStatusCode.OK);

    public IReadOnlyList<Delivery> Deliveries
    {
        get
        {
            lock (_lock) return [.. _deliveries];
        }
    }

    public IEnumerable<string> Types => Deliveries.Select(delivery => delivery.Event.Type);

    public int MostInFlight { get; private set; }

    /// <summary>The next delivery that nobody has waited for yet.</summary>
    public ValueTask<Delivery> NextAsync() => _arrivals.Reader.ReadAsync();

    public HttpClient CreateClient(string name) => new(this, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = await request.Content!.ReadAsByteArrayAsync(cancellationToken);
        var delivery = new Delivery(
            request.Headers.GetValues(SandboxSignature.IdHeader).Single(),
            request.Headers.GetValues(SandboxSignature.TimestampHeader).Single(),
            request.Headers.GetValues(SandboxSignature.SignatureHeader).Single(),
            body,
            SandboxEvent.Read(body)!);
        lock (_lock)
        {
            _deliveries.Add(delivery);
            MostInFlight = Math.Max(MostInFlight, ++_inFlight);
        }

        _arrivals.Writer.TryWrite(delivery);
        try
        {
            return new HttpResponseMessage(await Answer(delivery).WaitAsync(cancellationToken));
        }
        finally
        {
            lock (_lock) _inFlight--;
        }
    }
}

/// <summary>One sending of one event.</summary>
public sealed record Delivery(string Id, string Timestamp, string Signature, byte[] Body, SandboxEvent Event);
