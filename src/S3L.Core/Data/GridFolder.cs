using System.Diagnostics;
using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>
/// The cache file of some pictures in a folder: found complete, or made under a lock. A second process that wants the same file waits for the
/// first and then takes its file.
/// </summary>
internal sealed class GridFolder
{
    private const string Extension = ".s3lgrids";

    private static readonly TimeSpan BetweenTries = TimeSpan.FromSeconds(0.1);

    private readonly IImageDataset _images;
    private readonly ImageCacheOptions _options;
    private readonly int _resolution;
    private readonly byte[] _key;

    /// <exception cref="ArgumentException">The data set has no identity.</exception>
    internal GridFolder(IImageDataset images, int resolution, ImageCacheOptions options)
    {
        string identity = images.Identity ?? throw new ArgumentException(
            $"images must have an Identity to be kept in options.Folder, but {images.GetType().Name} has none. " +
            "Leave Folder null to keep the pictures in the main memory.", nameof(images));
        (_images, _options, _resolution) = (images, options, resolution);
        using var hash = new ContentHash();
        _key = hash.Add(GridFileHeader.Version).Add(identity).Add(images.Count)
            .Add(options.GridSize ?? -1).Add(options.GridSize is null ? resolution : -1).Add(LowestResolution).ToBytes();
        File = Path.Combine(Path.GetFullPath(options.Folder!), Convert.ToHexStringLower(_key.AsSpan(0, 12)) + Extension);
    }

    internal string File { get; }

    private string Part => File + ".part";

    private int LowestResolution => _options.LowestResolution ?? _resolution;

    /// <summary>Opens the file, or makes it first, or what it lacks.</summary>
    /// <returns>The grids, how many pictures were decoded, and why a file that was there was not used, if so.</returns>
    internal (MappedGrids Grids, int Decoded, string? RebuiltBecause) Open(IProgress<ImageCacheProgress>? progress, CancellationToken cancellation)
    {
        if (TryTake(out _, cancellation) is { } grids) return (grids, 0, null);
        Directory.CreateDirectory(Path.GetDirectoryName(File)!);
        using FileStream held = Lock(progress, cancellation);
        // Another process may have made it meanwhile.
        if (TryTake(out string? reason, cancellation) is { } made) return (made, 0, null);
        // Where a file lacks pictures, its making goes on.
        if (reason is null && System.IO.File.Exists(File)) System.IO.File.Move(File, Part, overwrite: true);
        int decoded = Build(progress, cancellation);
        return (MappedGrids.Open(File, _key, _images.Count), decoded, reason);
    }

    /// <summary>Opens the file where it is complete, unless it lacks a picture that can be read by now.</summary>
    private MappedGrids? TryTake(out string? reason, CancellationToken cancellation)
    {
        if (TryOpen(out reason) is not { } grids) return null;
        try
        {
            if (!grids.Skipped.Any(row => row.IsTransient && IsReadable(row.Index, grids.LevelSizes[0], cancellation))) return grids;
        }
        catch
        {
            grids.Dispose();
            throw;
        }

        grids.Dispose();
        return IsWritable() ? null : TryOpen(out reason);
    }

    private bool IsReadable(int picture, int gridSize, CancellationToken cancellation)
    {
        // On a share that hangs each picture takes long to fail.
        cancellation.ThrowIfCancellationRequested();
        try
        {
            _images.Load(picture, gridSize);
            return true;
        }
        catch (UnreadableImageException)
        {
            return false;
        }
    }

    /// <summary>Not where it may only be read, nor on Windows while another process reads it: it is then used as it is.</summary>
    private bool IsWritable()
    {
        try
        {
            using SafeFileHandle file = System.IO.File.OpenHandle(File, FileMode.Open, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private MappedGrids? TryOpen(out string? reason)
    {
        reason = null;
        try
        {
            return MappedGrids.Open(File, _key, _images.Count);
        }
        catch (InvalidDataException e)
        {
            reason = $"'{File}' was made again: {e.Message}.";
            return null;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private int Build(IProgress<ImageCacheProgress>? progress, CancellationToken cancellation)
    {
        try
        {
            using GridPartFile part = GridPartFile.Open(Part, _key, _images.Count, () => new GridFileHeader(_key, _images.Count,
                _options.GridSize ?? ImageCache.GridSizeFor(_images, _resolution), LowestResolution));
            GridBuilder.Outcome outcome = GridBuilder.Fill(_images, part, _options.Threads ?? Environment.ProcessorCount, progress, cancellation);
            part.Complete(File, outcome.Skipped);
            return outcome.Decoded;
        }
        catch (ArgumentException e) when (e.ParamName == "images")
        {
            // No picture could be read, so there is nothing to go on with.
            System.IO.File.Delete(Part);
            throw;
        }
    }

    /// <summary>Waits until no other process holds the lock, which ends with its process however that ends.</summary>
    private FileStream Lock(IProgress<ImageCacheProgress>? progress, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        while (true)
        {
            if (LockFile.TryTake(File + ".lock") is { } taken) return taken;
            progress?.Report(new ImageCacheProgress(0, _images.Count, 0, Stopwatch.GetElapsedTime(started)) { IsWaiting = true });
            cancellation.WaitHandle.WaitOne(BetweenTries);
            cancellation.ThrowIfCancellationRequested();
        }
    }
}
