using S3L.Core.Losses;

namespace S3L.Core.Methods;

/// <summary>
/// Settings of <see cref="InstanceDiscrimination"/>. The defaults are those of the paper's script, but for the corrected rule of the bank.
/// </summary>
public sealed partial record InstanceDiscriminationOptions
{
    /// <summary>τ, by which cosines are divided in the discrimination loss; above 0, default 0.2.</summary>
    public double Temperature
    {
        get;
        init => field = Guard.Positive(value, nameof(Temperature));
    } = 0.2;

    /// <summary>E: length of an embedding and of a row of the bank; at least 1, default 2,048.</summary>
    public int EmbeddingDimension
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(EmbeddingDimension));
    } = 2048;

    /// <summary>Width of the projector's hidden layers; at least 1, default 2,048.</summary>
    public int HiddenWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(HiddenWidth));
    } = 2048;

    /// <summary>Linear layers of the projector; at least 1, default 3.</summary>
    public int HeadLayers
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(HeadLayers));
    } = 3;

    /// <summary>
    /// k: rows of other images that are candidates beside the batch's own, drawn anew at each step; at least 0, default 10,000. 0 takes the
    /// whole bank, as does any number that the bank does not exceed.
    /// </summary>
    public int OtherCandidates
    {
        get;
        init => field = Guard.AtLeast(value, 0, nameof(OtherCandidates));
    } = 10_000;

    /// <summary>Whether the batch's own rows are the only candidates, default false.</summary>
    public bool BatchOnly { get; init; }

    /// <summary>How the bank learns. Default: corrected.</summary>
    public BankRule BankRule
    {
        get;
        init => field = Guard.Defined(value, nameof(BankRule));
    }

    /// <summary>m: how much of a row is kept while its image is not yet recognised; above 0 and at most 1, default 0.5.</summary>
    public double BankMomentum
    {
        get;
        init => field = Guard.Within(value, 1e-6, 1, nameof(BankMomentum));
    } = 0.5;

    /// <summary>λ: weight of the self-distillation, at least 0, default 20.</summary>
    public double DistillationWeight
    {
        get;
        init => field = Guard.NotNegative(value, nameof(DistillationWeight));
    } = 20;

    /// <summary>The power that flattens the target of the self-distillation; above 0, default 0.5.</summary>
    public double DistillationExponent
    {
        get;
        init => field = Guard.Positive(value, nameof(DistillationExponent));
    } = 0.5;

    /// <summary>Over which distribution the self-distillation averages. Default: the output.</summary>
    public KlDirection DistillationDirection
    {
        get;
        init => field = Guard.Defined(value, nameof(DistillationDirection));
    }

    /// <summary>α of CutMix's Beta distribution, at least 0, default 0.5; 0 mixes nothing.</summary>
    public double CutMixAlpha
    {
        get;
        init => field = Guard.NotNegative(value, nameof(CutMixAlpha));
    } = 0.5;
}
