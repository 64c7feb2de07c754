namespace S3L.Core.Training;

/// <summary>The next step of a run: everything that is counted.</summary>
/// <param name="Stage">Number of the stage, from 0.</param>
/// <param name="Epoch">Number of the epoch within the stage, from 0.</param>
/// <param name="EpochStep">Number of the step within the epoch, from 0.</param>
/// <param name="StageStep">Number of the step within the stage, from 0.</param>
/// <param name="RunStep">Number of the step within the run, from 0.</param>
/// <param name="RunEpoch">Number of the epoch within the run, from 0.</param>
internal readonly record struct RunCursor(int Stage, int Epoch, int EpochStep, long StageStep, long RunStep, int RunEpoch)
{
    internal RunCursor NextStep() => this with { EpochStep = EpochStep + 1, StageStep = StageStep + 1, RunStep = RunStep + 1 };

    internal RunCursor NextEpoch() => this with { Epoch = Epoch + 1, RunEpoch = RunEpoch + 1, EpochStep = 0 };

    internal RunCursor NextStage() => this with { Stage = Stage + 1, Epoch = 0, EpochStep = 0, StageStep = 0 };
}
