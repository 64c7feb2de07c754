using System.Diagnostics;

namespace S3L.Core.Training;

/// <summary>Images per second between reports, and the time that is left.</summary>
/// <param name="clock">Stands still while something is done that is no step; the time that is left includes such things.</param>
internal sealed class ThroughputMeter(Stopwatch clock)
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _lastTime = clock.Elapsed;
    private long _lastStep;
    private long? _firstStepEnded;
    private double _firstStepPixels;
    private double _pixels;

    /// <summary>Images of the steps between the last two reports.</summary>
    internal long Images { get; private set; }

    internal double ImagesPerSecond { get; private set; }

    internal TimeSpan Elapsed => Stopwatch.GetElapsedTime(_started);

    /// <summary>Time to the end of the first step; null before.</summary>
    internal TimeSpan? ToFirstStep => _firstStepEnded is { } ended ? Stopwatch.GetElapsedTime(_started, ended) : null;

    /// <summary>A step is over; with the first one all that is done but once.</summary>
    /// <param name="pixels">Pixels of the step, of one view of each picture.</param>
    internal void AfterStep(double pixels)
    {
        if (_firstStepEnded is null) (_firstStepEnded, _firstStepPixels) = (Stopwatch.GetTimestamp(), pixels);
        _pixels += pixels;
    }

    internal void Report(long step, int batchSize)
    {
        TimeSpan now = clock.Elapsed;
        double seconds = (now - _lastTime).TotalSeconds;
        Images = (step - _lastStep) * batchSize;
        if (seconds > 0) ImagesPerSecond = Images / seconds;
        (_lastTime, _lastStep) = (now, step);
    }

    /// <summary>The next step is this one: the steps before it were made by an earlier run, or will be made again.</summary>
    internal void GoOnFrom(long step) => (_lastTime, _lastStep) = (clock.Elapsed, step);

    /// <summary>Time for so many more pixels: stages of other resolutions take other times for a step.</summary>
    internal TimeSpan Remaining(double pixels)
    {
        if (_firstStepEnded is not { } ended) return TimeSpan.Zero;
        double since = _pixels - _firstStepPixels;
        return since > 0 ? Stopwatch.GetElapsedTime(ended) * (pixels / since) : Elapsed * (pixels / _pixels);
    }
}
