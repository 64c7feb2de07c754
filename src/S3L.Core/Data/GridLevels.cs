namespace S3L.Core.Data;

/// <summary>The pyramid of a cache: a grid and its halves, each cell the mean of two by two of the level before.</summary>
public static class GridLevels
{
    /// <summary>Sizes of all levels, finest first: the grid is halved while it is even and its half still serves the lowest resolution.</summary>
    /// <param name="gridSize">G: height and width of the finest grid; at least 1.</param>
    /// <param name="lowestResolution">The lowest resolution of the views, in pixels; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is below 1.</exception>
    public static IReadOnlyList<int> Sizes(int gridSize, int lowestResolution)
    {
        Guard.AtLeast(gridSize, 1, nameof(gridSize));
        Guard.AtLeast(lowestResolution, 1, nameof(lowestResolution));
        List<int> sizes = [gridSize];
        // Half an odd grid would have cells that begin elsewhere in the picture.
        while (sizes[^1] % 2 == 0 && Serves(sizes[^1] / 2, lowestResolution)) sizes.Add(sizes[^1] / 2);
        return sizes;
    }

    /// <summary>
    /// The coarsest level that loses nothing at a resolution: twice as fine, so that a crop of a quarter of the area still has a cell per
    /// pixel. The finest where none is.
    /// </summary>
    /// <param name="sizes">Sizes of all levels, finest first.</param>
    /// <param name="resolution">Height and width of the views, in pixels; at least 1.</param>
    /// <returns>Number of the level, from 0.</returns>
    /// <exception cref="ArgumentException"><paramref name="sizes"/> is empty.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="resolution"/> is below 1.</exception>
    public static int Choose(IReadOnlyList<int> sizes, int resolution)
    {
        Guard.NotEmpty(sizes, nameof(sizes));
        Guard.AtLeast(resolution, 1, nameof(resolution));
        int level = sizes.Count - 1;
        while (level > 0 && !Serves(sizes[level], resolution)) level--;
        return level;
    }

    /// <summary>Bytes of one picture's grid.</summary>
    internal static int Bytes(int size) => checked(size * 3 * size);

    /// <summary>Means of two by two cells, halves rounded up.</summary>
    /// <param name="source">[size, 3, size] bytes.</param>
    /// <param name="size">Even.</param>
    /// <param name="target">[size / 2, 3, size / 2] bytes.</param>
    internal static void Halve(ReadOnlySpan<byte> source, int size, Span<byte> target)
    {
        int half = size / 2;
        for (int row = 0; row < half; row++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                ReadOnlySpan<byte> upper = source.Slice(((6 * row) + channel) * size, size);
                ReadOnlySpan<byte> lower = source.Slice(((6 * row) + 3 + channel) * size, size);
                Span<byte> means = target.Slice(((3 * row) + channel) * half, half);
                for (int x = 0; x < means.Length; x++)
                {
                    means[x] = (byte)((upper[2 * x] + upper[(2 * x) + 1] + lower[2 * x] + lower[(2 * x) + 1] + 2) >> 2);
                }
            }
        }
    }

    private static bool Serves(int size, int resolution) => size >= 2L * resolution;
}
