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

    private protected override void Update(UpdateGroup group, int[] rows, torch.Tensor[] parameters, torch.Tensor[] gradients)
    {
        torch.Tensor[] means = Remembered(group, First, rows);
        torch.Tensor[] squares = Remembered(group, Second, rows);
        torch.Tensor[] counts = Remembered(group, Count, rows);
        for (int i = 0; i < gradients.Length; i++)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor gradient = gradients[i];
            // A parameter's own, as it may have had no gradient at earlier steps.
            long steps = counts[i].add_(1).ToInt64();
            double correction1 = 1 - Math.Pow(_settings.Beta1, steps);
            double correction2 = Math.Sqrt(1 - Math.Pow(_settings.Beta2, steps));
            parameters[i].mul_(1 - (group.LearningRate * group.WeightDecay));
            means[i].mul_(_settings.Beta1).add_(gradient, 1 - _settings.Beta1);
            squares[i].mul_(_settings.Beta2).addcmul_(gradient, gradient, 1 - _settings.Beta2);
            torch.Tensor denominator = squares[i].sqrt().div_(correction2).add_(_settings.Epsilon);
            parameters[i].addcdiv_(means[i], denominator, -group.LearningRate / correction1);
        }
    }
}
