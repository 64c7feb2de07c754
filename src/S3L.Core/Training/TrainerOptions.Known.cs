using S3L.Core.Schedules;

namespace S3L.Core.Training;

public sealed partial record TrainerOptions
{
    /// <summary>For MoCo on some thousand pictures: 0.03 at batch 128 after four epochs of warm-up. At 0.12 all embeddings become equal.</summary>
    public static TrainerOptions MoCo { get; } = new() { LearningRate = 0.03, LearningRateSchedule = new() { WarmupEpochs = 4 } };

    /// <summary>For SimSiam on some thousand pictures: 0.05 at batch 128, twice the paper's 0.05 per 256, after one epoch of warm-up.</summary>
    public static TrainerOptions SimSiam { get; } = new() { LearningRate = 0.05, LearningRateSchedule = new() { WarmupEpochs = 1 } };
}
