namespace S3L.Core.Data;

/// <summary>
/// Labelled pictures drawn on the fly: a textured shape before clutter. The class, one of ten, is a pair of shape and texture. Colours,
/// position, scale, rotation, background, light and noise are drawn at random whatever the class.
/// </summary>
/// <remarks>
/// <para>Made for trying self-supervised learning without a download: features of a randomly initialised backbone follow the colours and
/// do badly, features that pretraining made indifferent to colour, position and scale do well.</para>
/// <para>Picture i depends on the seed and i alone, and has label i mod 10. No two runs differ; two kinds of processor may differ by a
/// level
/// where their arithmetic rounds differently.</para>
/// </remarks>
public sealed class SyntheticImages : IImageDataset
{
    private readonly SyntheticImagesOptions _options;

    /// <summary>Prepares the set; nothing is drawn yet.</summary>
    /// <param name="options">How many pictures of what size; the defaults of <see cref="SyntheticImagesOptions"/> when absent.</param>
    public SyntheticImages(SyntheticImagesOptions? options = null) => _options = options ?? new SyntheticImagesOptions();

    /// <inheritdoc/>
    public int Count => _options.Count;

    /// <summary>The ten classes, each named by its texture and its shape.</summary>
    public IReadOnlyList<string> ClassNames { get; } = [.. SyntheticScene.ClassNames];

    /// <summary>From the options and this version of the library.</summary>
    public string Identity => FormattableString.Invariant(
        $"synthetic {_options.Count} {_options.Size} {_options.Seed} by {typeof(SyntheticImages).Module.ModuleVersionId}");

    /// <summary>The label of a picture: its index modulo 10.</summary>
    /// <param name="index">Which picture, from 0 to <see cref="Count"/> minus 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not that of a picture.</exception>
    public int GetLabel(int index)
    {
        CheckIndex(index);
        return index % SyntheticScene.ClassNames.Length;
    }

    /// <inheritdoc/>
    public string GetName(int index)
    {
        CheckIndex(index);
        return $"synthetic {_options.Seed}/{index}";
    }

    /// <summary>Draws a picture, at full size always.</summary>
    /// <param name="index">Which picture, from 0 to <see cref="Count"/> minus 1.</param>
    /// <param name="minimumSide">Not used: nothing is saved by drawing at a reduced scale.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="index"/> is not that of a picture, or <paramref name="minimumSide"/> is negative.
    /// </exception>
    public RgbImage Load(int index, int minimumSide = 0)
    {
        CheckIndex(index);
        ArgumentOutOfRangeException.ThrowIfNegative(minimumSide);
        var random = new CounterRandom(_options.Seed, index);
        var scene = SyntheticScene.Draw(index % SyntheticScene.ClassNames.Length, ref random);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(_options.Size * _options.Size * 3);
        SyntheticRenderer.Render(scene, _options.Size, ref random, pixels);
        return new RgbImage(_options.Size, _options.Size, pixels);
    }

    private void CheckIndex(int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, _options.Count);
    }
}
