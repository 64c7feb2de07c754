namespace S3L.Core.Tests.Data;

/// <summary>How far the decoder of this build may be from Pillow, in levels of 255, and what it says of damage: the system's C libraries.</summary>
internal static class Codec
{
    /// <summary>Other builds and versions of libjpeg may round the inverse transform and the chroma interpolation otherwise.</summary>
    public const int JpegTolerance = 2;

    /// <summary>16 bits come down to 8 by rounding, or in older versions of libpng by an approximation of it.</summary>
    public const int ReducedDepthTolerance = 1;

    /// <summary>Lossy WebP is defined to the bit except for the chroma interpolation.</summary>
    public const int LossyWebPTolerance = 1;

    /// <summary>Of a JPEG whose header gives 99 bits.</summary>
    public const string WrongPrecision = "^libjpeg-turbo says \"Unsupported JPEG data precision 99\"$";

    /// <summary>Of a PNG that was cut off, or has a wrong checksum.</summary>
    public const string DamagedPng = "^libpng says \".+\"$";

    /// <summary>Of a WebP that was cut off.</summary>
    public const string TruncatedWebP = "^(libwebp says \"[a-z ]+\"|the WebP data is truncated or damaged)$";
}
