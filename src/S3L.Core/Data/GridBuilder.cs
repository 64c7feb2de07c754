using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace S3L.Core.Data;

/// <summary>Decodes the pictures of a data set on several threads into grids of all levels.</summary>
internal static class GridBuilder
{
    /// <param name="Skipped">Pictures that could not be read, by number in the data set, rising.</param>
    /// <param name="Decoded">Pictures that were decoded now, not by an interrupted build.</param>
    internal sealed record Outcome(IReadOnlyList<UnreadableRow> Skipped, int Decoded);

    /// <exception cref="ArgumentException">No picture can be read.</exception>
    internal static Outcome Fill(IImageDataset images, IGridTarget target, int threads, IProgress<ImageCacheProgress>? progress,
        CancellationToken cancellation)
    {
        var skipped = new ConcurrentBag<UnreadableRow>();
        var meter = new BuildMeter(images.Count, progress);
        int bytes = checked(target.LevelSizes.Sum(GridLevels.Bytes));
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation };
        try
        {
            Parallel.For(0, images.Count, parallel, () => new byte[bytes], (picture, _, buffer) =>
            {
                bool isResumed = target.Has(picture, buffer);
                try
                {
                    if (!isResumed) Decode(images, picture, target, buffer);
                    meter.Advance(isResumed, isSkipped: false);
                }
                catch (UnreadableImageException e)
                {
                    skipped.Add(new UnreadableRow(picture, e.Reason, e.IsTransient));
                    meter.Advance(isResumed, isSkipped: true);
                }

                return buffer;
            }, _ => { });
        }
        catch (AggregateException e)
        {
            // One failure says enough, and as itself rather than wrapped.
            ExceptionDispatchInfo.Throw(e.InnerExceptions[0]);
        }

        meter.End();
        UnreadableRow[] left = [.. skipped.OrderBy(s => s.Index)];
        return left.Length < images.Count
            ? new Outcome(left, meter.Decoded)
            : throw new ArgumentException(
                $"images must hold at least one readable picture, but all {images.Count} failed; the first: " +
                $"Unreadable picture '{images.GetName(left[0].Index)}': {left[0].Reason}.", nameof(images));
    }

    private static void Decode(IImageDataset images, int picture, IGridTarget target, byte[] buffer)
    {
        IReadOnlyList<int> sizes = target.LevelSizes;
        // Decoded at a reduced scale only while each axis keeps a pixel per cell, so that the grid loses nothing by it.
        RgbImage image = images.Load(picture, sizes[0]);
        Span<byte> finer = buffer.AsSpan(0, GridLevels.Bytes(sizes[0]));
        AntialiasedResize.ToSquareGrid(image, sizes[0], finer);
        int end = finer.Length;
        for (int level = 1; level < sizes.Count; level++)
        {
            Span<byte> coarser = buffer.AsSpan(end, GridLevels.Bytes(sizes[level]));
            GridLevels.Halve(finer, sizes[level - 1], coarser);
            finer = coarser;
            end += coarser.Length;
        }

        target.Put(picture, image.SourceWidth, image.SourceHeight, buffer);
    }
}
