using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using S3L.Core.Data;
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

    /// <summary>A trainer with its settings.</summary>
    public Trainer(TrainerOptions? options = null, ILogger<Trainer>? logger = null)
    {
        Options = options ?? new TrainerOptions();
        _logger = logger ?? NullLogger<Trainer>.Instance;
    }

    /// <summary>The settings.</summary>
    public TrainerOptions Options { get; }

    /// <summary>Decodes the pictures of a data set once and trains on them.</summary>
    /// <param name="method">What is trained, and how; still the caller's.</param>
    /// <param name="images">The pictures; labels are not looked at.</param>
    /// <param name="schedule">Resolutions and epochs.</param>
    /// <param name="progress">Told every few steps how the run is doing.</param>
    /// <param name="cancellation">Stops the run between two steps.</param>
    /// <exception cref="ArgumentException">The method, the pictures and the schedule do not fit together.</exception>
    /// <exception cref="TrainingDivergedException">The loss became infinite or no number.</exception>
    /// <exception cref="OperationCanceledException">The run was stopped.</exception>
    public TrainingResult Run(IContrastiveMethod method, IImageDataset images, ResolutionSchedule schedule,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(schedule);
        int grid = ImageCache.GridSizeFor(images, schedule.HighestResolution);
        using ImageCache cache = ImageCache.Build(images, grid, Threads, cancellation: cancellation);
        return Run(method, cache, schedule, progress, cancellation);
    }

    /// <summary>Trains on pictures that are decoded already.</summary>
    /// <inheritdoc cref="Run(IContrastiveMethod, IImageDataset, ResolutionSchedule, IProgress{TrainingProgress}?, CancellationToken)"/>
    public TrainingResult Run(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule,
        IProgress<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(method);
        ArgumentNullException.ThrowIfNull(images);
        ArgumentNullException.ThrowIfNull(schedule);
        Check(method, images, schedule);
        torch.set_num_threads(Threads);
        torch.Device device = ChooseDevice();
        foreach (SkippedImage skipped in images.Skipped) _logger.LogWarning("Skipped {Name}: {Reason}", skipped.Name, skipped.Reason);

        method.State.to(device);
        method.State.train();
        RunPlan plan = new(schedule, images.Count, Options);
        method.Begin(new TrainingRun(images.Count, plan.StepCount, device));
        using var batches = new BatchSource(images, Options.Augmentation, method.ViewCount, Options.Seed, device);
        using var losses = new LossRecorder();
        var run = new RunState(method, batches, plan, losses, device, progress, cancellation);
        var stages = new List<StageResult>();
        for (int stage = 0; stage < schedule.Count && !plan.IsOver(run.RunStep); stage++) stages.Add(RunStage(run, stage));
        losses.Read();
        return new TrainingResult(losses.Losses, stages, images.Count, images.Skipped, batches.WaitSeconds);
    }

    private int Threads => Options.Threads ?? Environment.ProcessorCount;

    private StageResult RunStage(RunState run, int stage)
    {
        ResolutionStage settings = run.Plan.Schedule[stage];
        int batchSize = run.Plan.BatchSizeOf(stage);
        (StepFormat format, string reason) = StepFormat.Choose(Options.Precision, run.Method.Backbone, settings.Resolution, batchSize, run.Device);
        _logger.LogInformation("Stage {Stage}: {Resolution} px, {Epochs} epochs, batch {Batch}, {Precision} ({Reason})",
            stage + 1, settings.Resolution, settings.Epochs, batchSize, format.Precision, reason);
        using var step = new TrainingStep(run.Method, format, Options, settings.LearningRate ?? Options.LearningRate, run.Device);
        long started = Stopwatch.GetTimestamp();
        long stageStep = 0;
        for (int epoch = 0; epoch < settings.Epochs; epoch++)
        {
            int[] order = run.Batches.Order(run.RunEpoch);
            for (int i = 0; i + batchSize <= order.Length && !run.Plan.IsOver(run.RunStep); i += batchSize)
            {
                run.Cancellation.ThrowIfCancellationRequested();
                TrainingPosition position = run.Plan.PositionAt(stage, epoch, stageStep++, run.RunStep++);
                run.Losses.Add(position, Step(run, step, order.AsSpan(i, batchSize), settings.Resolution, position));
                Report(run, step, position, settings.Resolution, batchSize);
            }

            run.RunEpoch++;
        }

        run.Losses.Read();
        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        return new StageResult(settings.Resolution, settings.Epochs, batchSize, stageStep, seconds, format.Precision);
    }

    private static torch.Tensor Step(RunState run, TrainingStep step, ReadOnlySpan<int> pictures, int resolution, TrainingPosition position)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor[] views, torch.Tensor indices) = run.Batches.Next(pictures, run.RunEpoch, resolution);
        return step.Run(views, indices, position).MoveToOuterDisposeScope();
    }

    private void Report(RunState run, TrainingStep step, TrainingPosition position, int resolution, int batchSize)
    {
        bool last = run.Plan.IsOver(run.RunStep);
        if (run.RunStep % Options.ReportEverySteps != 0 && !last) return;
        double loss = run.Losses.Read();
        run.Meter.Advance(run.RunStep, batchSize);
        var report = new TrainingProgress(position, resolution, loss, step.LearningRate, run.Meter.ImagesPerSecond, run.Meter.Elapsed,
            run.Meter.Remaining(run.RunStep, run.Plan.StepCount));
        _logger.LogDebug("Step {Step}: loss {Loss:f4}, {Rate:f1} images/s", position.RunStep, loss, run.Meter.ImagesPerSecond);
        run.Progress?.Report(report);
    }

    private torch.Device ChooseDevice()
    {
        torch.Device device = Options.Device is { } wanted ? torch.device(wanted) : torch.cuda.is_available() ? torch.CUDA : torch.CPU;
        if (device.type == DeviceType.CUDA && !torch.cuda.is_available())
        {
            throw new ArgumentException($"Options.Device is '{Options.Device}', but this engine sees no CUDA GPU.");
        }

        return device;
    }

    private static void Check(IContrastiveMethod method, ImageCache images, ResolutionSchedule schedule)
    {
        if (images.Count < 2) throw new ArgumentException($"images must hold at least 2 pictures, but holds {images.Count}.", nameof(images));
        int least = method.Backbone.MinimumResolution;
        if (schedule.FirstOrDefault(s => s.Resolution < least) is { } tooSmall)
        {
            throw new ArgumentException(
                $"schedule must not go below {least} px, the least that {method.Backbone.Name} takes, but has a stage of {tooSmall.Resolution} px.",
                    nameof(schedule));
        }
    }
}
