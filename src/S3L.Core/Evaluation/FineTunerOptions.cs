using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Evaluation;

/// <summary>Settings of <see cref="FineTuner"/>. The defaults are S3L's (arXiv 2103.13559).</summary>
public sealed record FineTunerOptions
{
    /// <summary>Passes over the labelled pictures, at least 1, default 120.</summary>
    public int Epochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Epochs));
    } = 120;

    /// <summary>Pictures per step, at least 2, default 64.</summary>
    public int BatchSize
    {
        get;
        init => field = Guard.AtLeast(value, 2, nameof(BatchSize));
    } = 64;

    /// <summary>Learning rate at the start; above 0, default 0.1.</summary>
    public double LearningRate
    {
        get;
        init => field = Guard.Positive(value, nameof(LearningRate));
    } = 0.1;

    /// <summary>How the learning rate changes. Default: cosine per step.</summary>
    public LearningRateSchedule LearningRateSchedule { get; init; } = new();

    /// <summary>How weights follow from gradients. Default: SGD with momentum 0.9 and weight decay 5e-4.</summary>
    public OptimizerSettings Optimizer { get; init; } = new SgdSettings();

    /// <summary>α of mixup's Beta distribution (arXiv 1710.09412), at least 0, default 1; 0 mixes nothing.</summary>
    public double MixupAlpha
    {
        get;
        init => field = Guard.NotNegative(value, nameof(MixupAlpha));
    } = 1;

    /// <summary>Trains a grown stage before everything is trained; null trains everything from the start.</summary>
    public StageWarmUp? WarmUp { get; init; }

    /// <summary>How training pictures are shown. Default: crops and flips.</summary>
    public AugmentationOptions Augmentation { get; init; } = AugmentationOptions.Supervised;

    /// <summary>Number format. Default: measured.</summary>
    public Precision Precision
    {
        get;
        init => field = Guard.Defined(value, nameof(Precision));
    }

    /// <summary>Epochs between measurements of accuracy, of which the last epoch always has one; at least 1, default 1.</summary>
    public int MeasureEveryEpochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(MeasureEveryEpochs));
    } = 1;

    /// <summary>
    /// Seed of the order of pictures and of their augmentation. The classifier's weights and the mixing come from torch's own generator.
    /// </summary>
    public int Seed { get; init; }
}
