using System.Buffers;
using System.Buffers.Binary;
using SixLabors.ImageSharp;
using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;

namespace S3L.Core.Data;

/// <summary>
/// JPEG, PNG and WebP through ImageSharp. Only JPEG is decoded at a reduced scale. ImageSharp takes a file that was cut off for a whole
/// one, so whether a file reaches its end is asked before.
/// </summary>
internal sealed class ImageSharpDecoder : IImageDecoder
{
    private const int InkComponents = 4;
    private const int WebPFlags = 20;
    private const int WebPAnimation = 2;

    // Pictures are decoded on several threads already.
    private static readonly Configuration s_configuration = SingleThreaded();
    private static readonly DecoderOptions s_whole = new() { Configuration = s_configuration, SkipMetadata = true, MaxFrames = 1 };

    public RgbImage Decode(ReadOnlySpan<byte> data, int minimumSide)
    {
        PictureFormat format = PictureFormats.Recognise(data);
        try
        {
            return format switch
            {
                PictureFormat.Jpeg => DecodeJpeg(data, minimumSide),
                PictureFormat.Png => DecodePng(data),
                _ => DecodeWebP(data),
            };
        }
        catch (Exception error) when (error is not (UnreadableImageException or OutOfMemoryException))
        {
            // Its own errors are ImageFormatException's; damaged bytes also lead its decoders outside their arrays.
            throw new UnreadableImageException(null, $"ImageSharp says \"{error.Message.Split('\n')[0].TrimEnd()}\"", error);
        }
    }

    private static RgbImage DecodeJpeg(ReadOnlySpan<byte> data, int minimumSide)
    {
        var markers = JpegMarkers.Read(data);
        if (!markers.ReachesEnd)
            throw new UnreadableImageException(null, "the JPEG data is truncated, no end-of-image marker was found");
        if (markers.Components == InkComponents && !markers.HasAdobeMarker)
            throw new UnreadableImageException(null, "it is CMYK without Adobe's marker, whose inks ImageSharp takes for their opposites");
        Size source = SizeOf(data);
        Size reduced = Reduce(source, minimumSide);
        DecoderOptions options = reduced == source
            ? s_whole
            : new DecoderOptions { Configuration = s_configuration, SkipMetadata = true, MaxFrames = 1, TargetSize = reduced };
        using Image<Rgb24> image = Image.Load<Rgb24>(options, data);
        byte[] pixels = GC.AllocateUninitializedArray<byte>(image.Width * image.Height * 3);
        image.CopyPixelDataTo(pixels);
        return UprightPixels.Turn(pixels, image.Width, image.Height, markers.Orientation, source.Width, source.Height);
    }

    private static RgbImage DecodePng(ReadOnlySpan<byte> data)
    {
        var chunks = PngChunks.Read(data);
        if (chunks.Frames > 1)
            throw new UnreadableImageException(null, $"it is an animation of {chunks.Frames} frames");
        if (!chunks.ReachesEnd)
            throw new UnreadableImageException(null, "the PNG data is truncated or damaged, no end chunk was found");
        return DecodeOverWhite(data, chunks.Orientation);
    }

    private static RgbImage DecodeWebP(ReadOnlySpan<byte> data)
    {
        // The size in the header leaves itself and the letters before it out.
        if (BinaryPrimitives.ReadUInt32LittleEndian(data[4..]) + 8L > data.Length)
            throw new UnreadableImageException(null, "the WebP data is truncated or damaged");
        if (data.Length > WebPFlags && data[12..].StartsWith("VP8X"u8) && (data[WebPFlags] & WebPAnimation) != 0)
            throw new UnreadableImageException(null, "it is an animation");
        return DecodeOverWhite(data, WebPChunks.ReadOrientation(data));
    }

    private static RgbImage DecodeOverWhite(ReadOnlySpan<byte> data, int orientation)
    {
        Size size = SizeOf(data);
        using Image<Rgba32> image = Image.Load<Rgba32>(s_whole, data);
        int count = size.Width * size.Height;
        byte[] rgb = GC.AllocateUninitializedArray<byte>(count * 3);
        byte[] rgba = ArrayPool<byte>.Shared.Rent(count * 4);
        try
        {
            image.CopyPixelDataTo(rgba.AsSpan(0, count * 4));
            UprightPixels.OverWhite(rgba.AsSpan(0, count * 4), rgb);
            return UprightPixels.Turn(rgb, size.Width, size.Height, orientation, size.Width, size.Height);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgba);
        }
    }

    private static Size SizeOf(ReadOnlySpan<byte> data)
    {
        ImageInfo info = Image.Identify(s_whole, data);
        PictureFormats.CheckSize(info.Width, info.Height);
        return new Size(info.Width, info.Height);
    }

    /// <summary>
    /// The smallest of 1/1, 1/2, 1/4 and 1/8 whose shorter side is long enough. These are the scales of ImageSharp's inverse transform; any
    /// other target would be resampled, and one that is larger than the picture would enlarge it.
    /// </summary>
    private static Size Reduce(Size size, int minimumSide)
    {
        Size best = size;
        if (minimumSide <= 0)
            return best;
        for (int divisor = 2; divisor <= 8; divisor *= 2)
        {
            var scaled = new Size((size.Width + divisor - 1) / divisor, (size.Height + divisor - 1) / divisor);
            if (Math.Min(scaled.Width, scaled.Height) >= minimumSide && scaled.Width < best.Width)
                best = scaled;
        }
        return best;
    }

    private static Configuration SingleThreaded()
    {
        Configuration configuration = Configuration.Default.Clone();
        configuration.MaxDegreeOfParallelism = 1;
        return configuration;
    }
}
