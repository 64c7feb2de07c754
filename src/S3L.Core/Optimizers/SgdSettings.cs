namespace S3L.Core.Optimizers;

/// <summary>
/// Stochastic gradient descent: v ← μ v + g + λ w, w ← w − η v; with Nesterov's momentum w ← w − η (g + λ w + μ v). As PyTorch
/// defines it.
/// </summary>
public sealed record SgdSettings : OptimizerSettings
{
    /// <summary>The papers' settings, with the weight decay of small data.</summary>
    public SgdSettings() : base(5e-4)
    {
    }

    /// <summary>μ, in [0, 1), default 0.9.</summary>
    public double Momentum
    {
        get;
        init => field = Guard.Within(value, 0, 1 - 1e-9, nameof(Momentum));
    } = 0.9;

    /// <summary>Whether the step looks ahead along the momentum, default false. Without momentum it changes nothing.</summary>
    public bool Nesterov { get; init; }

    internal override ParameterUpdate Create(IReadOnlyList<UpdateGroup> groups) => new SgdUpdate(this, groups);
}
