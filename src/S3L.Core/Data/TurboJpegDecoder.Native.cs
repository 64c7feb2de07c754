using System.Buffers;
using System.Runtime.InteropServices;

namespace S3L.Core.Data;

/// <summary>JPEG through libjpeg-turbo, at a reduced scale where that is allowed.</summary>
internal static unsafe class TurboJpegDecoder
{
    // How libjpeg's warnings begin (jerror.h).
    private static readonly string[] s_warnings =
    [
        "Corrupt JPEG data: ",
        "Inconsistent progression sequence",
        "Invalid SOS parameters for sequential JPEG",
        "Unknown Adobe color transform code",
        "Warning: unknown JFIF revision number",
    ];

    public static RgbImage Decode(ReadOnlySpan<byte> data, int minimumSide)
    {
        var markers = JpegMarkers.Read(data);
        if (!markers.ReachesEnd)
            throw new UnreadableImageException(null, "the JPEG data is truncated, no end-of-image marker was found");
        TurboJpegHandle handle = TurboJpegHandle.OfThisThread();
        fixed (byte* start = data)
        {
            var size = new CULong((nuint)data.Length);
            Check(handle, TurboJpeg.DecompressHeader(
                handle, start, size, out int sourceWidth, out int sourceHeight, out _, out int colorSpace));
            PictureFormats.CheckSize(sourceWidth, sourceHeight);
            (int width, int height) = Reduce(sourceWidth, sourceHeight, minimumSide);
            byte[] pixels = GC.AllocateUninitializedArray<byte>(width * height * 3);
            if (colorSpace is TurboJpeg.ColorSpaceCmyk or TurboJpeg.ColorSpaceYcck)
                DecodeCmyk(handle, start, size, width, height, markers.HasAdobeMarker, pixels);
            else
                fixed (byte* target = pixels)
                    Check(handle, TurboJpeg.Decompress(
                        handle, start, size, target, width, width * 3, height, TurboJpeg.PixelFormatRgb, TurboJpeg.FlagLimitScans));
            return UprightPixels.Turn(pixels, width, height, markers.Orientation, sourceWidth, sourceHeight);
        }
    }

    private static void DecodeCmyk(TurboJpegHandle handle, byte* start, CULong size, int width, int height, bool inverted, byte[] pixels)
    {
        int bytes = checked(width * height * 4);
        byte[] cmyk = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            fixed (byte* target = cmyk)
                Check(handle, TurboJpeg.Decompress(
                    handle, start, size, target, width, width * 4, height, TurboJpeg.PixelFormatCmyk, TurboJpeg.FlagLimitScans));
            UprightPixels.FromCmyk(cmyk.AsSpan(0, bytes), inverted, pixels);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(cmyk);
        }
    }

    /// <summary>
    /// The smallest of the halved sizes whose shorter side is long enough. The decoder offers eighths too, but has no vector code for
    /// them: 7/8 of a picture takes longer than all of it.
    /// </summary>
    private static (int Width, int Height) Reduce(int width, int height, int minimumSide)
    {
        (int Width, int Height) best = (width, height);
        if (minimumSide <= 0)
            return best;
        TurboJpeg.ScalingFactor* factors = TurboJpeg.GetScalingFactors(out int count);
        foreach (TurboJpeg.ScalingFactor factor in new ReadOnlySpan<TurboJpeg.ScalingFactor>(factors, count))
        {
            (int Width, int Height) scaled = (factor.Apply(width), factor.Apply(height));
            if (factor.Numerator == 1 && Math.Min(scaled.Width, scaled.Height) >= minimumSide && scaled.Width < best.Width)
                best = scaled;
        }
        return best;
    }

    /// <summary>
    /// Whether the text is a warning after which every pixel is there. The library's own error code cannot tell: an error that follows a
    /// warning is reported as a warning. Missing data, which is filled in with grey, is a warning to libjpeg and an error here.
    /// </summary>
    private static bool IsHarmless(string text) =>
        Array.Exists(s_warnings, warning => text.StartsWith(warning, StringComparison.Ordinal))
        && !text.Contains("premature end", StringComparison.OrdinalIgnoreCase);

    private static void Check(TurboJpegHandle handle, int status)
    {
        if (status == 0)
            return;
        string text = Marshal.PtrToStringUTF8(TurboJpeg.GetErrorText(handle)) ?? "unknown error";

        if (IsHarmless(text))
            return;
        TurboJpegHandle.Discard();
        throw new UnreadableImageException(null, $"libjpeg-turbo says \"{text}\"");
    }
}
