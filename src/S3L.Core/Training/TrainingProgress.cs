using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>How a run is doing.</summary>
/// <param name="Position">The last step that was made.</param>
/// <param name="Resolution">Height and width of the views, in pixels.</param>
/// <param name="Loss">Mean loss since the last report.</param>
/// <param name="LearningRate">Learning rate of the last step.</param>
/// <param name="ImagesPerSecond">Images per second since the last report; each image counts once, whatever its number of views.</param>
/// <param name="Elapsed">Time since the run began, without the decoding before.</param>
/// <param name="Remaining">Estimate of the time to the end of the run, by the pixels of its steps.</param>
/// <param name="Metrics">How healthy the last step was.</param>
/// <param name="Warning">What the guard noticed at this step; null where nothing new.</param>
public sealed record TrainingProgress(
    TrainingPosition Position, int Resolution, double Loss, double LearningRate, double ImagesPerSecond, TimeSpan Elapsed, TimeSpan Remaining,
    TrainingMetrics Metrics, TrainingWarning? Warning);
