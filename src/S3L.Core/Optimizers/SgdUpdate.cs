using S3L.Core.Engine;

namespace S3L.Core.Optimizers;

/// <inheritdoc cref="SgdSettings"/>
internal sealed class SgdUpdate : ParameterUpdate
{
    private const string Momentum = "momentum";

    private readonly SgdSettings _settings;

    internal SgdUpdate(SgdSettings settings, IReadOnlyList<UpdateGroup> groups) : base(groups)
    {
        _settings = settings;
        Remember(Momentum);
    }

    private protected override void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients,
        torch.Tensor rate) =>
        EngineSeam.DescendWithMomentum(parameters, gradients, Remembered(group, Momentum, rows), rate, _settings.Momentum,
            group.WeightDecay, _settings.Nesterov);
}
