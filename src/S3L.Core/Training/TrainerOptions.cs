using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Settings of a run that do not belong to its method or its schedule.</summary>
public sealed partial record TrainerOptions
{
    /// <summary>
    /// Images per step, at least 2, default 128. A last incomplete batch of an epoch is left out, as in the papers' scripts; all pictures are one
    /// batch where there are fewer, at the same learning rate.
    /// </summary>
    public int BatchSize
    {
        get;
        init => field = Guard.AtLeast(value, 2, nameof(BatchSize));
    } = 128;

    /// <summary>
    /// Learning rate at the start of each stage, as it is (not per 256 images); above 0, default 0.03. <see cref="MoCo"/> and its neighbours
    /// are settings of whole methods.
    /// </summary>
    public double LearningRate
    {
        get;
        init => field = Guard.Positive(value, nameof(LearningRate));
    } = 0.03;

    /// <summary>How the learning rate changes within a stage. Default: cosine per step.</summary>
    public LearningRateSchedule LearningRateSchedule { get; init; } = new();

    /// <summary>How weights follow from gradients. Default: SGD with momentum 0.9 and weight decay 5e-4.</summary>
    public OptimizerSettings Optimizer { get; init; } = new SgdSettings();

    /// <summary>Parameters with settings of their own, by the start of their names; the first that fits holds. Default: none.</summary>
    public IReadOnlyList<ParameterGroup> ParameterGroups { get; init; } = [];

    /// <summary>
    /// How views are made: one distribution for all views, or one per view, as BYOL has it; all with the same colour statistics. Default: MoCo
    /// v2's for all.
    /// </summary>
    public IReadOnlyList<AugmentationOptions> Augmentations { get; init; } = [AugmentationOptions.MoCoV2];

    /// <summary>Number format. Default: measured.</summary>
    public Precision Precision
    {
        get;
        init => field = Guard.Defined(value, nameof(Precision));
    }

    /// <summary>Whether the passes of a stage are recorded once and replayed, as a CUDA graph. Default: on a GPU.</summary>
    public StepReplay StepReplay
    {
        get;
        init => field = Guard.Defined(value, nameof(StepReplay));
    }

    /// <summary>Watches for collapse and divergence. Default: on, and warns.</summary>
    public GuardOptions Guarding { get; init; } = new();

    /// <summary>Epochs between measurements by a probe, at least 1, default 10; the end of the run always has one.</summary>
    public int ProbeEveryEpochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(ProbeEveryEpochs));
    } = 10;

    /// <summary>Where and how often the run is saved; null saves nothing.</summary>
    public CheckpointOptions? Checkpoints { get; init; }

    /// <summary>Threads of one operation and of decoding, at least 1; null takes all cores that the process may use.</summary>
    public int? Threads
    {
        get;
        init => field = value is { } threads ? Guard.AtLeast(threads, 1, nameof(Threads)) : null;
    }

    /// <summary>
    /// Folder of <see cref="Data.ImageCacheOptions.Folder"/> for runs on an <see cref="Data.IImageDataset"/>; null (default) keeps its pictures
    /// in the main memory.
    /// </summary>
    public string? CacheFolder { get; init; }

    /// <summary>Where to train, such as <c>cpu</c> or <c>cuda:0</c>; null takes a GPU where there is one.</summary>
    public string? Device { get; init; }

    /// <summary>Seed of data order and augmentation. Weights come from torch's own generator, which <c>torch.manual_seed</c> seeds.</summary>
    public int Seed { get; init; }

    /// <summary>Steps between reports and measurements, for each of which the run waits for the device once; at least 1, default 10.</summary>
    public int ReportEverySteps
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(ReportEverySteps));
    } = 10;

    /// <summary>
    /// Ends the run after so many steps, at least 1; null runs the whole schedule. Learning rates follow the schedule all the same.
    /// </summary>
    public long? StepLimit
    {
        get;
        init => field = value is { } steps ? Guard.AtLeast(steps, 1L, nameof(StepLimit)) : null;
    }

    /// <summary>Where a run with these settings takes place.</summary>
    /// <exception cref="ArgumentException">A GPU is asked for that there is not.</exception>
    internal torch.Device ChooseDevice()
    {
        torch.Device device = Device is { } wanted ? torch.device(wanted) : torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        if (device.type != DeviceType.CUDA) return device;
        int count = torch.cuda.device_count();
        if (count == 0) throw new ArgumentException($"Options.Device is '{Device}', but this engine sees no CUDA GPU.");
        return device.index < count
            ? device
            : throw new ArgumentException(
                $"Options.Device must be one of cuda:0 to cuda:{count - 1}, the GPUs that this engine sees, but is '{Device}'.");
    }
}
