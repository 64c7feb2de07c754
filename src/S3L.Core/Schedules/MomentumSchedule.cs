namespace S3L.Core.Schedules;

/// <summary>The momentum of a copy as a pure function of the position in the whole run: stages do not restart it.</summary>
/// <remarks>Source: BYOL, arXiv 2006.07733, section 3.2: m = 1 − (1 − m₀) (cos(π t/T) + 1) / 2.</remarks>
public sealed record MomentumSchedule
{
    /// <summary>A momentum that starts at <paramref name="start"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="start"/> is not in [0, 1], or the curve is none.</exception>
    public MomentumSchedule(double start, MomentumCurve curve = MomentumCurve.Cosine)
    {
        Start = start;
        Curve = curve;
    }

    /// <summary>m₀, in [0, 1].</summary>
    public double Start
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(Start));
    }

    /// <summary>What follows the start.</summary>
    public MomentumCurve Curve
    {
        get;
        init => field = Guard.Defined(value, nameof(Curve));
    }

    /// <summary>m at a position.</summary>
    public double At(TrainingPosition position)
    {
        if (Curve == MomentumCurve.Constant) return Start;
        double done = (double)position.RunStep / position.RunStepCount;
        return 1 - ((1 - Start) * (Math.Cos(Math.PI * done) + 1) / 2);
    }
}
