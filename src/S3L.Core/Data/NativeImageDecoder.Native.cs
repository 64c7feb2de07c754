namespace S3L.Core.Data;

/// <summary>JPEG, PNG and WebP through the C libraries of the system. Only JPEG can be decoded at a reduced scale.</summary>
internal sealed class NativeImageDecoder : IImageDecoder
{
    public RgbImage Decode(ReadOnlySpan<byte> data, int minimumSide) => PictureFormats.Recognise(data) switch
    {
        PictureFormat.Jpeg => TurboJpegDecoder.Decode(data, minimumSide),
        PictureFormat.Png => PngDecoder.Decode(data),
        _ => WebPDecoder.Decode(data),
    };
}
