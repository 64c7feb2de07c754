using S3L.Core.Augmentation;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

// First what suits some thousand pictures on an ordinary machine, then what was published. The published runs step their cosine per epoch.
public sealed partial record TrainerOptions
{
    private static readonly SgdSettings PublishedSgd = new() { WeightDecay = 1e-4 };

    private static readonly LearningRateSchedule PerEpoch = new() { PerEpoch = true };

    // The predictor learns from the first step on, while the network still makes many different features. Without that, or with one rate for
    // all, embeddings of short runs come to differ in two or three directions, and accuracy falls below that of random weights.
    private static readonly ParameterGroup EagerPredictor = new("predictor.") { LearningRateFactor = 10, FollowsSchedule = false };

    /// <summary>For MoCo on some thousand pictures: 0.03 at batch 64 after four epochs of warm-up. At 0.12 all embeddings become equal.</summary>
    public static TrainerOptions MoCo { get; } = new()
    {
        BatchSize = 64,
        LearningRate = 0.03,
        LearningRateSchedule = new() { WarmupEpochs = 4 },
        Augmentations = [AugmentationOptions.StrongBlur],
    };

    /// <summary>For SimCLR on some thousand pictures: 0.03 at batch 64 after four epochs of warm-up.</summary>
    public static TrainerOptions SimClr { get; } = MoCo with { };

    /// <summary>
    /// For SimSiam on some thousand pictures: 0.1 at batch 64 after a third of warm-up, ten times that for the predictor throughout.
    /// </summary>
    public static TrainerOptions SimSiam { get; } = new()
    {
        BatchSize = 64,
        LearningRate = 0.1,
        LearningRateSchedule = new() { WarmupShare = 1.0 / 3 },
        ParameterGroups = [EagerPredictor],
        Augmentations = [AugmentationOptions.StrongBlur],
    };

    /// <summary>For BYOL on some thousand pictures: as <see cref="SimSiam"/>.</summary>
    public static TrainerOptions Byol { get; } = SimSiam with { };

    /// <summary>For instance discrimination on some thousand pictures: 0.03 at batch 64 after one epoch of warm-up.</summary>
    public static TrainerOptions InstanceDiscrimination { get; } = new()
    {
        BatchSize = 64,
        LearningRate = 0.03,
        LearningRateSchedule = new() { WarmupEpochs = 1 },
        Augmentations = [AugmentationOptions.StrongBlur],
    };

    /// <summary>MoCo v2 on CUB-200 as S3L's scripts run it (arXiv 2103.13559), for 200 epochs.</summary>
    public static TrainerOptions MoCoCub200 { get; } = new()
    {
        LearningRate = 0.03,
        Optimizer = PublishedSgd,
        LearningRateSchedule = PerEpoch,
    };

    /// <summary>SimCLR on CUB-200 as S3L's scripts run it, for 200 epochs.</summary>
    public static TrainerOptions SimClrCub200 { get; } = MoCoCub200 with { BatchSize = 512, LearningRate = 0.5 };

    /// <summary>BYOL on CUB-200 as S3L's scripts run it, for 800 epochs.</summary>
    public static TrainerOptions ByolCub200 { get; } = MoCoCub200 with
    {
        LearningRate = 0.125,
        Augmentations = [AugmentationOptions.ByolFirst, AugmentationOptions.ByolSecond],
    };

    /// <summary>MoCo v2 on ImageNet (arXiv 2003.04297), for 200 epochs.</summary>
    public static TrainerOptions MoCoImageNet { get; } = MoCoCub200 with { BatchSize = 256 };

    /// <summary>MoCo v1 on ImageNet (arXiv 1911.05722), for 200 epochs: a tenth of the rate at 120 and at 160.</summary>
    public static TrainerOptions MoCoV1ImageNet { get; } = MoCoImageNet with
    {
        LearningRateSchedule = new() { Curve = LearningRateCurve.Steps, PerEpoch = true, Milestones = [0.6, 0.8] },
        Augmentations = [AugmentationOptions.MoCoV1],
    };

    /// <summary>MoCo v2 on 10,000 or 50,000 images of ImageNet at 112 px as S3L's scripts run it, for 800 epochs.</summary>
    public static TrainerOptions MoCoImageNetSubset { get; } = MoCoImageNet with { LearningRate = 0.3 };

    /// <summary>SimSiam on ImageNet (arXiv 2011.10566), for 100 to 800 epochs: 0.05 at batch 256.</summary>
    public static TrainerOptions SimSiamImageNet { get; } = MoCoImageNet with { LearningRate = 0.05 };

    /// <summary>Instance discrimination on CIFAR-10 as the paper's script runs it (arXiv 2404.19289), for 200 epochs.</summary>
    public static TrainerOptions InstanceDiscriminationCifar { get; } = MoCoCub200 with
    {
        BatchSize = 512,
        LearningRate = 1,
        Augmentations = [AugmentationOptions.Cifar],
    };
}
