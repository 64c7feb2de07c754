using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>The part of the TurboJPEG 2 API that is used; TurboJPEG 3 still exports it.</summary>
internal static unsafe partial class TurboJpeg
{
    public const int PixelFormatRgb = 0;
    public const int PixelFormatCmyk = 11;
    public const int ColorSpaceCmyk = 3;
    public const int ColorSpaceYcck = 4;

    /// <summary>Refuses progressive files of more than 500 scans, which only serve to keep a decoder busy.</summary>
    public const int FlagLimitScans = 32768;

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjInitDecompress")]
    public static partial nint InitDecompress();

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDestroy")]
    public static partial int Destroy(nint handle);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDecompressHeader3")]
    public static partial int DecompressHeader(
        TurboJpegHandle handle, byte* data, CULong size, out int width, out int height, out int subsampling, out int colorSpace);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjDecompress2")]
    public static partial int Decompress(
        TurboJpegHandle handle, byte* data, CULong size, byte* pixels, int width, int pitch, int height, int pixelFormat, int flags);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjGetScalingFactors")]
    public static partial ScalingFactor* GetScalingFactors(out int count);

    [LibraryImport(NativeLibraries.TurboJpeg, EntryPoint = "tjGetErrorStr2")]
    public static partial nint GetErrorText(TurboJpegHandle handle);

    [StructLayout(LayoutKind.Sequential)]
    internal struct ScalingFactor
    {
        public int Numerator;
        public int Denominator;

        /// <summary>A side of the picture at this scale, rounded up as the decoder rounds.</summary>
        public readonly int Apply(int side) => (int)((((long)side * Numerator) + Denominator - 1) / Denominator);
    }
}
