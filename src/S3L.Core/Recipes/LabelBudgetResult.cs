namespace S3L.Core.Recipes;

/// <summary>What a share of the labels gives with pretraining and without. Accuracies are top-1 in [0, 1], after the last epoch.</summary>
/// <param name="Fraction">Share of the labels, in (0, 1].</param>
/// <param name="Labels">Labelled pictures.</param>
/// <param name="FromScratch">
/// Fine-tuning of random weights, with as many epochs as the warm-up and fine-tuning of pretrained ones; null where not asked for.
/// </param>
/// <param name="Pretrained">Warm-up of the grown stage, then fine-tuning of everything.</param>
/// <param name="Probe">A linear classifier on the frozen pretrained features.</param>
/// <param name="Minutes">Time of one fine-tuning of pretrained weights.</param>
public sealed record LabelBudgetResult(
    double Fraction, int Labels, MeanAndDeviation? FromScratch, MeanAndDeviation Pretrained, MeanAndDeviation Probe, double Minutes)
{
    /// <summary>Accuracy gained by pretraining; null without the comparison.</summary>
    public double? Gain => Pretrained.Mean - FromScratch?.Mean;

    /// <summary>
    /// Whether the gain is more than twice its standard error: whether pretraining is worth it with so few labels, as far as the repetitions tell.
    /// Null where they do not: without the comparison, or with a single repetition.
    /// </summary>
    public bool? IsWorthIt => FromScratch is { } scratch && Pretrained.Count > 1
        ? Gain > 2 * Math.Sqrt(((Pretrained.Deviation * Pretrained.Deviation) + (scratch.Deviation * scratch.Deviation)) / Pretrained.Count)
        : null;
}
