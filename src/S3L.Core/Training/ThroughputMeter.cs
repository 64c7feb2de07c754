using System.Diagnostics;

namespace S3L.Core.Training;

/// <summary>Images per second between reports, and the time that is left.</summary>
internal sealed class ThroughputMeter
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private long _lastTime = Stopwatch.GetTimestamp();
    private long _lastStep;
    private long _made;

    /// <summary>Images of the steps between the last two reports.</summary>
    internal long Images { get; private set; }

    internal double ImagesPerSecond { get; private set; }

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    internal void Advance(long step, int batchSize)
    {
        long now = Stopwatch.GetTimestamp();
        double seconds = Stopwatch.GetElapsedTime(_lastTime, now).TotalSeconds;
        Images = (step - _lastStep) * batchSize;
        if (seconds > 0) ImagesPerSecond = Images / seconds;
        _made += step - _lastStep;
        (_lastTime, _lastStep) = (now, step);
    }

    /// <summary>The next step is this one: the steps before it were made by an earlier run, or will be made again.</summary>
    internal void GoOnFrom(long step) => (_lastTime, _lastStep) = (Stopwatch.GetTimestamp(), step);

    internal TimeSpan Remaining(long step, long count) => _made == 0 ? TimeSpan.Zero : Elapsed * ((double)(count - step) / _made);
}
