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

    /// <summary>Whether the rate changes at each step (default) or at each epoch, as the papers' scripts do.</summary>
    public bool PerEpoch { get; init; }

    /// <summary>The factor on the learning rate at a position, in [0, 1].</summary>
    public double FactorAt(TrainingPosition position)
    {
        double stepsPerEpoch = (double)position.StepCount / position.EpochCount;
        double warmup = Math.Min(WarmupEpochs * stepsPerEpoch, position.StepCount);
        if (position.Step < warmup) return (position.Step + 1) / (warmup + 1);
        if (Curve == LearningRateCurve.Constant) return 1;
        double done = PerEpoch ? position.Epoch * stepsPerEpoch : position.Step;
        double progress = Math.Max(done - warmup, 0) / Math.Max(position.StepCount - warmup, 1);
        return (1 + Math.Cos(Math.PI * progress)) / 2;
    }
}
