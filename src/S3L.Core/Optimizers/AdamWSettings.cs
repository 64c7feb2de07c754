namespace S3L.Core.Optimizers;

/// <summary>Adam with decoupled weight decay, as PyTorch defines it.</summary>
/// <remarks>Source: arXiv 1711.05101, algorithm 2, with the decay multiplied by the learning rate.</remarks>
public sealed record AdamWSettings : OptimizerSettings
{
    /// <summary>PyTorch's settings.</summary>
    public AdamWSettings() : base(0.01)
    {
    }

    /// <summary>β1: how much of the mean gradient is kept, in [0, 1), default 0.9.</summary>
    public double Beta1
    {
        get;
        init => field = Guard.Within(value, 0, 1 - 1e-9, nameof(Beta1));
    } = 0.9;

    /// <summary>β2: how much of the mean squared gradient is kept, in [0, 1), default 0.999.</summary>
    public double Beta2
    {
        get;
        init => field = Guard.Within(value, 0, 1 - 1e-9, nameof(Beta2));
    } = 0.999;

    /// <summary>ε, added to the denominator; above 0, default 1e-8.</summary>
    public double Epsilon
    {
        get;
        init => field = Guard.Positive(value, nameof(Epsilon));
    } = 1e-8;

    internal override ParameterUpdate Create(IReadOnlyList<UpdateGroup> groups) => new AdamWUpdate(this, groups);
}
