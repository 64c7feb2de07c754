namespace S3L.Core.Optimizers;

/// <summary>Settings for the parameters whose names start with a prefix, such as <c>predictor.</c> or <c>backbone.layer1.</c>.</summary>
public sealed record ParameterGroup
{
    /// <summary>The parameters of a method's state whose names start with <paramref name="prefix"/>.</summary>
    /// <exception cref="ArgumentException"><paramref name="prefix"/> is empty.</exception>
    public ParameterGroup(string prefix)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        Prefix = prefix;
    }

    /// <summary>How the names start.</summary>
    public string Prefix { get; }

    /// <summary>Factor on the learning rate, at least 0, default 1.</summary>
    public double LearningRateFactor
    {
        get;
        init => field = Guard.NotNegative(value, nameof(LearningRateFactor));
    } = 1;

    /// <summary>λ of these parameters, at least 0; null takes the optimizer's.</summary>
    public double? WeightDecay
    {
        get;
        init => field = value is { } decay ? Guard.NotNegative(decay, nameof(WeightDecay)) : null;
    }

    /// <summary>Whether the learning rate follows the schedule, default true; otherwise it stays at its start, through warm-up and decay.</summary>
    public bool FollowsSchedule { get; init; } = true;
}
