namespace S3L.Core.Evaluation;

/// <summary>
/// Settings of <see cref="LinearProbe"/>. The defaults are S3L's linear evaluation (arXiv 2103.13559), on features of length one.
/// </summary>
public sealed record LinearProbeOptions
{
    /// <summary>Learning rate at the start; above 0, default 30.</summary>
    public double LearningRate
    {
        get;
        init => field = Guard.Positive(value, nameof(LearningRate));
    } = 30;

    /// <summary>Passes over all features, at least 1, default 100; the rate falls to a tenth after 60 % and 80 % of them.</summary>
    public int Epochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Epochs));
    } = 100;

    /// <summary>Features per step, at least 1, default 256.</summary>
    public int BatchSize
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(BatchSize));
    } = 256;

    /// <summary>
    /// λ, weight decays to choose from, each at least 0. Where there are several, each is tried on a part of the training set, and the one that
    /// classifies the rest best is used on all of it. Default: 0 alone.
    /// </summary>
    public IReadOnlyList<double> WeightDecays
    {
        get;
        init => field = Guard.NotEmpty(value, nameof(WeightDecays)).All(d => d >= 0 && double.IsFinite(d))
            ? [.. value]
            : throw new ArgumentException($"WeightDecays must be finite and at least 0, but are [{string.Join(", ", value)}].", nameof(WeightDecays));
    } = [0];

    /// <summary>Share of the training set that weight decays are chosen on, in (0, 1), default 0.2.</summary>
    public double ChoiceFraction
    {
        get;
        init => field = Guard.Within(value, 0.01, 0.99, nameof(ChoiceFraction));
    } = 0.2;

    /// <summary>Whether features are divided by their lengths first, default true: a rate of 30 suits rows of length one.</summary>
    public bool Normalise { get; init; } = true;

    /// <summary>Seed of the order of features and of the choice.</summary>
    public int Seed { get; init; }
}
