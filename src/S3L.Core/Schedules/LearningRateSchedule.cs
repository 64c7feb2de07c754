namespace S3L.Core.Schedules;

/// <summary>The learning rate as a pure function of the position: a linear warm-up, then a curve over the rest of the stage.</summary>
public sealed record LearningRateSchedule
{
    /// <summary>What follows the warm-up. Default: cosine, as in all recipes of both papers.</summary>
    public LearningRateCurve Curve
    {
        get;
        init => field = Guard.Defined(value, nameof(Curve));
    }

    /// <summary>Epochs at the start of each stage in which the rate rises from nothing; may be a fraction. Default 0.</summary>
    public double WarmupEpochs
    {
        get;
        init => field = Guard.NotNegative(value, nameof(WarmupEpochs));
    }

    /// <summary>
    /// Share of each stage, in [0, 1), in which the rate rises from nothing, in addition to <see cref="WarmupEpochs"/>: for warm-ups that suit
    /// runs of any length. Default 0.
    /// </summary>
    public double WarmupShare
    {
        get;
        init => field = Guard.Within(value, 0, 1 - 1e-9, nameof(WarmupShare));
    }

    /// <summary>Whether the rate changes at each step (default) or at each epoch, as the papers' scripts do.</summary>
    public bool PerEpoch { get; init; }

    /// <summary>
    /// For <see cref="LearningRateCurve.Steps"/>: shares of the stage, in (0, 1) and rising, at which the rate is multiplied by
    /// <see cref="MilestoneFactor"/>. Default: 0.6 and 0.8, as in linear evaluation and MoCo v1.
    /// </summary>
    public IReadOnlyList<double> Milestones
    {
        get;
        init => field = IsRising(value)
            ? [.. value]
            : throw new ArgumentException($"Milestones must rise within (0, 1), but are [{string.Join(", ", value)}].", nameof(Milestones));
    } = [0.6, 0.8];

    /// <summary>Factor on the rate at each milestone, in [0, 1], default 0.1.</summary>
    public double MilestoneFactor
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(MilestoneFactor));
    } = 0.1;

    /// <summary>The factor on the learning rate at a position, in [0, 1].</summary>
    public double FactorAt(TrainingPosition position)
    {
        double stepsPerEpoch = (double)position.StepCount / position.EpochCount;
        double warmup = WarmupSteps(position);
        if (position.Step < warmup) return (position.Step + 1) / (warmup + 1);
        double done = PerEpoch ? position.Epoch * stepsPerEpoch : position.Step;
        return Curve switch
        {
            LearningRateCurve.Constant => 1,
            // A milestone is a share of the whole stage: a warm-up does not shift it.
            LearningRateCurve.Steps => Math.Pow(MilestoneFactor, Milestones.Count(m => done >= m * position.StepCount - 1e-9)),
            _ => (1 + Math.Cos(Math.PI * Math.Max(done - warmup, 0) / Math.Max(position.StepCount - warmup, 1))) / 2,
        };
    }

    /// <summary>Steps in which the rate rises: at most all.</summary>
    internal double WarmupSteps(TrainingPosition position)
    {
        double stepsPerEpoch = (double)position.StepCount / position.EpochCount;
        return Math.Min((WarmupEpochs * stepsPerEpoch) + (WarmupShare * position.StepCount), position.StepCount);
    }

    private static bool IsRising(IReadOnlyList<double> milestones)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        return milestones.Select((m, i) => m < 1 && m > (i == 0 ? 0 : milestones[i - 1])).All(rises => rises);
    }
}
