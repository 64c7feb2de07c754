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

    private protected override void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients,
        torch.Tensor rate) =>
        // The rate belongs to what enters the momentum, not to the momentum as a whole: a later rate does not change earlier steps.
        EngineSeam.DescendByLayers(parameters, gradients, Remembered(group, Momentum, rows), rate, _settings.Momentum,
            group.WeightDecay, group.Adapt ? _settings.TrustCoefficient : null);
}
