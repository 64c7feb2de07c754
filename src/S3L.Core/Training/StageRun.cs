using System.Diagnostics;
using Microsoft.Extensions.Logging;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>A stage that is under way: its settings, its step with a fresh optimizer, its time by a clock of steps alone.</summary>
internal sealed class StageRun(int number, ResolutionStage settings, int batchSize, NetworkFormat format, TrainingStep step, StageSteps steps,
    Activity? activity, int enlarged, Stopwatch clock) : IDisposable
{
    private readonly TimeSpan _started = clock.Elapsed;

    internal int Number => number;

    internal int Resolution => settings.Resolution;

    internal int BatchSize => batchSize;

    /// <summary>Why the format is used, in words.</summary>
    internal required string Reason { get; init; }

    /// <summary>What it was expected to take of the device's memory; null where that cannot be told.</summary>
    internal MemoryEstimate? Memory { get; init; }

    internal TrainingStep Step => step;

    internal StageSteps Steps => steps;

    /// <summary>Seconds that the stage had taken when it was saved; 0 where it began here.</summary>
    internal double SecondsBefore { private get; init; }

    /// <summary>Steps that had been replayed by then.</summary>
    internal long ReplayedBefore { private get; init; }

    internal double Seconds => SecondsBefore + (clock.Elapsed - _started).TotalSeconds;

    internal long ReplayedSteps => ReplayedBefore + steps.ReplayedCount;

    /// <summary>Says before the first step what is worth knowing about the stage.</summary>
    /// <param name="logger">Told it.</param>
    /// <param name="images">The pictures.</param>
    /// <param name="device">Where the network is.</param>
    /// <param name="warmUp">In what share of the steps of its curve the learning rate rises.</param>
    internal void Announce(ILogger logger, ImageCache images, torch.Device device, double warmUp)
    {
        if (enlarged > 0)
        {
            logger.LogWarning("Stage {Stage}: {Count} of {All} pictures have a side below {Resolution} px and are enlarged",
                number + 1, enlarged, images.Count, settings.Resolution);
        }

        // A grid that is chosen by some of the pictures may be a little coarse for a few others, of which there is nothing to say.
        int coarse = CoarseIn(images);
        if (coarse > images.Count / 10)
        {
            logger.LogWarning("Stage {Stage}: {Count} of {All} pictures have more pixels than the cache's grid of {Grid}, too coarse for views of " +
                "{Resolution} px, and look blurred", number + 1, coarse, images.Count, images.GridSize, settings.Resolution);
        }

        if (warmUp > 0.5)
        {
            logger.LogWarning("Stage {Stage}: the learning rate rises for {Share:p0} of it, as the warm-up is as long as that", number + 1, warmUp);
        }

        if (Memory is null) return;
        LogLevel level = Memory.Bytes > Memory.Available ? LogLevel.Warning : LogLevel.Information;
        logger.Log(level, "Stage {Stage}: memory of {Device} is expected to hold {Memory}", number + 1, device, Memory);
    }

    internal StageResult Result(long steps) => new(settings.Resolution, settings.Epochs, batchSize, steps, Seconds, format.Precision)
    {
        EnlargedPictures = enlarged,
        PrecisionReason = Reason,
        ReplayedSteps = ReplayedSteps,
    };

    /// <summary>Ends the stage but for its step, which is the caller's from now on. What passes held of the device's memory is given back.</summary>
    internal TrainingStep End()
    {
        activity?.Dispose();
        steps.Dispose();
        step.Update.ZeroGrad();
        return step;
    }

    public void Dispose()
    {
        steps.Dispose();
        step.Dispose();
        activity?.Dispose();
    }

    /// <summary>Pictures that a finer grid would show more of at this resolution.</summary>
    private int CoarseIn(ImageCache images) => images.GridSize >= 2L * settings.Resolution
        ? 0
        : Enumerable.Range(0, images.Count).Select(images.SizeOf).Count(s => Math.Max(s.Width, s.Height) > images.GridSize);
}
