namespace S3L.Core.Schedules;

/// <summary>One stage of pretraining: so many epochs at one resolution.</summary>
public sealed record ResolutionStage
{
    /// <summary>A stage of <paramref name="epochs"/> epochs at <paramref name="resolution"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">One of them is below 1.</exception>
    public ResolutionStage(int resolution, int epochs)
    {
        Resolution = resolution;
        Epochs = epochs;
    }

    /// <summary>Height and width of the views, in pixels; at least 1.</summary>
    public int Resolution
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Resolution));
    }

    /// <summary>Passes over all pictures; at least 1.</summary>
    public int Epochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Epochs));
    }

    /// <summary>Images per step; null takes the run's.</summary>
    public int? BatchSize
    {
        get;
        init => field = value is { } size ? Guard.AtLeast(size, 2, nameof(BatchSize)) : null;
    }

    /// <summary>Learning rate at the start of the stage; null takes the run's.</summary>
    public double? LearningRate
    {
        get;
        init => field = value is { } rate ? Guard.Positive(rate, nameof(LearningRate)) : null;
    }

    /// <summary>The form that <see cref="ResolutionSchedule.Parse"/> reads: <c>RESOLUTIONxEPOCHS</c>.</summary>
    public override string ToString() => FormattableString.Invariant($"{Resolution}x{Epochs}");
}
