using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Engine;
using S3L.Core.Methods;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Pretrains a method's backbone on pictures, stage by stage of a resolution schedule.</summary>
/// <remarks>
/// Runs on the calling thread until done. Each stage has a fresh optimizer and a fresh learning-rate curve, as in S3L's recipe
/// (arXiv 2103.13559); weights, momentum copy and queue carry over.
/// </remarks>
public sealed class Trainer
{
    private readonly ILogger _logger;
    private readonly IEpochProbe? _probe;

    /// <summary>A trainer with its settings.</summary>
    /// <param name="options">Settings; the defaults where absent.</param>
    /// <param name="logger">Told what happens.</param>
    /// <param name="probe">Asked between epochs how good the backbone is; the best checkpoint is kept as <c>best.safetensors</c>.</param>
    public Trainer(TrainerOptions? options = null, ILogger<Trainer>? logger = null, IEpochProbe? probe = null)
    {
        _probe = probe;
        Options = options ?? new TrainerOptions();
        _logger = logger ?? NullLogger<Trainer>.Instance;
    }

    /// <summary>The settings.</summary>
    public TrainerOptions Options { get; }

    /// <summary>
    /// Decodes the pictures of a data set once, or not at all where <see cref="TrainerOptions.CacheFolder"/> has them, and trains on them.
    /// </summary>
    /// <param name="method">What is trained, and how; still the caller's.</param>
    /// <param name="images">The pictures; labels are not looked at.</param>
    /// <param name="schedule">Resolutions and epochs.</param>
    /// <param name="progress">Told every few steps how the run is doing.</param>
    /// <param name="cancellation">Stops the run between two steps; where it has checkpoints, it is saved first.</param>
    /// <exception cref="ArgumentException">The method, the pictures and the schedule do not fit together.</exception>
    /// <exception cref="TrainingFailedException">
    /// The loss became infinite or no number, the guard was told to stop, or memory ran out.
    /// </exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public TrainingResult Run(IContrastiveMethod method, IImageDataset images, ResolutionSchedule schedule,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(schedule);
        // All that is known by now, before hours may go into decoding.
        Check(method, schedule);
        CheckCount(images.Count, []);
        Options.ChooseDevice();
        using IDisposable? held = TakeCheckpoints();
        using ImageCache cache = Decode(images, schedule, cancellation);
        return Train(method, cache, schedule, progress, cancellation);
    }

    /// <summary>Trains on pictures that are decoded already.</summary>
    /// <inheritdoc cref="Run(IContrastiveMethod, IImageDataset, ResolutionSchedule, IProgress{TrainingProgress}?, CancellationToken)"/>
    public TrainingResult Run(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(schedule);
        Check(method, schedule);
        using IDisposable? held = TakeCheckpoints();
        return Train(method, images, schedule, progress, cancellation);
    }

    private TrainingResult Train(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule, IProgress<TrainingProgress>? progress,
        CancellationToken cancellation)
    {
        // Before the count is checked: they are why it may be too low.
        foreach (SkippedImage skipped in images.Skipped) _logger.LogWarning("Skipped {Name}: {Reason}", skipped.Name, skipped.Reason);
        CheckCount(images.Count, images.Skipped);
        torch.Device device = Options.ChooseDevice();
        EngineSeam.PrepareForTraining(device.type);
        torch.set_num_threads(Threads);
        if (EngineSeam.Lacks is { } missing)
        {
            _logger.LogInformation("The {Engine} engine has no {Missing}: float32 in the default layout takes their place", EngineSeam.Name, missing);
        }

        method.State.to(device);
        method.State.train();
        using Activity? activity = TrainingTelemetry.StartRun(method, images.Count, schedule, device);
        using var session = new TrainingSession(method, images, schedule, Options, _logger, device, progress, _probe);
        try
        {
            TrainingResult result = session.Run(cancellation);
            activity?.SetTag("s3l.steps", result.Steps);
            return result;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            activity?.AddException(e).SetStatus(ActivityStatusCode.Error, e.Message);
            throw;
        }
    }

    private ImageCache Decode(IImageDataset images, ResolutionSchedule schedule, CancellationToken cancellation)
    {
        using Activity? activity = TrainingTelemetry.StartDecoding(images.Count);
        ImageCache cache = ImageCache.Open(images, schedule.HighestResolution, new ImageCacheOptions
        {
            Folder = Options.CacheFolder,
            Threads = Threads,
            LowestResolution = schedule.Min(s => s.Resolution),
        }, new DecodingLog(_logger), cancellation);
        if (cache.RebuiltBecause is { } reason) _logger.LogWarning("{Reason}", reason);
        return cache;
    }

    /// <summary>Keeps other runs from the folder of the checkpoints until disposed; null where there are none.</summary>
    private IDisposable? TakeCheckpoints() => Options.Checkpoints is { } checkpoints ? CheckpointFolder.Take(checkpoints) : null;

    private int Threads => Options.Threads ?? Environment.ProcessorCount;

    private static void CheckCount(int images, IReadOnlyList<SkippedImage> skipped)
    {
        if (images >= 2) return;
        string others = skipped is [var first, ..] ? $", as {skipped.Count} were skipped; the first: '{first.Name}': {first.Reason}" : "";
        throw new ArgumentException($"images must hold at least 2 pictures, but holds {images}{others}.", nameof(images));
    }

    private void Check(IContrastiveMethod method, ResolutionSchedule schedule)
    {
        int least = method.Backbone.MinimumResolution;
        if (schedule.FirstOrDefault(s => s.Resolution < least) is { } tooSmall)
        {
            throw new ArgumentException(
                $"schedule must not go below {least} px, the least that {method.Backbone.Name} takes, but has a stage of {tooSmall.Resolution} px.",
                    nameof(schedule));
        }

        if (Options.StepReplay == StepReplay.Always && !method.CanBeReplayed)
        {
            throw new ArgumentException($"Options.StepReplay must be Auto or Never for {method.Name}, whose steps cannot be replayed " +
                "(CanBeReplayed is false), but is Always.");
        }

        int count = Options.Augmentations.Count;
        if (count != 1 && count != method.ViewCount)
        {
            throw new ArgumentException(
                $"Options.Augmentations must hold 1 or {method.ViewCount} distributions for {method.Name}, but holds {count}.");
        }

        foreach (AugmentationOptions augmentation in Options.Augmentations) _ = new ViewSampler(augmentation);
        _ = RateGroup.Of(method, Options);
        NetworkFormat.Check(Options.Precision);
        if (Options.Augmentations.Any(a => a.Statistics != Options.Augmentations[0].Statistics))
        {
            throw new ArgumentException("Options.Augmentations must all have the same Statistics.");
        }
    }
}
