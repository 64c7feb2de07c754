using S3L.Core.Data;

namespace S3L.Core.Evaluation;

/// <summary>Few labels of many: which pictures of a cache a classifier may learn from.</summary>
public static class LabelFraction
{
    /// <summary>A share of each class's pictures, at least one of each, drawn at random; in rising order.</summary>
    /// <param name="images">Labelled pictures.</param>
    /// <param name="fraction">In (0, 1]; 1 takes all.</param>
    /// <param name="seed">The same seed always draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is outside that range.</exception>
    /// <exception cref="ArgumentException"><paramref name="images"/> has no labels.</exception>
    public static IReadOnlyList<int> Sample(ImageCache images, double fraction, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(images);
        ClassSampling.CheckFraction(fraction);
        if (images.ClassNames.Count == 0) throw new ArgumentException("images must have labels, but has none.", nameof(images));
        int[][] byClass = ClassSampling.ByClass(images.Labels, images.ClassNames.Count);
        return ClassSampling.PerClass(byClass, size => ClassSampling.CountOf(size, fraction), seed);
    }
}
