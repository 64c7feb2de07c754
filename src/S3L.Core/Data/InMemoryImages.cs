namespace S3L.Core.Data;

/// <summary>Pictures that the application already holds.</summary>
public sealed class InMemoryImages : IImageDataset
{
    private readonly RgbImage[] _images;
    private readonly int[]? _labels;

    /// <summary>Makes a data set of the given pictures; both lists are copied, the pictures are not.</summary>
    /// <param name="images">At least one picture.</param>
    /// <param name="labels">One label per picture, each 0 or above; absent for an unlabelled set.</param>
    /// <param name="classNames">
    /// Name of each label, longer than the largest label; without it the labels' own digits are the names. Only together with
    /// <paramref name="labels"/>.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="images"/> is null.</exception>
    /// <exception cref="ArgumentException">There are no pictures, one is null, or labels or names do not fit.</exception>
    public InMemoryImages(IReadOnlyList<RgbImage> images, IReadOnlyList<int>? labels = null, IReadOnlyList<string>? classNames = null)
    {
        ArgumentNullException.ThrowIfNull(images);
        if (images.Count == 0)
            throw new ArgumentException("images must hold at least one picture, but is empty.", nameof(images));
        _images = [.. images];
        int missing = Array.IndexOf(_images, null);
        if (missing >= 0)
            throw new ArgumentException($"images must not hold null, but does at index {missing}.", nameof(images));
        if (labels is null)
        {
            if (classNames is { Count: > 0 })
                throw new ArgumentException(
                    $"classNames must be absent where labels are, but holds {classNames.Count} names.", nameof(classNames));
            ClassNames = [];
            return;
        }
        _labels = [.. labels];
        ClassNames = CheckLabels(_images.Length, _labels, classNames);
    }

    /// <inheritdoc/>
    public int Count => _images.Length;

    /// <inheritdoc/>
    public IReadOnlyList<string> ClassNames { get; }

    /// <inheritdoc/>
    public int GetLabel(int index)
    {
        CheckIndex(index);
        return _labels is null
            ? throw new InvalidOperationException("These pictures have no labels: none were given to InMemoryImages.")
            : _labels[index];
    }

    /// <inheritdoc/>
    public string GetName(int index)
    {
        CheckIndex(index);
        return $"picture {index}";
    }

    /// <inheritdoc/>
    public RgbImage Load(int index, int minimumSide = 0)
    {
        CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSide);
        return _images[index];
    }

    private static string[] CheckLabels(int count, int[] labels, IReadOnlyList<string>? classNames)
    {
        if (labels.Length != count)
            throw new ArgumentException(
                $"labels must hold one label for each of {count} pictures, but holds {labels.Length}.", nameof(labels));
        int smallest = labels.Min(), largest = labels.Max();
        if (smallest < 0)
            throw new ArgumentException($"labels must be 0 or above, but one is {smallest}.", nameof(labels));
        if (classNames is null)
            return [.. Enumerable.Range(0, largest + 1).Select(label => $"{label}")];
        if (classNames.Count <= largest)
            throw new ArgumentException(
                $"classNames must name every label up to {largest}, so hold at least {largest + 1}, but holds {classNames.Count}.",
                nameof(classNames));
        return [.. classNames];
    }

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _images.Length);
    }
}
