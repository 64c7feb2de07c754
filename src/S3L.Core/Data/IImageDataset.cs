namespace S3L.Core.Data;

/// <summary>A numbered set of pictures, with or without labels. Its content and order do not change while it is used.</summary>
public interface IImageDataset
{
    /// <summary>How many pictures there are; indices run from 0 to this minus 1.</summary>
    int Count { get; }

    /// <summary>Name of each class, by label. Empty where the pictures are unlabelled.</summary>
    IReadOnlyList<string> ClassNames { get; }

    /// <summary>
    /// A text that tells these pictures in this order from all others, found without decoding any: what their cache file is known by, for
    /// as long as it is the same. Labels need not be part of it. Null, the default, where there is none; such pictures are kept in memory only.
    /// </summary>
    string? Identity => null;

    /// <summary>The label of a picture: an index into <see cref="ClassNames"/>.</summary>
    /// <param name="index">Which picture, from 0 to <see cref="Count"/> minus 1.</param>
    /// <exception cref="InvalidOperationException">The pictures are unlabelled.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not that of a picture.</exception>
    int GetLabel(int index);

    /// <summary>What a person would call the picture: its path within the source. Meant for messages.</summary>
    /// <param name="index">Which picture, from 0 to <see cref="Count"/> minus 1.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="index"/> is not that of a picture.</exception>
    string GetName(int index);

    /// <summary>Reads and decodes a picture. Implementations allow calls from several threads at once.</summary>
    /// <param name="index">Which picture, from 0 to <see cref="Count"/> minus 1.</param>
    /// <param name="minimumSide">
    /// In pixels. Above 0, the picture may be decoded at a reduced scale as long as its shorter decoded side stays at least this
    /// long (a picture that is smaller already comes as it is). 0 asks for every pixel.
    /// </param>
    /// <exception cref="UnreadableImageException">
    /// The picture is damaged, truncated, of an unknown format, or cannot be read at all.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">
    /// <paramref name="index"/> is not that of a picture, or <paramref name="minimumSide"/> is negative.
    /// </exception>
    RgbImage Load(int index, int minimumSide = 0);
}
