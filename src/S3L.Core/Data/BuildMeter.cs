using System.Diagnostics;

namespace S3L.Core.Data;

/// <summary>Counts the pictures of a build and tells a listener four times a second, in order, and at the end.</summary>
internal sealed class BuildMeter(int count, IProgress<ImageCacheProgress>? progress)
{
    private static readonly TimeSpan BetweenReports = TimeSpan.FromSeconds(0.25);

    private readonly Lock _gate = new();
    private readonly long _started = Stopwatch.GetTimestamp();
    private TimeSpan _told;
    private int _done;
    private int _resumed;
    private int _skipped;

    /// <summary>Pictures that were decoded, and not found finished or unreadable.</summary>
    internal int Decoded => _done - _resumed - _skipped;

    internal void Advance(bool isResumed, bool isSkipped)
    {
        lock (_gate)
        {
            _done++;
            if (isResumed) _resumed++;
            if (isSkipped) _skipped++;
            TimeSpan now = Stopwatch.GetElapsedTime(_started);
            if (progress is null || now - _told < BetweenReports || _done == count) return;
            _told = now;
            progress.Report(Now(now));
        }
    }

    internal void End() => progress?.Report(Now(Stopwatch.GetElapsedTime(_started)));

    private ImageCacheProgress Now(TimeSpan elapsed) => new(_done, count, _skipped, elapsed) { Resumed = _resumed };
}
