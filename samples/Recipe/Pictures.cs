using S3L.Core.Data;

namespace RecipeSample;

/// <summary>The pictures to learn from and those to test with.</summary>
internal static class Pictures
{
    internal static (IImageDataset Train, IImageDataset Test) Open(string data, string? train, string? test, int? limit)
    {
        if (data == "synthetic")
        {
            return (new SyntheticImages(new SyntheticImagesOptions { Count = limit ?? 3000 }),
                new SyntheticImages(new SyntheticImagesOptions { Count = 500, Seed = 1 }));
        }

        IImageDataset all = ImageDataset.Open(data, train);
        if (test is null && all.ClassNames.Count > 0)
        {
            (ImageSubset first, ImageSubset second) = ImageSubset.Split(all, 0.2);
            return (Limited(first, limit), second);
        }

        return (Limited(all, limit), ImageDataset.Open(data, test));
    }

    private static IImageDataset Limited(IImageDataset images, int? limit) =>
        limit is { } count && count < images.Count ? ImageSubset.SampleFractionPerClass(images, (double)count / images.Count) : images;
}
