using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Training;

namespace S3L.Core.Recipes;

/// <summary>kNN accuracy between epochs: of test pictures among training pictures, or of each picture among all others.</summary>
public sealed class KnnProbe : IEpochProbe
{
    private readonly ImageCache _train;
    private readonly ImageCache? _test;
    private readonly ColorStatistics _statistics;
    private readonly KnnOptions _options;

    /// <summary>A probe on labelled pictures, which stay the caller's.</summary>
    /// <param name="train">Pictures whose labels vote.</param>
    /// <param name="test">Pictures whose labels are guessed; null leaves out each of <paramref name="train"/> in turn.</param>
    /// <param name="statistics">What colours are normalised by; null takes ImageNet's. Must be those of the training.</param>
    /// <param name="options">Settings of the classifier.</param>
    /// <exception cref="ArgumentException">Labels are missing, or classes differ.</exception>
    public KnnProbe(ImageCache train, ImageCache? test = null, ColorStatistics? statistics = null, KnnOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(train);
        if (train.ClassNames.Count == 0) throw new ArgumentException("train must have labels, but has none.", nameof(train));
        if (test is not null) LabelledRows.CheckClasses(train.ClassNames, test.ClassNames);
        (_train, _test, _statistics, _options) = (train, test, statistics ?? ColorStatistics.ImageNet, options ?? new KnnOptions());
    }

    /// <inheritdoc/>
    /// <returns>Top-1 accuracy in [0, 1].</returns>
    public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default)
    {
        using torch.Tensor known = FeatureExtractor.Extract(backbone, _train, resolution, _statistics, cancellation: cancellation);
        using var knn = new KnnClassifier(known, _train.Labels, _train.ClassNames.Count, _options);
        if (_test is null) return knn.LeaveOneOutAccuracy(cancellation);
        using torch.Tensor asked = FeatureExtractor.Extract(backbone, _test, resolution, _statistics, cancellation: cancellation);
        return knn.Accuracy(asked, _test.Labels, cancellation);
    }
}
