using System.Collections.Concurrent;
using System.Diagnostics;

namespace S3L.Core.Data;

/// <summary>
/// The pictures of a data set, decoded once: each resized (antialiased) to a square grid, its true width and height remembered, so that
/// a box in the picture is a box in the grid and no border is lost.
/// </summary>
public sealed class ImageCache : IDisposable
{
    private readonly int[] _kept;
    private readonly (int Width, int Height)[] _sizes;
    private readonly int[]? _labels;

    private ImageCache(torch.Tensor grids, int[] kept, (int Width, int Height)[] sizes, int[]? labels, IReadOnlyList<string> classNames,
        IReadOnlyList<SkippedImage> skipped)
    {
        Grids = grids;
        _kept = kept;
        _sizes = sizes;
        _labels = labels;
        ClassNames = classNames;
        Skipped = skipped;
    }

    /// <summary>M: pictures that could be read.</summary>
    public int Count => _kept.Length;

    /// <summary>G: height and width of the grid, in cells.</summary>
    public int GridSize => (int)Grids.size(1);

    /// <summary>[M, G, 3, G] bytes: rows of channels of columns.</summary>
    public torch.Tensor Grids { get; private set; }

    /// <summary>Name of each class, by label. Empty where the pictures are unlabelled.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>Pictures that could not be read, with the reasons.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>Decodes and resizes all pictures of a data set on several threads.</summary>
    /// <param name="images">The data set.</param>
    /// <param name="gridSize">G: height and width of the grid; <see cref="GridSizeFor"/> gives one that fits a resolution.</param>
    /// <param name="threads">Threads that decode; at least 1.</param>
    /// <param name="progress">Told now and then how many pictures are done.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="ArgumentException">The data set has no picture that can be read.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static ImageCache Build(IImageDataset images, int gridSize, int threads, IProgress<ImageCacheProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        Guard.AtLeast(gridSize, 1, nameof(gridSize));
        Guard.AtLeast(threads, 1, nameof(threads));
        if (images.Count == 0) throw new ArgumentException("images must hold at least one picture, but holds none.", nameof(images));

        var skipped = new ConcurrentBag<(int Index, string Reason)>();
        var sizes = new (int Width, int Height)[images.Count];
        torch.Tensor grids = torch.empty([images.Count, gridSize, 3, gridSize], torch.uint8).DetachFromDisposeScope();
        try
        {
            Decode(images, grids, sizes, skipped, gridSize, threads, progress, cancellation);
            return Assemble(images, grids, sizes, skipped);
        }
        catch
        {
            grids.Dispose();
            throw;
        }
    }

    /// <summary>
    /// The grid that loses nothing at a resolution: twice as fine, so that a crop of a quarter of the area still has a cell per pixel, but
    /// not finer than the longest side of the first pictures.
    /// </summary>
    /// <param name="images">The data set; at most 64 of its pictures are looked at.</param>
    /// <param name="resolution">The highest resolution of the views, in pixels.</param>
    public static int GridSizeFor(IImageDataset images, int resolution)
    {
        ArgumentNullException.ThrowIfNull(images);
        Guard.AtLeast(resolution, 1, nameof(resolution));
        int longest = 1;
        for (int i = 0; i < 64 && i < images.Count; i++)
        {
            try
            {
                RgbImage image = images.Load((int)((long)i * images.Count / Math.Min(64, images.Count)), resolution);
                longest = Math.Max(longest, Math.Max(image.SourceWidth, image.SourceHeight));
            }
            catch (UnreadableImageException)
            {
                // Counted when the cache is built.
            }
        }

        return Math.Min(2 * resolution, (longest + 7) / 8 * 8);
    }

    /// <summary>The picture's number in the data set that the cache was built from.</summary>
    public int IndexInDataset(int image) => _kept[image];

    /// <summary>True width and height of a picture, in pixels.</summary>
    public (int Width, int Height) SizeOf(int image) => _sizes[image];

    /// <summary>The label of a picture.</summary>
    /// <exception cref="InvalidOperationException">The pictures are unlabelled.</exception>
    public int LabelOf(int image) => (_labels ?? throw new InvalidOperationException("The pictures have no labels."))[image];

    /// <summary>Moves the grids to a device, where they stay.</summary>
    public void MoveTo(torch.Device device)
    {
        if (Grids.device_type == device.type) return;
        torch.Tensor moved = Grids.to(device).DetachFromDisposeScope();
        Grids.Dispose();
        Grids = moved;
    }

    /// <summary>Frees the grids.</summary>
    public void Dispose() => Grids.Dispose();

    private static void Decode(IImageDataset images, torch.Tensor grids, (int Width, int Height)[] sizes, ConcurrentBag<(int Index,
        string Reason)> skipped,
        int gridSize, int threads, IProgress<ImageCacheProgress>? progress, CancellationToken cancellation)
    {
        int done = 0;
        long started = Stopwatch.GetTimestamp();
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        Parallel.For(0, images.Count, parallel, i =>
        {
            using torch.Tensor grid = grids.select(0, i);
            try
            {
                RgbImage image = images.Load(i, gridSize);
                sizes[i] = (image.SourceWidth, image.SourceHeight);
                AntialiasedResize.ToSquareGrid(image, gridSize, grid.bytes);
            }
            catch (UnreadableImageException e)
            {
                skipped.Add((i, e.Message));
            }

            int now = Interlocked.Increment(ref done);
            if (now % 256 == 0 || now == images.Count)
            {
                progress?.Report(new ImageCacheProgress(now, images.Count, skipped.Count, Stopwatch.GetElapsedTime(started)));
            }
        });
    }

    private static ImageCache Assemble(IImageDataset images, torch.Tensor grids, (int Width, int Height)[] sizes, ConcurrentBag<(int Index,
        string Reason)> skipped)
    {
        SkippedImage[] left = [.. skipped.OrderBy(s => s.Index).Select(s => new SkippedImage(images.GetName(s.Index), s.Reason))];
        var missing = skipped.Select(s => s.Index).ToHashSet();
        int[] kept = [.. Enumerable.Range(0, images.Count).Where(i => !missing.Contains(i))];
        if (kept.Length == 0)
        {
            throw new ArgumentException(
                $"images must hold at least one readable picture, but all {images.Count} failed; the first: {left[0].Reason}", nameof(images));
        }

        // Rows of unreadable pictures hold no picture, so the rows behind them move up.
        for (int i = 0; i < kept.Length; i++)
        {
            if (kept[i] == i) continue;
            using torch.Tensor target = grids.select(0, i);
            using torch.Tensor source = grids.select(0, kept[i]);
            target.copy_(source);
        }

        torch.Tensor rows = grids;
        if (kept.Length < images.Count)
        {
            rows = grids.narrow(0, 0, kept.Length).DetachFromDisposeScope();
            grids.Dispose();
        }

        int[]? labels = images.ClassNames.Count == 0 ? null : [.. kept.Select(images.GetLabel)];
        return new ImageCache(rows, kept, [.. kept.Select(k => sizes[k])], labels, images.ClassNames, left);
    }
}
