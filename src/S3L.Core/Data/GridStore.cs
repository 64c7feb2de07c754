namespace S3L.Core.Data;

/// <summary>The grids of all pictures of a data set, by their numbers in it, at all levels.</summary>
internal abstract class GridStore(int count, IReadOnlyList<int> levelSizes) : IDisposable
{
    // Large enough to be fast, small beside any device's memory.
    private const int BlockBytes = 64 << 20;

    /// <summary>Rows, one per picture of the data set. That of an unreadable one holds nothing of meaning.</summary>
    internal int Count => count;

    /// <summary>Sizes of all levels, finest first.</summary>
    public IReadOnlyList<int> LevelSizes => levelSizes;

    /// <summary>Bytes of all levels together.</summary>
    internal long Bytes => BytesOf(count, levelSizes);

    /// <summary>Bytes of so many pictures at all of some levels.</summary>
    internal static long BytesOf(int count, IReadOnlyList<int> levelSizes) => levelSizes.Sum(size => (long)count * GridLevels.Bytes(size));

    /// <summary>Where <see cref="Gather"/> makes its tensors.</summary>
    internal abstract torch.Device Device { get; }

    /// <summary>A new tensor [N, g, 3, g] of bytes with the given rows of a level.</summary>
    internal abstract torch.Tensor Gather(int level, ReadOnlySpan<int> rows);

    /// <summary>A copy of everything on a device, made in blocks.</summary>
    internal TensorGrids CopyTo(torch.Device device)
    {
        var copy = new TensorGrids(count, levelSizes, device);
        try
        {
            for (int level = 0; level < levelSizes.Count; level++) CopyTo(copy, level);
            return copy;
        }
        catch
        {
            copy.Dispose();
            throw;
        }
    }

    public abstract void Dispose();

    private void CopyTo(TensorGrids copy, int level)
    {
        int rows = Math.Max(1, BlockBytes / GridLevels.Bytes(levelSizes[level]));
        for (int from = 0; from < count; from += rows)
        {
            using torch.Tensor block = Gather(level, [.. Enumerable.Range(from, Math.Min(rows, count - from))]);
            copy.Overwrite(level, from, block);
        }
    }
}
