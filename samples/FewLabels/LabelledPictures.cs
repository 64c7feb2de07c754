using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;

namespace FewLabels;

/// <summary>The few pictures to learn from and those held out to test with, with their features.</summary>
internal sealed class LabelledPictures : IDisposable
{
    private LabelledPictures(ImageCache images, torch.Tensor features)
    {
        Images = images;
        Features = features;
    }

    public ImageCache Images { get; }

    public torch.Tensor Features { get; }

    /// <summary>A fifth is held out before labels are counted, so that no picture is on both sides.</summary>
    public static (IImageDataset Few, IImageDataset Test) Split(string data, double labels, int seed)
    {
        IImageDataset all = data == "synthetic" ? new SyntheticImages(new SyntheticImagesOptions { Count = 1000 }) : ImageDataset.Open(data);
        if (all.ClassNames.Count < 2) throw new ArgumentException("--data must hold one folder per class, of two classes at least.");
        (ImageSubset first, ImageSubset test) = ImageSubset.Split(all, 0.2, seed);
        return (ImageSubset.SampleFractionPerClass(first, labels, seed), test);
    }

    public static LabelledPictures Read(IImageDataset pictures, IBackbone network, int resolution, ColorStatistics statistics,
        CancellationToken cancellation)
    {
        ImageCache images = ImageCache.Open(pictures, resolution, cancellation: cancellation);
        return new LabelledPictures(images,
            FeatureExtractor.Extract(network, images, resolution, statistics, cancellation: cancellation));
    }

    public void Dispose()
    {
        Features.Dispose();
        Images.Dispose();
    }
}
