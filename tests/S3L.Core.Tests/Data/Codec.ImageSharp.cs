namespace S3L.Core.Tests.Data;

/// <summary>How far the decoder of this build may be from Pillow, in levels of 255, and what it says of damage: ImageSharp.</summary>
internal static class Codec
{
    /// <summary>It repeats chroma where libjpeg-turbo interpolates it, which is up to 14 levels at an edge.</summary>
    public const int JpegTolerance = 14;

    /// <summary>16 bits come down to 8 by rounding.</summary>
    public const int ReducedDepthTolerance = 1;

    /// <summary>Lossy WebP is defined to the bit except for the chroma interpolation.</summary>
    public const int LossyWebPTolerance = 1;

    /// <summary>Of a JPEG whose header gives 99 bits.</summary>
    public const string WrongPrecision = "^ImageSharp says \".+\"$";

    /// <summary>Of a PNG that was cut off, or has a wrong checksum.</summary>
    public const string DamagedPng = "^(ImageSharp says \".+\"|the PNG data is truncated or damaged, no end chunk was found)$";

    /// <summary>Of a WebP that was cut off.</summary>
    public const string TruncatedWebP = "^the WebP data is truncated or damaged$";
}
