using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>The part of libwebp's decoding API that is used.</summary>
internal static unsafe partial class LibWebP
{
    /// <summary>WEBP_DECODER_ABI_VERSION; the library compares the upper byte only.</summary>
    public const int DecoderAbiVersion = 0x0208;

    // WebPGetFeatures itself is an inline function of the header.
    [LibraryImport(NativeLibraries.WebP, EntryPoint = "WebPGetFeaturesInternal")]
    public static partial int GetFeatures(byte* data, nuint size, Features* features, int version);

    [LibraryImport(NativeLibraries.WebP, EntryPoint = "WebPDecodeRGBInto")]
    public static partial nint DecodeRgbInto(byte* data, nuint size, byte* pixels, nuint pixelBytes, int stride);

    [LibraryImport(NativeLibraries.WebP, EntryPoint = "WebPDecodeRGBAInto")]
    public static partial nint DecodeRgbaInto(byte* data, nuint size, byte* pixels, nuint pixelBytes, int stride);

    /// <summary>WebPBitstreamFeatures.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Features
    {
        public int Width;
        public int Height;
        public int HasAlpha;
        public int HasAnimation;
        public int Format;
        public fixed uint Padding[5];
    }
}
