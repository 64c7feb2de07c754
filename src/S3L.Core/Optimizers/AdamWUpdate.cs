using S3L.Core.Engine;

namespace S3L.Core.Optimizers;

/// <inheritdoc cref="AdamWSettings"/>
internal sealed class AdamWUpdate : ParameterUpdate
{
    private const string First = "mean";
    private const string Second = "square";
    private const string Count = "steps";

    private readonly AdamWSettings _settings;

    internal AdamWUpdate(AdamWSettings settings, IReadOnlyList<UpdateGroup> groups) : base(groups)
    {
        _settings = settings;
        Remember(First);
        Remember(Second);
        RememberCount(Count);
    }

    private protected override void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients,
        torch.Tensor rate) =>
        // A parameter's own count, as it may have had no gradient at earlier steps.
        EngineSeam.DescendByMoments(parameters, gradients, Remembered(group, First, rows), Remembered(group, Second, rows),
            Remembered(group, Count, rows), rate, _settings.Beta1, _settings.Beta2, _settings.Epsilon, group.WeightDecay);
}
