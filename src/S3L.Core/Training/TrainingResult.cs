using S3L.Core.Data;

namespace S3L.Core.Training;

/// <summary>What a run did. The trained network is the method's backbone.</summary>
/// <param name="Losses">Loss of each step.</param>
/// <param name="Stages">What each stage took.</param>
/// <param name="ImageCount">Images that were trained on.</param>
/// <param name="Skipped">Pictures that could not be read.</param>
/// <param name="WaitSeconds">Time in which training waited for pictures, also before the run was resumed.</param>
/// <param name="Metrics">How healthy the run was, at each report.</param>
/// <param name="Warnings">What the guard noticed; empty for a healthy run.</param>
public sealed record TrainingResult(
    IReadOnlyList<float> Losses, IReadOnlyList<StageResult> Stages, int ImageCount, IReadOnlyList<SkippedImage> Skipped, double WaitSeconds,
    IReadOnlyList<StepMetrics> Metrics, IReadOnlyList<TrainingWarning> Warnings)
{
    /// <summary>What the probe said between epochs; empty without one.</summary>
    public IReadOnlyList<EpochScore> Scores { get; init; } = [];

    /// <summary>
    /// Time from the start of the run, without the decoding before, to the end of its first step: formats are measured in it. Of a resumed run from
    /// where it was resumed; 0 where no step was left.
    /// </summary>
    public double SecondsToFirstStep { get; init; }

    /// <summary>Steps of all stages.</summary>
    public long Steps => Stages.Sum(s => s.Steps);

    /// <summary>Time of all stages, without the decoding before, probes and checkpoints.</summary>
    public double TrainSeconds => Stages.Sum(s => s.Seconds);

    /// <summary>Images per second over all stages; each image counts once, whatever its number of views.</summary>
    public double ImagesPerSecond => TrainSeconds > 0 ? Stages.Sum(s => s.Steps * s.BatchSize) / TrainSeconds : 0;
}
