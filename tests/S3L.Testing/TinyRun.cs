using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Testing;

/// <summary>A whole run of the Trainer that takes about a second and is the same each time: for tests of methods, listeners and services.</summary>
public static class TinyRun
{
    /// <summary>8 px for two epochs, then 16 px for one.</summary>
    public static ResolutionSchedule Schedule { get; } = ResolutionSchedule.Parse("8x2,16x1");

    /// <summary>One thread of the processor, float32, batches of 16, a report at each step; the guard does not look.</summary>
    public static TrainerOptions Options { get; } = new()
    {
        BatchSize = 16,
        LearningRate = 0.05,
        Precision = Precision.Float32,
        Device = "cpu",
        Threads = 1,
        ReportEverySteps = 1,
        Augmentations = [AugmentationOptions.Cifar],
        Guarding = new GuardOptions { Action = GuardAction.Off },
    };

    /// <summary>Trains a method on a <see cref="TinyBackbone"/> with <see cref="TinyPictures"/>: nine steps.</summary>
    /// <param name="method">Makes the method on the network; both are disposed at the end.</param>
    /// <param name="images">Other pictures.</param>
    /// <param name="options">Other settings, such as <see cref="Options"/> with changes.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Stops the run.</param>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public static TrainingResult Train(Func<IBackbone, IContrastiveMethod> method, IImageDataset? images = null, TrainerOptions? options = null,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        using IContrastiveMethod made = method(TinyBackbone.Create());
        return new Trainer(options ?? Options).Run(made, images ?? TinyPictures.Create(), Schedule, progress, cancellation);
    }
}
