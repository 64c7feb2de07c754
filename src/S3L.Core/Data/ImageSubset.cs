namespace S3L.Core.Data;

/// <summary>Some pictures of another data set, without copying any.</summary>
public sealed class ImageSubset : IImageDataset
{
    private readonly IImageDataset _source;
    private readonly int[] _indices;

    /// <summary>The pictures of the given numbers, in their order.</summary>
    /// <exception cref="ArgumentException">A number is not that of a picture.</exception>
    public ImageSubset(IImageDataset source, IReadOnlyList<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(indices);
        if (indices.Any(i => i < 0 || i >= source.Count))
        {
            throw new ArgumentException($"indices must be in [0, {source.Count - 1}], but holds {indices.First(i => i < 0 || i >= source.Count)}.",
                nameof(indices));
        }

        _source = source;
        _indices = [.. indices];
    }

    /// <inheritdoc/>
    public int Count => _indices.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames => _source.ClassNames;

    /// <summary>So many pictures, drawn at random without replacement. The same seed always draws the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1 or above the number of pictures.</exception>
    public static ImageSubset Sample(IImageDataset source, int count, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (count < 1 || count > source.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"count must be in [1, {source.Count}].");
        }

        int[] all = [.. Enumerable.Range(0, source.Count)];
        new CounterRandom(seed, -2).Shuffle(all.AsSpan());
        int[] chosen = all[..count];
        Array.Sort(chosen);
        return new ImageSubset(source, chosen);
    }

    /// <inheritdoc/>
    public int GetLabel(int index) => _source.GetLabel(Source(index));

    /// <inheritdoc/>
    public string GetName(int index) => _source.GetName(Source(index));

    /// <inheritdoc/>
    public RgbImage Load(int index, int minimumSide = 0) => _source.Load(Source(index), minimumSide);

    private int Source(int index) => (uint)index < (uint)_indices.Length
        ? _indices[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"index must be in [0, {_indices.Length - 1}].");
}
