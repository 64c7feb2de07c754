using S3L.Core.Data;

namespace Pretrain;

/// <summary>The pictures to train on and those to test with, decoded.</summary>
internal sealed class PictureSets : IDisposable
{
    private PictureSets(ImageCache train, ImageCache? test, double seconds)
    {
        Train = train;
        Test = test;
        Seconds = seconds;
    }

    public ImageCache Train { get; }

    public ImageCache? Test { get; }

    /// <summary>Time for reading and decoding.</summary>
    public double Seconds { get; }

    public static PictureSets Open(PretrainOptions options, Display display, CancellationToken cancellation)
    {
        long start = System.Diagnostics.Stopwatch.GetTimestamp();
        int resolution = options.Resolutions.HighestResolution;
        IImageDataset source = Source(options, options.Train, training: true);
        if (source.ClassNames.Count == 0)
        {
            if (options.Test is not null) throw new ArgumentException("--test needs labelled pictures: one folder per class.");
            Display.Say("The pictures have no labels (no folder per class), so there will be no kNN accuracy.");
        }

        ImageCache train = Decode(source, options.Limit, resolution, "training", options, display, cancellation);

        bool hasTest = options.Test is not null || options.Data == "synthetic";
        ImageCache? test = hasTest ? Decode(Source(options, options.Test, training: false), null, resolution, "test", options, display,
            cancellation) : null;
        return new PictureSets(train, test, System.Diagnostics.Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    public void Dispose()
    {
        Train.Dispose();
        Test?.Dispose();
    }

    private static IImageDataset Source(PretrainOptions options, string? part, bool training) => options.Data == "synthetic"
        ? new SyntheticImages(new SyntheticImagesOptions { Count = training ? 3000 : 1000, Seed = training ? 0 : 1 })
        : ImageDataset.Open(options.Data, part);

    private static ImageCache Decode(IImageDataset source, int? limit, int resolution, string name, PretrainOptions options, Display display,
        CancellationToken cancellation)
    {
        using IDisposable? owned = source as IDisposable;
        IImageDataset images = limit is { } count && count < source.Count ? ImageSubset.Sample(source, count, options.Seed) : source;
        var where = new ImageCacheOptions
        {
            Folder = options.Cache,
            Threads = options.Threads,
            LowestResolution = options.Resolutions.Min(s => s.Resolution),
        };
        // Finer by 8/7, as kNN looks at the middle of pictures resized to that.
        ImageCache cache = display.Decode(name, images.Count, progress =>
            ImageCache.Open(images, Math.Max(resolution, (resolution * 8 / 7) + 1), where, progress, cancellation));
        if (cache.RebuiltBecause is { } reason) Display.Say(reason);
        foreach (SkippedImage skipped in cache.Skipped.Take(10)) Display.Say($"Skipped {skipped.Name}: {skipped.Reason}");
        if (cache.Skipped.Count > 10) Display.Say($"… and {cache.Skipped.Count - 10} more");
        return cache;
    }
}
