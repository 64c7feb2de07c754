using System.Buffers;

namespace S3L.Core.Data;

/// <summary>WebP, lossy and lossless, through libwebp.</summary>
internal static unsafe class WebPDecoder
{
    // VP8StatusCode, by number.
    private static readonly string[] s_statuses =
    [
        "ok", "out of memory", "invalid parameter", "bitstream error", "unsupported feature", "suspended", "user abort", "not enough data",
    ];

    public static RgbImage Decode(ReadOnlySpan<byte> data)
    {
        NativeLibraries.Require(NativeLibraries.WebP);
        fixed (byte* start = data)
        {
            LibWebP.Features features;
            int status = LibWebP.GetFeatures(start, (nuint)data.Length, &features, LibWebP.DecoderAbiVersion);
            if (status != 0)
                throw new UnreadableImageException(
                    null, $"libwebp says \"{(status > 0 && status < s_statuses.Length ? s_statuses[status] : $"status {status}")}\"");
            if (features.HasAnimation != 0)
                throw new UnreadableImageException(null, "it is an animation");
            PictureFormats.CheckSize(features.Width, features.Height);
            byte[] pixels = features.HasAlpha != 0
                ? DecodeWithAlpha(start, data.Length, features.Width, features.Height)
                : DecodeOpaque(start, data.Length, features.Width, features.Height);
            return UprightPixels.Turn(
                pixels, features.Width, features.Height, WebPChunks.ReadOrientation(data), features.Width, features.Height);
        }
    }

    private static byte[] DecodeOpaque(byte* start, int length, int width, int height)
    {
        byte[] rgb = GC.AllocateUninitializedArray<byte>(width * height * 3);
        fixed (byte* target = rgb)
            Check(LibWebP.DecodeRgbInto(start, (nuint)length, target, (nuint)rgb.Length, width * 3));
        return rgb;
    }

    private static byte[] DecodeWithAlpha(byte* start, int length, int width, int height)
    {
        int bytes = width * height * 4;
        byte[] rgba = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            fixed (byte* target = rgba)
                Check(LibWebP.DecodeRgbaInto(start, (nuint)length, target, (nuint)bytes, width * 4));
            byte[] rgb = GC.AllocateUninitializedArray<byte>(width * height * 3);
            UprightPixels.OverWhite(rgba.AsSpan(0, bytes), rgb);
            return rgb;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static void Check(nint result)
    {
        if (result == 0)
            throw new UnreadableImageException(null, "the WebP data is truncated or damaged");
    }
}
