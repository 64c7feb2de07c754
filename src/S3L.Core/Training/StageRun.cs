using System.Diagnostics;
using S3L.Core.Backbones;
using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>A stage that is under way: its settings, its step with a fresh optimizer, its time.</summary>
internal sealed class StageRun(int number, ResolutionStage settings, int batchSize, NetworkFormat format, TrainingStep step, StagePass pass,
    double secondsBefore, int enlarged) : IDisposable
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Activity? _activity = TrainingTelemetry.StartStage(number, settings, batchSize, format.Precision);

    internal int Number => number;

    internal int Resolution => settings.Resolution;

    internal int BatchSize => batchSize;

    internal NetworkFormat Format => format;

    /// <summary>Why the format is used, in words.</summary>
    internal required string Reason { get; init; }

    /// <summary>What it was expected to take of the device's memory; null where that cannot be told.</summary>
    internal MemoryEstimate? Memory { get; init; }

    internal TrainingStep Step => step;

    internal StagePass Pass => pass;

    internal int Enlarged => enlarged;

    internal double Seconds => secondsBefore + Stopwatch.GetElapsedTime(_started).TotalSeconds;

    internal StageResult Result(long steps) => new(settings.Resolution, settings.Epochs, batchSize, steps, Seconds, format.Precision)
    {
        EnlargedPictures = enlarged,
        PrecisionReason = Reason,
        ReplayedSteps = pass.ReplayedCount,
    };

    /// <summary>Gives back what passes held of the device's memory; the optimizer stays.</summary>
    internal void EndPasses()
    {
        pass.Dispose();
        step.Update.ZeroGrad();
    }

    public void Dispose()
    {
        pass.Dispose();
        step.Dispose();
        _activity?.Dispose();
    }
}
