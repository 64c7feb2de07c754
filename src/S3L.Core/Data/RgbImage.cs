namespace S3L.Core.Data;

/// <summary>An upright picture: 8-bit red, green and blue, interleaved, rows from top to bottom. Immutable.</summary>
public sealed class RgbImage
{
    /// <summary>Wraps pixels that are already decoded.</summary>
    /// <param name="width">Width in pixels, at least 1.</param>
    /// <param name="height">Height in pixels, at least 1.</param>
    /// <param name="pixels">Height × width × 3 bytes. The array is kept, not copied: do not write to it afterwards.</param>
    /// <param name="sourceWidth">
    /// Upright width of the stored picture, at least <paramref name="width"/>; <paramref name="width"/> when absent.
    /// </param>
    /// <param name="sourceHeight">
    /// Upright height of the stored picture, at least <paramref name="height"/>; <paramref name="height"/> when absent.
    /// </param>
    /// <exception cref="ArgumentNullException"><paramref name="pixels"/> is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A side is below 1, or a source side is below the decoded one.</exception>
    /// <exception cref="ArgumentException"><paramref name="pixels"/> does not hold height × width × 3 bytes.</exception>
    public RgbImage(int width, int height, byte[] pixels, int? sourceWidth = null, int? sourceHeight = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(pixels);
        if (pixels.Length != (long)width * height * 3)
            throw new ArgumentException(
                $"pixels must hold height × width × 3 = {height} × {width} × 3 = {(long)width * height * 3} bytes, "
                + $"but holds {pixels.Length}.",
                nameof(pixels));
        SourceWidth = sourceWidth ?? width;
        SourceHeight = sourceHeight ?? height;
        ArgumentOutOfRangeException.ThrowIfLessThan(SourceWidth, width, nameof(sourceWidth));
        ArgumentOutOfRangeException.ThrowIfLessThan(SourceHeight, height, nameof(sourceHeight));
        Width = width;
        Height = height;
        Pixels = pixels;
    }

    /// <summary>Width of <see cref="Pixels"/>, in pixels.</summary>
    public int Width { get; }

    /// <summary>Height of <see cref="Pixels"/>, in pixels.</summary>
    public int Height { get; }

    /// <summary>Height × width × 3 bytes: rows from top to bottom, pixels from left to right, red then green then blue.</summary>
    public ReadOnlyMemory<byte> Pixels { get; }

    /// <summary>Upright width of the stored picture. Above <see cref="Width"/> only where the decoder decoded at a reduced scale.</summary>
    public int SourceWidth { get; }

    /// <summary>
    /// Upright height of the stored picture. Above <see cref="Height"/> only where the decoder decoded at a reduced scale.
    /// </summary>
    public int SourceHeight { get; }
}
