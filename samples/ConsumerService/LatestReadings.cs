using System.Diagnostics.Metrics;
using S3L.Core.Training;

namespace ConsumerService;

/// <summary>The latest value of each instrument of a run. A real service hands the meter to its own telemetry: docs/telemetry.md.</summary>
internal sealed class LatestReadings : IDisposable
{
    private readonly MeterListener _listener = new();
    private readonly SortedDictionary<string, double> _values = new(StringComparer.Ordinal);
    private readonly Lock _lock = new();

    public LatestReadings()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TrainingTelemetry.Name) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Set(instrument.Name, _ => value));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Set(instrument.Name, sum => sum + value));
        _listener.Start();
    }

    public IReadOnlyList<(string Name, double Value)> Values
    {
        get
        {
            lock (_lock) return [.. _values.Select(v => (v.Key, v.Value))];
        }
    }

    public void Dispose() => _listener.Dispose();

    private void Set(string name, Func<double, double> next)
    {
        lock (_lock) _values[name] = next(_values.GetValueOrDefault(name));
    }
}
