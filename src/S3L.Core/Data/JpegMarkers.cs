using System.Buffers.Binary;

namespace S3L.Core.Data;

/// <summary>What the markers of a JPEG file say that decoders do not report.</summary>
/// <param name="Orientation">EXIF orientation, 1 to 8.</param>
/// <param name="Components">Number of colour components, from the frame header; 0 where there is none.</param>
/// <param name="HasAdobeMarker">Whether Adobe's APP14 is there; such files store CMYK inverted.</param>
/// <param name="ReachesEnd">Whether the end-of-image marker comes after the first scan. Where it does not, the file was cut off.</param>
internal readonly record struct JpegMarkers(int Orientation, int Components, bool HasAdobeMarker, bool ReachesEnd)
{
    private const byte StartOfImage = 0xD8;
    private const byte EndOfImage = 0xD9;
    private const byte StartOfScan = 0xDA;
    private const byte App1 = 0xE1;
    private const byte App14 = 0xEE;
    private const int FrameComponents = 5;

    /// <param name="data">The whole file, from its start-of-image marker on.</param>
    public static JpegMarkers Read(ReadOnlySpan<byte> data)
    {
        int orientation = 0, components = 0;
        bool adobe = false, scanned = false;
        while (NextMarker(ref data, out byte marker))
        {
            if (marker == EndOfImage && scanned)
                return new JpegMarkers(Math.Max(orientation, 1), components, adobe, ReachesEnd: true);
            if (marker is StartOfImage or EndOfImage)
                continue;
            if (data.Length < 2)
                break;
            int length = BinaryPrimitives.ReadUInt16BigEndian(data);
            if (length < 2 || length > data.Length)
                break;
            ReadOnlySpan<byte> segment = data[2..length];
            if (marker == App1 && orientation == 0 && segment.StartsWith("Exif\0\0"u8))
                orientation = ExifOrientation.Read(segment);
            if (IsFrame(marker) && segment.Length > FrameComponents)
                components = segment[FrameComponents];
            adobe |= marker == App14 && segment.StartsWith("Adobe"u8);
            scanned |= marker == StartOfScan;
            data = data[length..];
        }
        return new JpegMarkers(Math.Max(orientation, 1), components, adobe, ReachesEnd: false);
    }

    // The three left out are tables and a reserved marker.
    private static bool IsFrame(byte marker) => marker is >= 0xC0 and <= 0xCF and not (0xC4 or 0xC8 or 0xCC);

    /// <summary>Moves past the next marker, over compressed data, restart markers, stuffed and stray bytes.</summary>
    private static bool NextMarker(ref ReadOnlySpan<byte> data, out byte marker)
    {
        marker = 0;
        while (true)
        {
            int prefix = data.IndexOf((byte)0xFF);
            if (prefix < 0 || prefix + 1 >= data.Length)
                return false;
            marker = data[prefix + 1];
            bool isFill = marker == 0xFF;
            data = data[(prefix + (isFill ? 1 : 2))..];
            if (!isFill && marker is not (0x00 or 0x01 or (>= 0xD0 and <= 0xD7)))
                return true;
        }
    }
}
