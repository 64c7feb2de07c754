using S3L.Core.Schedules;

namespace S3L.Core.Training;

/// <summary>Looks at each report and says in words when a run has collapsed or diverged.</summary>
internal sealed class TrainingGuard(GuardOptions options, string method, double firstWeightNorm)
{
    // Of N pictures the embeddings, without their mean, span N − 1 directions at most: the rank of two is always 1, that of three at most 2.
    private const int LeastPicturesForRank = 4;

    private int _badReports;
    private long _badSince;
    private bool _told;

    /// <summary>Whether the last look found nothing wrong.</summary>
    internal bool IsHealthy => _badReports == 0;

    /// <summary>Length of all trained parameters before the first step of the run, also where the run was gone on with.</summary>
    internal double FirstWeightNorm { get; set; } = firstWeightNorm;

    /// <summary>Whether weights of this length could be those of a healthy run.</summary>
    internal bool Allows(double weightNorm) => double.IsFinite(weightNorm) && (options.Action == GuardAction.Off || IsWithinGrowth(weightNorm));

    /// <summary>A loss that is infinite or no number.</summary>
    internal static TrainingWarning NotANumber(TrainingPosition position, double loss) => new(position, TrainingFailure.Divergence,
        FormattableString.Invariant($"The loss became {loss} at step {position.RunStep} (stage {position.Stage + 1}, epoch {position.Epoch + 1}). ") +
        "A lower learning rate, a longer warm-up, or float32 instead of bfloat16 usually helps.");

    /// <summary>Judges a measurement; null where nothing new is wrong.</summary>
    /// <param name="position">Where it was made.</param>
    /// <param name="metrics">The measurement.</param>
    /// <param name="pictures">How many pictures it was made of.</param>
    internal TrainingWarning? Look(TrainingPosition position, TrainingMetrics metrics, int pictures)
    {
        if (options.Action == GuardAction.Off) return null;
        if (Divergence(position, metrics) is { } diverged) return Once(new TrainingWarning(position, TrainingFailure.Divergence, diverged));

        if (!IsCollapsed(metrics, pictures))
        {
            Forget();
            return null;
        }

        if (_badReports++ == 0) _badSince = position.RunStep;
        return _badReports < options.Patience
            ? null
            : Once(new TrainingWarning(position, TrainingFailure.Collapse, Collapse(metrics)));
    }

    /// <summary>Starts anew after a return to a healthy state.</summary>
    internal void Forget() => (_badReports, _told) = (0, false);

    private TrainingWarning? Once(TrainingWarning warning)
    {
        _badReports = Math.Max(_badReports, 1);
        if (_told) return null;
        _told = true;
        return warning;
    }

    // Where a method tells of no positives, the similarity is no number, and only the spread counts.
    private bool IsCollapsed(TrainingMetrics metrics, int pictures) => metrics.EmbeddingSpread < options.LeastSpread
        || (pictures >= LeastPicturesForRank && metrics.EffectiveRank < options.LeastRank && metrics.NegativeSimilarity > 0.5);

    private string? Divergence(TrainingPosition position, TrainingMetrics metrics)
    {
        if (double.IsFinite(metrics.GradientNorm) && IsWithinGrowth(metrics.WeightNorm)) return null;
        string what = double.IsFinite(metrics.GradientNorm)
            ? FormattableString.Invariant($"the weights are {metrics.WeightNorm / FirstWeightNorm:g3} times as long as at the start")
            : "the gradient is infinite or no number";
        return FormattableString.Invariant($"{method} has diverged: at step {position.RunStep} (stage {position.Stage + 1}, ") +
            FormattableString.Invariant($"epoch {position.Epoch + 1}) {what}. A lower learning rate or a longer warm-up usually helps.");
    }

    private bool IsWithinGrowth(double weightNorm)
    {
        double growth = weightNorm / FirstWeightNorm;
        return growth <= options.MostGrowth && growth >= 1 / options.MostGrowth;
    }

    private string Collapse(TrainingMetrics metrics)
    {
        string what = metrics.EmbeddingSpread < options.LeastSpread
            ? FormattableString.Invariant($"embeddings lie within {metrics.EmbeddingSpread:g2} of a constant")
            : FormattableString.Invariant($"embeddings differ in {metrics.EffectiveRank:f1} directions only");
        return FormattableString.Invariant($"{method} has collapsed: {what} since step {_badSince}, whatever the picture. ") +
            "Try a lower learning rate, a longer warm-up, a larger batch, or crops that show more of a picture (MinimumArea).";
    }
}
