using S3L.Core.Schedules;

namespace S3L.Core.Training;

public sealed partial record TrainerOptions
{
    /// <summary>For MoCo on some thousand pictures: 0.02 at batch 128 after one epoch of warm-up. Twice that rate makes all embeddings equal.</summary>
    public static TrainerOptions MoCo { get; } = new() { LearningRate = 0.02, LearningRateSchedule = new() { WarmupEpochs = 1 } };

    /// <summary>For SimSiam on some thousand pictures: 0.05 at batch 128, twice the paper's 0.05 per 256, after one epoch of warm-up.</summary>
    public static TrainerOptions SimSiam { get; } = new() { LearningRate = 0.05, LearningRateSchedule = new() { WarmupEpochs = 1 } };
}
