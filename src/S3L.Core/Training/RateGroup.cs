using S3L.Core.Methods;
using S3L.Core.Optimizers;

namespace S3L.Core.Training;

/// <summary>Parameters whose learning rate follows the schedule in the same way.</summary>
/// <param name="Update">The parameters and how they are changed.</param>
/// <param name="Factor">Factor on the learning rate.</param>
/// <param name="IsConstant">Whether the learning rate stays at its start, as the method or the group asks for.</param>
internal sealed record RateGroup(UpdateGroup Update, double Factor, bool IsConstant)
{
    /// <summary>All trained parameters of a method, grouped by what holds for them.</summary>
    /// <exception cref="ArgumentException">A group of the options names no parameter.</exception>
    internal static IReadOnlyList<RateGroup> Of(IContrastiveMethod method, TrainerOptions options)
    {
        (string Name, Parameter Parameter)[] trained =
            [.. method.State.named_parameters().Where(p => p.parameter.requires_grad).Select(p => (p.name, p.parameter))];
        foreach (ParameterGroup group in options.ParameterGroups)
        {
            if (trained.Any(p => p.Name.StartsWith(group.Prefix, StringComparison.Ordinal))) continue;
            throw new ArgumentException(
                $"Options.ParameterGroups names '{group.Prefix}', but no parameter of {method.Name} starts with it; they are " +
                $"{string.Join(", ", trained.Take(3).Select(p => p.Name))}, …");
        }

        var constant = method.ConstantRateParameters.ToHashSet();
        return [.. trained
            .GroupBy(p =>
            {
                ParameterGroup? own = options.ParameterGroups.FirstOrDefault(g => p.Name.StartsWith(g.Prefix, StringComparison.Ordinal));
                return (Factor: own?.LearningRateFactor ?? 1, How: options.Optimizer.For(p.Parameter, own),
                    Constant: constant.Contains(p.Parameter) || own is { FollowsSchedule: false });
            })
            .Select(g => new RateGroup(new UpdateGroup(g, g.Key.How.WeightDecay, g.Key.How.Adapt), g.Key.Factor, g.Key.Constant))];
    }
}
