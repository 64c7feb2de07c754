using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>How many steps each stage has: the arithmetic between schedule, pictures and batch size.</summary>
internal sealed class RunPlan
{
    private readonly int _imageCount;
    private readonly TrainerOptions _options;
    private readonly long _scheduledSteps;

    internal RunPlan(ResolutionSchedule schedule, int imageCount, TrainerOptions options)
    {
        Schedule = schedule;
        _imageCount = imageCount;
        _options = options;
        _scheduledSteps = Enumerable.Range(0, schedule.Count).Sum(StepsOf);
    }

    internal ResolutionSchedule Schedule { get; }

    /// <summary>Steps that will be made.</summary>
    internal long StepCount => Math.Min(_scheduledSteps, _options.StepLimit ?? long.MaxValue);

    /// <summary>A set smaller than the batch is one batch.</summary>
    internal int BatchSizeOf(int stage) => Math.Min(Schedule[stage].BatchSize ?? _options.BatchSize, _imageCount);

    internal bool IsOver(long runStep) => runStep >= StepCount;

    internal TrainingPosition PositionAt(int stage, int epoch, long stageStep, long runStep) =>
        new(stage, epoch, Schedule[stage].Epochs, stageStep, StepsOf(stage), runStep, _scheduledSteps);

    private long StepsOf(int stage) => (long)Schedule[stage].Epochs * (_imageCount / BatchSizeOf(stage));
}
