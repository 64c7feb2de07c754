namespace S3L.Core.Data;

/// <summary>How far the decoding of a data set is.</summary>
/// <param name="Done">Pictures looked at, those of an interrupted build included.</param>
/// <param name="Count">Pictures of the data set.</param>
/// <param name="Skipped">Pictures that could not be read.</param>
/// <param name="Elapsed">Time since the start.</param>
public sealed record ImageCacheProgress(int Done, int Count, int Skipped, TimeSpan Elapsed)
{
    /// <summary>Pictures among <see cref="Done"/> that an interrupted build had finished, so that they were not decoded again.</summary>
    public int Resumed { get; init; }

    /// <summary>Whether another process builds the same file, and this one waits for it.</summary>
    public bool IsWaiting { get; init; }

    /// <summary>Pictures decoded per second since the start; 0 before the first.</summary>
    public double ImagesPerSecond => Elapsed > TimeSpan.Zero ? (Done - Resumed) / Elapsed.TotalSeconds : 0;

    /// <summary>Time left at that rate; null before the first picture.</summary>
    public TimeSpan? Remaining => ImagesPerSecond > 0 ? TimeSpan.FromSeconds((Count - Done) / ImagesPerSecond) : null;

    /// <summary>Such as "1200/50000, 350 images/s, 00:02:19 left".</summary>
    public override string ToString()
    {
        if (IsWaiting) return "waiting for another process that decodes them";
        string left = Remaining is { } remaining ? $", {TimeSpan.FromSeconds(Math.Round(remaining.TotalSeconds)):c} left" : "";
        return FormattableString.Invariant($"{Done}/{Count}, {ImagesPerSecond:f0} images/s") + left;
    }
}
