using System.Buffers;
using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>PNG through libpng: every bit depth and colour type as 8-bit sRGB.</summary>
internal static unsafe class PngDecoder
{
    public static RgbImage Decode(ReadOnlySpan<byte> data)
    {
        var chunks = PngChunks.Read(data);
        if (chunks.Frames > 1)
            throw new UnreadableImageException(null, $"it is an animation of {chunks.Frames} frames");
        NativeLibraries.Require(NativeLibraries.Png);
        LibPng.Image image = new() { Version = LibPng.ImageVersion };
        try
        {
            fixed (byte* start = data)
            {
                Check(&image, LibPng.BeginReadFromMemory(&image, start, (nuint)data.Length));
                PictureFormats.CheckSize(image.Width, image.Height);
                return UprightPixels.Turn(
                    ReadPixels(&image), (int)image.Width, (int)image.Height, chunks.Orientation, (int)image.Width, (int)image.Height);
            }
        }
        finally
        {
            LibPng.Free(&image);
        }
    }

    private static byte[] ReadPixels(LibPng.Image* image)
    {
        int count = (int)(image->Width * image->Height);
        byte[] rgb = GC.AllocateUninitializedArray<byte>(count * 3);
        image->Flags |= LibPng.Flag16BitSrgb;
        if ((image->Format & LibPng.FormatFlagAlpha) == 0)
        {
            image->Format = LibPng.FormatRgb;
            fixed (byte* target = rgb)
                Check(image, LibPng.FinishRead(image, null, target, 0, null));
            return rgb;
        }
        image->Format = LibPng.FormatRgba;
        byte[] rgba = ArrayPool<byte>.Shared.Rent(count * 4);
        try
        {
            fixed (byte* target = rgba)
                Check(image, LibPng.FinishRead(image, null, target, 0, null));
            UprightPixels.OverWhite(rgba.AsSpan(0, count * 4), rgb);
            return rgb;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static void Check(LibPng.Image* image, int status)
    {
        if (status == 0)
            throw new UnreadableImageException(null, $"libpng says \"{Marshal.PtrToStringUTF8((nint)image->Message)}\"");
    }
}
