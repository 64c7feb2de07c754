using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>libpng's simplified reading API.</summary>
internal static unsafe partial class LibPng
{
    public const uint ImageVersion = 1;
    public const uint FormatFlagAlpha = 1;
    public const uint FormatRgb = 2;
    public const uint FormatRgba = 3;

    /// <summary>Takes 16-bit files as sRGB; without it libpng takes them as linear light.</summary>
    public const uint Flag16BitSrgb = 4;

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_begin_read_from_memory")]
    public static partial int BeginReadFromMemory(Image* image, byte* data, nuint size);

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_finish_read")]
    public static partial int FinishRead(Image* image, void* background, byte* pixels, int rowStride, void* colorMap);

    [LibraryImport(NativeLibraries.Png, EntryPoint = "png_image_free")]
    public static partial void Free(Image* image);

    /// <summary>png_image.</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Image
    {
        public nint Opaque;
        public uint Version;
        public uint Width;
        public uint Height;
        public uint Format;
        public uint Flags;
        public uint ColorMapEntries;
        public uint WarningOrError;
        public fixed byte Message[64];
    }
}
