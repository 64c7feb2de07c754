using S3L.Core.Engine;

namespace S3L.Core.Data;

/// <summary>
/// The pictures of a data set, decoded once: each resized (antialiased) to a square grid, its true width and height remembered, so that
/// a box in the picture is a box in the grid and no border is lost. They are kept in memory or in a file that is mapped into it.
/// </summary>
public sealed class ImageCache : IDisposable
{
    // Where the engine cannot tell what is free on a GPU.
    private const long BytesOfUnknownDevice = 8L << 30;

    private readonly int[] _kept;
    private readonly (int Width, int Height)[] _sizes;
    private readonly long? _deviceBytes;
    private GridStore _grids;

    private ImageCache(IImageDataset images, GridStore grids, Func<int, (int Width, int Height)> sizeOf, IReadOnlyList<UnreadableRow> skipped,
        long? deviceBytes)
    {
        (_grids, _deviceBytes) = (grids, deviceBytes);
        var missing = skipped.Select(s => s.Index).ToHashSet();
        _kept = [.. Enumerable.Range(0, images.Count).Where(i => !missing.Contains(i))];
        _sizes = [.. _kept.Select(sizeOf)];
        Labels = images.ClassNames.Count == 0 ? [] : [.. _kept.Select(images.GetLabel)];
        ClassNames = images.ClassNames;
        Skipped = [.. skipped.Select(s => new SkippedImage(images.GetName(s.Index), s.Reason))];
    }

    /// <summary>M: pictures that could be read.</summary>
    public int Count => _kept.Length;

    /// <summary>G: height and width of the finest grid, in cells.</summary>
    public int GridSize => LevelSizes[0];

    /// <summary>Height and width of the grid at each level, finest first; see <see cref="GridLevels"/>.</summary>
    public IReadOnlyList<int> LevelSizes => _grids.LevelSizes;

    /// <summary>Name of each class, by label. Empty where the pictures are unlabelled.</summary>
    public IReadOnlyList<string> ClassNames { get; }

    /// <summary>The label of each picture. Empty where they are unlabelled.</summary>
    public IReadOnlyList<int> Labels { get; }

    /// <summary>Pictures that could not be read, with the reasons.</summary>
    public IReadOnlyList<SkippedImage> Skipped { get; }

    /// <summary>The file that holds the grids; null where they are in memory alone.</summary>
    public string? File { get; private init; }

    /// <summary>Pictures that were decoded to open this: none where the file that was there lacked none that can be read.</summary>
    public int DecodedCount { get; private init; }

    /// <summary>Why a file that was there was of no use and made again; null where that did not happen.</summary>
    public string? RebuiltBecause { get; private init; }

