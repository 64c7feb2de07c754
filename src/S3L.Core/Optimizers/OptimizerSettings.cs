namespace S3L.Core.Optimizers;

/// <summary>How weights follow from gradients. Learning rates are not part of it: they follow a schedule.</summary>
public abstract record OptimizerSettings
{
    private protected OptimizerSettings(double weightDecay) => WeightDecay = weightDecay;

    /// <summary>λ: pull of weights towards zero, at least 0.</summary>
    public double WeightDecay
    {
        get;
        init => field = Guard.NotNegative(value, nameof(WeightDecay));
    }

    /// <summary>Whether biases and the scales and shifts of normalisations (parameters of at most one dimension) are left out of the decay.</summary>
    public bool ExcludeBiasesAndNorms { get; init; }

    internal abstract ParameterUpdate Create(IReadOnlyList<UpdateGroup> groups);
}
