namespace S3L.Core.Data;

/// <summary>Some pictures of another data set, without copying any: S3L's small data (arXiv 2103.13559, section 3.3).</summary>
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

    /// <summary>From the source's and the numbers of the chosen pictures; null where the source has none.</summary>
    public string? Identity
    {
        get
        {
            if (_source.Identity is not { } source) return null;
            using ContentHash hash = new ContentHash().Add(source);
            foreach (int index in _indices) hash.Add(index);
            return $"subset {hash}";
        }
    }

    /// <summary>So many pictures, drawn at random without replacement. The same seed always draws the same.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1 or above the number of pictures.</exception>
    public static ImageSubset Sample(IImageDataset source, int count, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (count < 1 || count > source.Count)
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, $"count must be in [1, {source.Count}].");
        }

        return new ImageSubset(source, ClassSampling.Drawn([.. Enumerable.Range(0, source.Count)], count, seed, ClassSampling.WholeStream));
    }

    /// <summary>A share of all pictures, drawn at random without replacement; at least one.</summary>
    /// <param name="source">The pictures; need no labels.</param>
    /// <param name="fraction">In (0, 1].</param>
    /// <param name="seed">The same seed always draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is outside that range.</exception>
    public static ImageSubset SampleFraction(IImageDataset source, double fraction, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        ClassSampling.CheckFraction(fraction);
        return Sample(source, ClassSampling.CountOf(source.Count, fraction), seed);
    }

    /// <summary>So many pictures of each class, or all of a class that has fewer.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is below 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="source"/> has no labels.</exception>
    public static ImageSubset SamplePerClass(IImageDataset source, int count, int seed = 0)
    {
        Guard.AtLeast(count, 1, nameof(count));
        return PerClass(source, size => Math.Min(count, size), seed);
    }

    /// <summary>A share of each class, at least one picture of each: a few labels of every kind.</summary>
    /// <param name="source">Labelled pictures.</param>
    /// <param name="fraction">In (0, 1].</param>
    /// <param name="seed">The same seed always draws the same.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="fraction"/> is outside that range.</exception>
    /// <exception cref="ArgumentException"><paramref name="source"/> has no labels.</exception>
    public static ImageSubset SampleFractionPerClass(IImageDataset source, double fraction, int seed = 0)
    {
        ClassSampling.CheckFraction(fraction);
        return PerClass(source, size => ClassSampling.CountOf(size, fraction), seed);
    }

    /// <summary>So many classes drawn at random, and so many of their pictures altogether. Labels stay those of the source.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer classes, or they have fewer pictures.</exception>
    /// <exception cref="ArgumentException"><paramref name="source"/> has no labels.</exception>
    public static ImageSubset SampleClasses(IImageDataset source, int classes, int total, int seed = 0)
    {
        int[][] byClass = ByClass(source);
        int[] present = [.. Enumerable.Range(0, byClass.Length).Where(c => byClass[c].Length > 0)];
        Guard.Within(classes, 1, present.Length, nameof(classes));
        int[] pool = [.. ClassSampling.Drawn(present, classes, seed, ClassSampling.ChoiceStream).SelectMany(c => byClass[c])];
        Guard.Within(total, 1, pool.Length, nameof(total));
        return new ImageSubset(source, ClassSampling.Drawn(pool, total, seed, ClassSampling.WholeStream));
    }

    /// <summary>
    /// Two parts without a picture in common, each with the classes' shares of the whole: the first to learn from, the second to test with. A
    /// class of one picture goes to the first.
    /// </summary>
    /// <param name="source">Pictures; without labels they are split as one class.</param>
    /// <param name="secondFraction">Share of the second part, in (0, 1).</param>
    /// <param name="seed">The same seed always splits the same.</param>
    public static (ImageSubset First, ImageSubset Second) Split(IImageDataset source, double secondFraction, int seed = 0)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (!(secondFraction > 0 && secondFraction < 1))
        {
            throw new ArgumentOutOfRangeException(nameof(secondFraction), secondFraction, "secondFraction must be in (0, 1).");
        }

        int[][] groups = source.ClassNames.Count > 0 ? ByClass(source) : [[.. Enumerable.Range(0, source.Count)]];
        var second = new List<int>();
        for (int label = 0; label < groups.Length; label++)
        {
            int size = groups[label].Length;
            int count = size < 2 ? 0 : Math.Clamp((int)Math.Round(size * secondFraction), 1, size - 1);
            second.AddRange(ClassSampling.Drawn(groups[label], count, seed, ClassSampling.ClassStream, label));
        }

        second.Sort();
        var taken = second.ToHashSet();
        return (new ImageSubset(source, [.. Enumerable.Range(0, source.Count).Where(i => !taken.Contains(i))]), new ImageSubset(source, second));
    }

    /// <inheritdoc/>
    public int GetLabel(int index) => _source.GetLabel(IndexInSource(index));

    /// <inheritdoc/>
    public string GetName(int index) => _source.GetName(IndexInSource(index));

    /// <inheritdoc/>
    public RgbImage Load(int index, int minimumSide = 0) => _source.Load(IndexInSource(index), minimumSide);

    /// <summary>The picture's number in the data set that this is a part of.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not that of a picture.</exception>
    public int IndexInSource(int index) => (uint)index < (uint)_indices.Length
        ? _indices[index]
        : throw new ArgumentOutOfRangeException(nameof(index), index, $"index must be in [0, {_indices.Length - 1}].");

    private static ImageSubset PerClass(IImageDataset source, Func<int, int> countOf, int seed) =>
        new(source, ClassSampling.PerClass(ByClass(source), countOf, seed));

    private static int[][] ByClass(IImageDataset source)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (source.ClassNames.Count == 0) throw new ArgumentException("source must have labels, but has none.", nameof(source));
        return ClassSampling.ByClass(Enumerable.Range(0, source.Count).Select(source.GetLabel), source.ClassNames.Count);
    }
}
