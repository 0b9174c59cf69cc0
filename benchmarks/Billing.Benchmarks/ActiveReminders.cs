using System.Diagnostics.Metrics;

namespace Billing.Benchmarks;

/// <summary>How many reminders the engine of this process holds in memory, as it tells by its own instrument; 0 where it has none.</summary>
internal sealed class ActiveReminders : IDisposable
{
    private readonly MeterListener _listener = new();
    private int _count;

    /// <summary>Starts to listen.</summary>
    public ActiveReminders()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument is { Name: "orleans-reminders-active", Meter.Name: "Microsoft.Orleans" }) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<int>((_, count, _, _) => _count = count);
        _listener.Start();
    }

    /// <summary>As of now.</summary>
    public int Count
    {
        get
        {
            _listener.RecordObservableInstruments();
            return _count;
        }
    }

    /// <inheritdoc />
    public void Dispose() => _listener.Dispose();
}
