namespace S3L.Core.Data;

/// <summary>The last steps of decoding, the same for every format: background under transparency, CMYK to RGB, turning upright.</summary>
internal static class UprightPixels
{
    /// <summary>Turns stored RGB pixels upright.</summary>
    /// <param name="pixels">Height × width × 3 bytes as stored; kept where the picture is upright already.</param>
    /// <param name="width">Stored width of <paramref name="pixels"/>.</param>
    /// <param name="height">Stored height of <paramref name="pixels"/>.</param>
    /// <param name="orientation">EXIF orientation, 1 to 8.</param>
    /// <param name="sourceWidth">Stored width of the picture at full scale.</param>
    /// <param name="sourceHeight">Stored height of the picture at full scale.</param>
    public static RgbImage Turn(byte[] pixels, int width, int height, int orientation, int sourceWidth, int sourceHeight)
    {
        if (orientation == 1)
            return new RgbImage(width, height, pixels, sourceWidth, sourceHeight);

        // Where the upright picture's first pixel is stored, and how far apart its neighbours to the right and below are.
        int right = width - 1, bottom = (height - 1) * width;
        (int start, int stepX, int stepY) = orientation switch
        {
            2 => (right, -1, width),
            3 => (right + bottom, -1, -width),
            4 => (bottom, 1, -width),
            5 => (0, width, 1),
            6 => (bottom, -width, 1),
            7 => (right + bottom, -width, -1),
            8 => (right, width, -1),
            _ => throw new ArgumentOutOfRangeException(nameof(orientation), orientation, "orientation must be from 1 to 8."),
        };
        bool swaps = orientation >= 5;
        (int uprightWidth, int uprightHeight) = swaps ? (height, width) : (width, height);
        byte[] upright = GC.AllocateUninitializedArray<byte>(pixels.Length);
        int target = 0;
        for (int y = 0; y < uprightHeight; y++)
        {
            int source = (start + (y * stepY)) * 3;
            for (int x = 0; x < uprightWidth; x++, source += stepX * 3, target += 3)
            {
                upright[target] = pixels[source];
                upright[target + 1] = pixels[source + 1];
                upright[target + 2] = pixels[source + 2];
            }
        }
        return swaps
            ? new RgbImage(uprightWidth, uprightHeight, upright, sourceHeight, sourceWidth)
            : new RgbImage(uprightWidth, uprightHeight, upright, sourceWidth, sourceHeight);
    }

    /// <summary>Lays pixels with straight alpha over white, without regard to gamma, as browsers do.</summary>
    /// <param name="rgba">Pixels of 4 bytes; alpha 255 is opaque.</param>
    /// <param name="rgb">As many pixels of 3 bytes.</param>
    public static void OverWhite(ReadOnlySpan<byte> rgba, Span<byte> rgb)
    {
        for (int source = 0, target = 0; target < rgb.Length; source += 4, target += 3)
        {
            int alpha = rgba[source + 3], white = (255 * (255 - alpha)) + 127;
            rgb[target] = (byte)(((rgba[source] * alpha) + white) / 255);
            rgb[target + 1] = (byte)(((rgba[source + 1] * alpha) + white) / 255);
            rgb[target + 2] = (byte)(((rgba[source + 2] * alpha) + white) / 255);
        }
    }

    /// <summary>Converts CMYK without a colour profile: each of R, G, B is (1 - ink) × (1 - black), with Pillow's rounding.</summary>
    /// <param name="cmyk">Pixels of 4 bytes; 255 is full ink, or no ink where <paramref name="inverted"/>.</param>
    /// <param name="inverted">Whether the values are stored inverted, as Adobe's programs do.</param>
    /// <param name="rgb">As many pixels of 3 bytes.</param>
    public static void FromCmyk(ReadOnlySpan<byte> cmyk, bool inverted, Span<byte> rgb)
    {
        int flip = inverted ? 0xFF : 0;
        for (int source = 0, target = 0; target < rgb.Length; source += 4, target += 3)
        {
            int light = 255 - (cmyk[source + 3] ^ flip);
            for (int channel = 0; channel < 3; channel++)
                rgb[target + channel] = (byte)Math.Max(0, light - MultiplyLevels(cmyk[source + channel] ^ flip, light));
        }
    }

    private static int MultiplyLevels(int a, int b)
    {
        int product = (a * b) + 128;
        return ((product >> 8) + product) >> 8;
    }
}
