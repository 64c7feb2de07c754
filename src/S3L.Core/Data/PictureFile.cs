namespace S3L.Core.Data;

/// <summary>Decodes a single picture file that the application has in memory.</summary>
public static class PictureFile
{
    /// <summary>Turns the bytes of a JPEG, PNG or WebP file into upright RGB.</summary>
    /// <param name="data">The whole file.</param>
    /// <param name="minimumSide">
    /// In pixels. Above 0, the picture may be decoded at a reduced scale as long as its shorter decoded side stays at least this long; 0 asks
    /// for every pixel.
    /// </param>
    /// <exception cref="UnreadableImageException">The bytes are damaged, truncated or of an unknown format.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="minimumSide"/> is negative.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> data, int minimumSide = 0) =>
        CurrentImageDecoder.Instance.Decode(data, Guard.AtLeast(minimumSide, 0, nameof(minimumSide)));
}
