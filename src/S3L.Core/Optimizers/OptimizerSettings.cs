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

    /// <summary>Whether biases and normalisations take part in rates that adapt to each tensor.</summary>
    private protected virtual bool AdaptsBiasesAndNorms => true;

    /// <summary>What holds for a parameter: its weight decay, and whether its rate adapts.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="own">The group that it belongs to, if any.</param>
    internal (double WeightDecay, bool Adapt) For(Parameter parameter, ParameterGroup? own = null)
    {
        bool flat = parameter.ndim <= 1;
        return (flat && ExcludeBiasesAndNorms ? 0 : own?.WeightDecay ?? WeightDecay, !flat || AdaptsBiasesAndNorms);
    }

    internal abstract ParameterUpdate Create(IReadOnlyList<UpdateGroup> groups);
}
