using S3L.Core.Methods;

namespace S3L.Core.Training;

/// <summary>What the stages of one run share.</summary>
internal sealed record RunState(IContrastiveMethod Method, BatchSource Batches, RunPlan Plan, LossRecorder Losses, torch.Device Device,
    IProgress<TrainingProgress>? Progress, CancellationToken Cancellation)
{
    internal ThroughputMeter Meter { get; } = new();

    /// <summary>Steps made so far.</summary>
    internal long RunStep { get; set; }

    /// <summary>Epochs begun so far, over all stages.</summary>
    internal int RunEpoch { get; set; }
}
