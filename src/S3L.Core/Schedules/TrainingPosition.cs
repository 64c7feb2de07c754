namespace S3L.Core.Schedules;

/// <summary>Where a run stands: all that a schedule may depend on.</summary>
/// <param name="Stage">Number of the stage, from 0.</param>
/// <param name="Epoch">Number of the epoch within the stage, from 0.</param>
/// <param name="EpochCount">Epochs of the stage.</param>
/// <param name="Step">Number of the step within the stage, from 0.</param>
/// <param name="StepCount">Steps of the stage.</param>
/// <param name="RunStep">Number of the step within the whole run, from 0.</param>
/// <param name="RunStepCount">Steps of the whole run.</param>
public readonly record struct TrainingPosition(
    int Stage, int Epoch, int EpochCount, long Step, long StepCount, long RunStep, long RunStepCount);