    /// <summary>Decodes and resizes all pictures of a data set on several threads into the main memory.</summary>
    /// <param name="images">The data set.</param>
    /// <param name="gridSize">G: height and width of the grid, kept at this size alone; <see cref="GridSizeFor"/> gives one that fits.</param>
    /// <param name="threads">Threads that decode; at least 1.</param>
    /// <param name="progress">Told now and then how many pictures are done.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="ArgumentException">The data set has no picture that can be read, or more than the memory holds.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static ImageCache Build(IImageDataset images, int gridSize, int threads, IProgress<ImageCacheProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        Guard.AtLeast(gridSize, 1, nameof(gridSize));
        Guard.AtLeast(threads, 1, nameof(threads));
        return Open(images, gridSize, new ImageCacheOptions { GridSize = gridSize, Threads = threads }, progress, cancellation);
    }

    /// <summary>Opens the file that holds these pictures, without reading any of them, or decodes them first.</summary>
    /// <remarks>
    /// A build that was interrupted goes on where it was, as does one that left out pictures whose bytes could not be got at
    /// (<see cref="UnreadableImageException.IsTransient"/>), once one of these can be read. A file takes its name only when it is complete on
    /// the disk; one that is damaged is made again. Where another process makes the same file, this one waits for it; file systems without locks
    /// are not for several processes.
    /// Files are found by <see cref="IImageDataset.Identity"/>, grid and lowest resolution.
    /// </remarks>
    /// <param name="images">The data set.</param>
    /// <param name="resolution">The highest resolution of the views, in pixels; at least 1.</param>
    /// <param name="options">Where and how they are kept; in the main memory when absent.</param>
    /// <param name="progress">Told now and then how far it is. Not called where a complete file is there.</param>
    /// <param name="cancellation">Stops the work.</param>
    /// <exception cref="ArgumentException">
    /// The data set has no picture that can be read; or <see cref="ImageCacheOptions.Folder"/> is given and it has no identity; or none is
    /// given and it has more pictures than the memory holds.
    /// </exception>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder may not be written to.</exception>
    /// <exception cref="OperationCanceledException">The work was stopped.</exception>
    public static ImageCache Open(IImageDataset images, int resolution, ImageCacheOptions? options = null,
        IProgress<ImageCacheProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        Guard.AtLeast(resolution, 1, nameof(resolution));
        options ??= new ImageCacheOptions();
        if (images.Count == 0) throw new ArgumentException("images must hold at least one picture, but holds none.", nameof(images));
        return options.Folder is null
            ? InMemory(images, resolution, options, progress, cancellation)
            : InFile(images, resolution, options, progress, cancellation);
    }

    /// <summary>
    /// The grid that loses nothing at a resolution: twice as fine, so that a crop of a quarter of the area still has a cell per pixel, but
    /// not finer than the longest side of some of the pictures.
    /// </summary>
    /// <param name="images">The data set; at most 64 of its pictures are looked at, evenly over it.</param>
    /// <param name="resolution">The highest resolution of the views, in pixels.</param>
    public static int GridSizeFor(IImageDataset images, int resolution)
    {
        ArgumentNullException.ThrowIfNull(images);
        Guard.AtLeast(resolution, 1, nameof(resolution));
        int longest = SampledSizes.Of(images, resolution).Select(s => Math.Max(s.Width, s.Height)).DefaultIfEmpty(1).Max();
        return Math.Min(2 * resolution, (longest + 7) / 8 * 8);
    }

    /// <summary>The picture's number in the data set that the cache was built from.</summary>
    public int IndexInDataset(int image) => _kept[image];

    /// <summary>True width and height of a picture, in pixels.</summary>
    public (int Width, int Height) SizeOf(int image) => _sizes[image];

    /// <summary>The grids of some pictures at the coarsest level that loses nothing at a resolution.</summary>
    /// <param name="pictures">N numbers of pictures, each from 0 to <see cref="Count"/> minus 1, in any order.</param>
    /// <param name="resolution">Height and width of the views that are made from them, in pixels; at least 1.</param>
    /// <param name="device">Where the result is wanted; where the grids are when absent.</param>
    /// <returns>[N, g, 3, g] bytes: rows of channels of columns, for <see cref="LevelSizes"/>' g. The caller's own.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is not that of a picture.</exception>
    /// <exception cref="InvalidDataException">The file was altered since it was written.</exception>
    public torch.Tensor Gather(ReadOnlySpan<int> pictures, int resolution, torch.Device? device = null)
    {
        var rows = new int[pictures.Length];
        for (int i = 0; i < rows.Length; i++) rows[i] = _kept[Guard.Within(pictures[i], 0, Count - 1, nameof(pictures))];
        torch.Tensor batch = _grids.Gather(GridLevels.Choose(LevelSizes, resolution), rows);
        return device is null ? batch : HostCopy.Move(batch, device);
    }

    /// <summary>
    /// Moves the grids to a device, where they stay. To a GPU they move only where they take at most half of what is free there, and
    /// <see cref="ImageCacheOptions.DeviceBytes"/> if that is set; where they take more, batches are copied one by one. Those of a file need not
    /// move to the CPU.
    /// </summary>
    public void MoveTo(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (HostCopy.AreSame(_grids.Device, device)) return;
        if (device.type != DeviceType.CPU)
        {
            long? half = EngineSeam.MemoryOf(device)?.Free / 2;
            if (_grids.Bytes > Math.Min(half ?? long.MaxValue, _deviceBytes ?? half ?? BytesOfUnknownDevice)) return;
        }

        TensorGrids moved = _grids.CopyTo(device);
        _grids.Dispose();
        _grids = moved;
    }

    /// <summary>Frees the grids. The file stays.</summary>
    public void Dispose() => _grids.Dispose();

    private static ImageCache InMemory(IImageDataset images, int resolution, ImageCacheOptions options, IProgress<ImageCacheProgress>? progress,
        CancellationToken cancellation)
    {
        int gridSize = options.GridSize ?? GridSizeFor(images, resolution);
        TensorGrids grids = NewGrids(images, GridLevels.Sizes(gridSize, options.LowestResolution ?? resolution));
        try
        {
            GridBuilder.Outcome outcome = GridBuilder.Fill(images, grids, options.Threads ?? Environment.ProcessorCount, progress, cancellation);
            return new ImageCache(images, grids, i => grids.PictureSizes[i], outcome.Skipped, options.DeviceBytes)
            {
                DecodedCount = outcome.Decoded,
            };
        }
        catch
        {
            grids.Dispose();
            throw;
        }
    }

    private static TensorGrids NewGrids(IImageDataset images, IReadOnlyList<int> levelSizes)
    {
        long bytes = GridStore.BytesOf(images.Count, levelSizes), available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        // Asked before: a system that promises more memory than it has ends the process when the last of it is written to.
        if (bytes > available) throw TooLarge(null);
        try
        {
            return new TensorGrids(images.Count, levelSizes, torch.CPU);
        }
        catch (Exception e) when (e is OutOfMemoryException || EngineSeam.IsOutOfMemory(e))
        {
            throw TooLarge(e);
        }

        ArgumentException TooLarge(Exception? error) => new(
            $"images must fit into the main memory, but the grids of {images.Count} pictures take {InGiB(bytes)} and this process has " +
            $"{InGiB(available)}. Keep them in a file: give TrainerOptions.CacheFolder, or ImageCacheOptions.Folder.", nameof(images), error);

        static string InGiB(long bytes) => FormattableString.Invariant($"{bytes / (double)(1L << 30):f1} GiB");
    }

    private static ImageCache InFile(IImageDataset images, int resolution, ImageCacheOptions options, IProgress<ImageCacheProgress>? progress,
        CancellationToken cancellation)
    {
        var folder = new GridFolder(images, resolution, options);
        (MappedGrids grids, int decoded, string? reason) = folder.Open(progress, cancellation);
        try
        {
            return new ImageCache(images, grids, grids.PictureSize, grids.Skipped, options.DeviceBytes)
            {
                File = folder.File,
                DecodedCount = decoded,
                RebuiltBecause = reason,
            };
        }
        catch
        {
            grids.Dispose();
            throw;
        }
    }
}
