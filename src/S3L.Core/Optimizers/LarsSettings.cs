namespace S3L.Core.Optimizers;

/// <summary>
/// Layer-wise adaptive rates for large batches: each tensor's step is as long as a fixed share of the tensor.
/// r = κ ‖w‖ / (‖g‖ + λ ‖w‖), v ← μ v + η r (g + λ w), w ← w − v.
/// </summary>
/// <remarks>
/// Source: arXiv 1708.03888, algorithm 1. r is 1 where ‖w‖ or ‖g‖ is 0, and for parameters that are left out of adaptation, as SimCLR
/// and BYOL do with biases and normalisations.
/// </remarks>
public sealed record LarsSettings : OptimizerSettings
{
    /// <summary>SimCLR's settings: λ 1e-6, biases and normalisations left out of decay and adaptation.</summary>
    public LarsSettings() : base(1e-6) => ExcludeBiasesAndNorms = true;

    /// <summary>μ, in [0, 1), default 0.9.</summary>
    public double Momentum
    {
        get;
        init => field = Guard.Within(value, 0, 1 - 1e-9, nameof(Momentum));
    } = 0.9;

    /// <summary>κ: a step's length as a share of the tensor's at a learning rate of 1; above 0, default 0.001.</summary>
    public double TrustCoefficient
    {
        get;
        init => field = Guard.Positive(value, nameof(TrustCoefficient));
    } = 0.001;

    /// <summary>Whether biases and normalisations follow plain momentum instead, default true.</summary>
    public bool AdaptOnlyWeights { get; init; } = true;

    private protected override bool AdaptsBiasesAndNorms => !AdaptOnlyWeights;

    internal override ParameterUpdate Create(IReadOnlyList<UpdateGroup> groups) => new LarsUpdate(this, groups);
}
