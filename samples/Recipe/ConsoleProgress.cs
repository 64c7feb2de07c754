using System.Diagnostics;
using S3L.Core.Recipes;
using S3L.Core.Training;

namespace RecipeSample;

/// <summary>A line now and then.</summary>
internal sealed class ConsoleProgress : IProgress<RecipeProgress>
{
    private static readonly TimeSpan BetweenLines = TimeSpan.FromSeconds(10);

    private long? _last;

    void IProgress<RecipeProgress>.Report(RecipeProgress value)
    {
        if ((_last is { } last && Stopwatch.GetElapsedTime(last) < BetweenLines) || Line(value) is not { } line) return;
        _last = Stopwatch.GetTimestamp();
        Console.WriteLine(line);
    }

    private static string? Line(RecipeProgress progress) => progress switch
    {
        { Training: { } p } => Line(p),
        { Tuning: { } p } => FormattableString.Invariant(
            $"{progress.Part}: epoch {p.Epoch}/{p.EpochCount}, loss {p.Loss:f3}, {InSeconds(p.Remaining)} left"),
        _ => null,
    };

    private static string Line(TrainingProgress p) =>
        FormattableString.Invariant($"pretraining at {p.Resolution} px, epoch {p.Position.Epoch + 1}/{p.Position.EpochCount}, loss {p.Loss:f3}, ") +
        FormattableString.Invariant($"{p.ImagesPerSecond:f0} images/s, {InSeconds(p.Remaining)} left");

    private static TimeSpan InSeconds(TimeSpan time) => TimeSpan.FromSeconds(Math.Round(time.TotalSeconds));
}
