using S3L.Core.Backbones;

namespace S3L.Core.Evaluation;

/// <summary>
/// Trains the stages that were grown back, and the classifier, while everything before them is frozen (arXiv 2103.13559, section 3.2): else
/// their random weights would spoil what was pretrained.
/// </summary>
public sealed record StageWarmUp
{
    /// <summary>A warm-up with so many stages frozen.</summary>
    /// <param name="frozenStages">Pretrained stages, without the stem; at least 0.</param>
    public StageWarmUp(int frozenStages) => FrozenStages = Guard.AtLeast(frozenStages, 0, nameof(frozenStages));

    /// <summary>Pretrained stages, without the stem.</summary>
    public int FrozenStages { get; }

    /// <summary>Passes over the labelled pictures, at least 1, default 10.</summary>
    public int Epochs
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Epochs));
    } = 10;

    /// <summary>Learning rate throughout; above 0, default 0.1.</summary>
    public double LearningRate
    {
        get;
        init => field = Guard.Positive(value, nameof(LearningRate));
    } = 0.1;

    /// <summary>What normalisations of frozen stages do. Default: compute as in evaluation; the published script lets them move.</summary>
    public FrozenStatistics Statistics
    {
        get;
        init => field = Guard.Defined(value, nameof(Statistics));
    }
}
