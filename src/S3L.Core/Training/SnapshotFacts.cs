using S3L.Core.Backbones;

namespace S3L.Core.Training;

/// <summary>What a snapshot says beside its tensors.</summary>
/// <param name="Cursor">The next step.</param>
/// <param name="Format">Number format and layout of the stage.</param>
/// <param name="RateFactor">Factor on the learning rate after returns to healthy states.</param>
/// <param name="RollBacks">Such returns so far.</param>
/// <param name="FirstWeightNorm">Length of all trained parameters before the first step.</param>
/// <param name="StageSeconds">Time spent in the stage so far.</param>
/// <param name="StageReplayedSteps">Steps of the stage so far whose passes were replayed.</param>
/// <param name="WaitSeconds">Time in which training waited for pictures so far.</param>
/// <param name="Losses">Loss of each step so far.</param>
/// <param name="Metrics">What was measured so far.</param>
/// <param name="Stages">Stages that are over.</param>
/// <param name="Warnings">What the guard noticed so far.</param>
/// <param name="Scores">What the probe said so far.</param>
internal sealed record SnapshotFacts(RunCursor Cursor, NetworkFormat Format, double RateFactor, int RollBacks, double FirstWeightNorm,
    double StageSeconds, long StageReplayedSteps, double WaitSeconds, IReadOnlyList<float> Losses, IReadOnlyList<StepMetrics> Metrics,
    IReadOnlyList<StageResult> Stages, IReadOnlyList<TrainingWarning> Warnings, IReadOnlyList<EpochScore> Scores);
