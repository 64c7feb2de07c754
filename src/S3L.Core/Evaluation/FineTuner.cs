using S3L.Core.Backbones;
using S3L.Core.Data;

namespace S3L.Core.Evaluation;

/// <summary>Trains a backbone and a linear classifier on labelled pictures, from pretrained weights or from random ones.</summary>
/// <remarks>
/// Source: the fine-tuning of arXiv 2103.13559. Classifier weights start from N(0, 0.01), biases from 0. With mixup each batch is blended with
/// itself in another order, inputs and losses alike. A last batch of one picture is left out.
/// </remarks>
public sealed class FineTuner
{
    /// <summary>A tuner with its settings.</summary>
    public FineTuner(FineTunerOptions? options = null) => Options = options ?? new FineTunerOptions();

    /// <summary>The settings.</summary>
    public FineTunerOptions Options { get; }

    /// <summary>Trains on labelled pictures and measures on others.</summary>
    /// <param name="backbone">The network; trained in place, still the caller's, left in evaluation mode.</param>
    /// <param name="train">Labelled pictures.</param>
    /// <param name="test">Labelled pictures of the same classes.</param>
    /// <param name="resolution">Height and width at which the network sees them, in pixels.</param>
    /// <param name="rows">Numbers of the training pictures to use; null takes all.</param>
    /// <param name="progress">Told after each epoch.</param>
    /// <param name="cancellation">Stops the work between two steps.</param>
    /// <returns>What was reached, with the classifier, which is the caller's.</returns>
    /// <exception cref="ArgumentException">Labels are missing, classes differ, or the warm-up is for a network of more stages.</exception>
    public FineTuneResult Run(IBackbone backbone, ImageCache train, ImageCache test, int resolution, IReadOnlyList<int>? rows = null,
        IProgress<FineTuneProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(backbone);
        ArgumentNullException.ThrowIfNull(train);
        ArgumentNullException.ThrowIfNull(test);
        Guard.AtLeast(resolution, backbone.MinimumResolution, nameof(resolution));
        NetworkFormat.Check(Options.Precision);
        CheckWarmUp(backbone);
        int[] used = Check(train, test, rows);
        using var run = new FineTuning(Options, backbone, train, test, resolution, used, progress, cancellation);
        return run.Execute();
    }

    private void CheckWarmUp(IBackbone backbone)
    {
        if (Options.WarmUp is { } warmUp && warmUp.FrozenStages > backbone.StageCount)
        {
            throw new ArgumentException($"Options.WarmUp.FrozenStages must be in [0, {backbone.StageCount}], the stages of {backbone.Name}, " +
                $"but is {warmUp.FrozenStages}.");
        }
    }

    private static int[] Check(ImageCache train, ImageCache test, IReadOnlyList<int>? rows)
    {
        LabelledRows.CheckClasses(train.ClassNames, test.ClassNames);
        if (train.Count < 2) throw new ArgumentException($"train must hold at least 2 pictures, but holds {train.Count}.", nameof(train));
        int[] used = rows is null ? [.. Enumerable.Range(0, train.Count)] : [.. rows];
        if (used.Length < 2) throw new ArgumentException($"rows must hold at least 2 pictures, but holds {used.Length}.", nameof(rows));
        if (used.Any(r => r < 0 || r >= train.Count))
        {
            throw new ArgumentException(
                $"rows must be in [0, {train.Count - 1}], but holds {used.First(r => r < 0 || r >= train.Count)}.", nameof(rows));
        }

        return used;
    }
}
