namespace S3L.Core.Training;

/// <summary>What was measured at one step.</summary>
/// <param name="RunStep">Number of the step within the run, from 0.</param>
/// <param name="Metrics">What was measured.</param>
public sealed record StepMetrics(long RunStep, TrainingMetrics Metrics);
