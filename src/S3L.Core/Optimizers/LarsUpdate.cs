using S3L.Core.Engine;

namespace S3L.Core.Optimizers;

/// <inheritdoc cref="LarsSettings"/>
internal sealed class LarsUpdate : ParameterUpdate
{
    private const string Momentum = "momentum";

    private readonly LarsSettings _settings;

    internal LarsUpdate(LarsSettings settings, IReadOnlyList<UpdateGroup> groups) : base(groups)
    {
        _settings = settings;
        Remember(Momentum);
    }

    private protected override void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients)
    {
        // The rate belongs to what enters the momentum, not to the momentum as a whole: a later rate does not change earlier steps.
        torch.Tensor[] steps = [.. gradients.Select((g, i) => Step(group, parameters[i], g))];
        EngineSeam.DescendWithMomentum(parameters, steps, Remembered(group, Momentum, rows), 1, _settings.Momentum, 0, nesterov: false);
    }

    /// <summary>η r (g + λ w).</summary>
    private torch.Tensor Step(UpdateGroup group, torch.Tensor weight, torch.Tensor gradient)
    {
        torch.Tensor decayed = gradient + weight * group.WeightDecay;
        if (!group.Adapt) return decayed.mul_(group.LearningRate);
        torch.Tensor weightLength = weight.norm();
        torch.Tensor gradientLength = gradient.norm();
        torch.Tensor ratio = weightLength * _settings.TrustCoefficient / (gradientLength + weightLength * group.WeightDecay);
        torch.Tensor usable = weightLength.gt(0).logical_and(gradientLength.gt(0));
        return decayed.mul_(torch.where(usable, ratio, ratio.ones_like()) * group.LearningRate);
    }
}
