using System.Diagnostics;

namespace S3L.Core.Training;

/// <summary>Images per second between reports, and the time that is left.</summary>
internal sealed class ThroughputMeter
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lastTime = Stopwatch.GetTimestamp();
    private long _lastStep;

    internal double ImagesPerSecond { get; private set; }

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    internal void Advance(long step, int batchSize)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_lastTime, now).TotalSeconds;
        if (seconds > 0) ImagesPerSecond = (step - _lastStep) * batchSize / seconds;
        (_lastTime, _lastStep) = (now, step);
    }

    internal TimeSpan Remaining(long step, long count) => step == 0 ? TimeSpan.Zero : Elapsed * ((double)(count - step) / step);
}
