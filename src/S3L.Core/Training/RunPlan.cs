using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>How many steps each stage has: the arithmetic between schedule, pictures and batch size.</summary>
internal sealed class RunPlan
{
    private readonly int _imageCount;
    private readonly TrainerOptions _options;

    internal RunPlan(ResolutionSchedule schedule, int imageCount, TrainerOptions options)
    {
        Schedule = schedule;
        _imageCount = imageCount;
        _options = options;
        ScheduledStepCount = Enumerable.Range(0, schedule.Count).Sum(StepsOf);
    }

    internal ResolutionSchedule Schedule { get; }

    /// <summary>Steps of the whole schedule: what learning rates and momenta follow, also where a limit ends the run before.</summary>
    internal long ScheduledStepCount { get; }

    /// <summary>Steps that will be made.</summary>
    internal long StepCount => Math.Min(ScheduledStepCount, _options.StepLimit ?? long.MaxValue);

    /// <summary>A set smaller than the batch is one batch.</summary>
    internal int BatchSizeOf(int stage) => Math.Min(Schedule[stage].BatchSize ?? _options.BatchSize, _imageCount);

    /// <summary>Images per step of the stage that has fewest.</summary>
    internal int LeastBatchSize => Enumerable.Range(0, Schedule.Count).Min(BatchSizeOf);

    internal int StepsPerEpoch(int stage) => _imageCount / BatchSizeOf(stage);

    /// <summary>Whether a stage goes on with the optimizer of the one before.</summary>
    internal bool KeepsOptimizer(int stage) => stage > 0 && stage < Schedule.Count && !Schedule[stage].RestartsOptimizer;

    internal bool IsOver(RunCursor cursor) => cursor.RunStep >= StepCount || cursor.Stage >= Schedule.Count;

    internal TrainingPosition PositionAt(RunCursor cursor) => new(cursor.Stage, cursor.Epoch, Schedule[cursor.Stage].Epochs, cursor.StageStep,
        StepsOf(cursor.Stage), cursor.RunStep, ScheduledStepCount);

    /// <summary>The position within the learning-rate curve, which may span several stages.</summary>
    internal TrainingPosition CurvePositionAt(RunCursor cursor)
    {
        int first = cursor.Stage;
        while (first > 0 && !Schedule[first].RestartsCurve) first--;
        int next = cursor.Stage + 1;
        while (next < Schedule.Count && !Schedule[next].RestartsCurve) next++;
        int[] before = [.. Enumerable.Range(first, cursor.Stage - first)];
        int[] all = [.. Enumerable.Range(first, next - first)];
        return PositionAt(cursor) with
        {
            Epoch = before.Sum(s => Schedule[s].Epochs) + cursor.Epoch,
            EpochCount = all.Sum(s => Schedule[s].Epochs),
            Step = before.Sum(StepsOf) + cursor.StageStep,
            StepCount = all.Sum(StepsOf),
        };
    }

    /// <summary>Where the run stands after a step: epochs and stages end with their last one.</summary>
    internal RunCursor After(RunCursor cursor)
    {
        RunCursor next = cursor.NextStep();
        if (next.EpochStep == StepsPerEpoch(cursor.Stage)) next = next.NextEpoch();
        return next.Epoch == Schedule[cursor.Stage].Epochs ? next.NextStage() : next;
    }

    /// <summary>Pixels of a step, of one view of each picture: what its time goes with.</summary>
    internal double PixelsOf(int stage) => (double)BatchSizeOf(stage) * Schedule[stage].Resolution * Schedule[stage].Resolution;

    /// <summary>Pixels of all steps from a moment to the end of the run.</summary>
    internal double PixelsFrom(RunCursor cursor)
    {
        double pixels = 0;
        long left = StepCount - cursor.RunStep, made = cursor.StageStep;
        for (int stage = cursor.Stage; stage < Schedule.Count && left > 0; stage++)
        {
            long steps = Math.Min(left, StepsOf(stage) - made);
            pixels += steps * PixelsOf(stage);
            (left, made) = (left - steps, 0);
        }

        return pixels;
    }

    private long StepsOf(int stage) => (long)Schedule[stage].Epochs * StepsPerEpoch(stage);
}
