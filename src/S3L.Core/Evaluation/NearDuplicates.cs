using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;

namespace S3L.Core.Evaluation;

/// <summary>
/// Pictures that look the same: their thumbnails correlate. Copies, other sizes and other qualities of one picture are found, other views
/// of one thing are not; <see cref="EmbeddingIndex.FindPairs(double, CancellationToken)"/> on a trained backbone's features finds some of those.
/// </summary>
public static class NearDuplicates
{
    private const int Side = 16;
    private const int BatchSize = 256;

    /// <summary>Pairs of a picture here and one there, most similar first: what a test set shares with a training set.</summary>
    /// <param name="first">Pictures.</param>
    /// <param name="second">Other pictures.</param>
    /// <param name="leastCorrelation">In [−1, 1], default 0.99.</param>
    /// <param name="cancellation">Stops the work.</param>
    public static IReadOnlyList<(int First, int Second, float Correlation)> Across(ImageCache first, ImageCache second,
        double leastCorrelation = 0.99, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        using EmbeddingIndex here = Index(first, cancellation), there = Index(second, cancellation);
        return here.FindPairs(there, leastCorrelation, cancellation);
    }

    /// <summary>Pairs of pictures of one set, each once, most similar first.</summary>
    /// <inheritdoc cref="Across"/>
    public static IReadOnlyList<(int First, int Second, float Correlation)> Within(ImageCache images, double leastCorrelation = 0.99,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        using EmbeddingIndex index = Index(images, cancellation);
        return index.FindPairs(leastCorrelation, cancellation);
    }

    private static EmbeddingIndex Index(ImageCache images, CancellationToken cancellation)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        using var augmenter = new Augmenter(ColorStatistics.ImageNet, torch.CPU);
        var parts = new List<torch.Tensor>();
        for (int start = 0; start < images.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            int count = Math.Min(BatchSize, images.Count - start);
            torch.Tensor colors = FeatureExtractor.Views(images, start, count, Side, augmenter, torch.CPU);      // [N, 3, S, S]
            // Each colour's mean taken away, a cosine is a correlation, and brightness and tint count for nothing.
            parts.Add((colors - colors.mean([2, 3], keepdim: true)).reshape(count, -1));
        }

        return new EmbeddingIndex(torch.cat([.. parts]), [.. Enumerable.Range(0, images.Count).Select(i => i.ToString("d", null))]);
    }
}
