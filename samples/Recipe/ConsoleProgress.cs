using S3L.Core.Recipes;
using S3L.Core.Training;

namespace RecipeSample;

/// <summary>A line now and then.</summary>
internal sealed class ConsoleProgress : IProgress<RecipeProgress>
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private TimeSpan _last = -BetweenLines;

    void IProgress<RecipeProgress>.Report(RecipeProgress value)
    {
        if (value.Training is not { } training || training.Elapsed - _last < BetweenLines) return;
        _last = training.Elapsed;
        TrainingProgress p = training;
        Console.WriteLine(FormattableString.Invariant(
            $"pretraining at {p.Resolution} px, epoch {p.Position.Epoch + 1}/{p.Position.EpochCount}, loss {p.Loss:f3}, ") +
            FormattableString.Invariant($"{p.ImagesPerSecond:f0} images/s, {p.Remaining:mm\\:ss} left"));
    }
}
