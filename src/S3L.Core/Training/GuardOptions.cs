namespace S3L.Core.Training;

/// <summary>When a run counts as collapsed or diverged, and what happens then.</summary>
public sealed record GuardOptions
{
    /// <summary>What happens. Default: a warning. A loss that is infinite or no number cannot be gone on with: it stops, or rolls back.</summary>
    public GuardAction Action
    {
        get;
        init => field = Guard.Defined(value, nameof(Action));
    }

    /// <summary>
    /// Collapsed where <see cref="TrainingMetrics.EmbeddingSpread"/> stays below this, in [0, 1], default 0.1: all embeddings lie within
    /// about a tenth of their length of each other.
    /// </summary>
    public double LeastSpread
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(LeastSpread));
    } = 0.1;

    /// <summary>
    /// Collapsed where <see cref="TrainingMetrics.EffectiveRank"/> stays below this, at least 0, default 1.3, and images are on average more
    /// alike than not (<see cref="TrainingMetrics.NegativeSimilarity"/> above one half): all lie on one short line. Not looked at in batches of
    /// fewer than four pictures, which have no higher rank.
    /// </summary>
    public double LeastRank
    {
        get;
        init => field = Guard.NotNegative(value, nameof(LeastRank));
    } = 1.3;

    /// <summary>
    /// Diverged where <see cref="TrainingMetrics.WeightNorm"/> is this many times longer or shorter than at first, above 1, default 8. Weights of
    /// healthy runs shrink or grow by some per cent.
    /// </summary>
    public double MostGrowth
    {
        get;
        init => field = value > 1 && double.IsFinite(value)
            ? value
            : throw new ArgumentOutOfRangeException(nameof(MostGrowth), value, "MostGrowth must be a finite number above 1.");
    } = 8;

    /// <summary>Measurements in a row that must be bad before a run counts as collapsed; at least 1, default 4.</summary>
    public int Patience
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Patience));
    } = 4;

    /// <summary>Returns to a healthy state before a run is given up, at least 1, default 3.</summary>
    public int MostRollBacks
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(MostRollBacks));
    } = 3;

    /// <summary>Steps between the states that can be returned to, at least 1, default 100. Each costs a copy of all weights in memory.</summary>
    public int SnapshotEverySteps
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(SnapshotEverySteps));
    } = 100;
}
