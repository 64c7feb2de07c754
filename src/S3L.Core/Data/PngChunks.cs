using System.Buffers.Binary;

namespace S3L.Core.Data;

/// <summary>What the chunks of a PNG file say that the simplified libpng reader does not report.</summary>
/// <param name="Orientation">EXIF orientation, 1 to 8.</param>
/// <param name="Frames">1, or the number of frames of an animation.</param>
/// <param name="ReachesEnd">Whether the end chunk is there. Where it is not, the file was cut off or is damaged.</param>
internal readonly record struct PngChunks(int Orientation, uint Frames, bool ReachesEnd)
{
    private const int SignatureBytes = 8;

    /// <param name="data">
    /// The whole file, from its signature on. Damage ends the reading without an error: the decoder will report it.
    /// </param>
    public static PngChunks Read(ReadOnlySpan<byte> data)
    {
        int orientation = 0;
        uint frames = 1;
        bool ended = false;
        data = data[SignatureBytes..];
        while (data.Length >= 12)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(data);
            if (length > data.Length - 12)
                break;
            ReadOnlySpan<byte> type = data.Slice(4, 4), content = data.Slice(8, (int)length);
            if (type.SequenceEqual("eXIf"u8) && orientation == 0)
                orientation = ExifOrientation.Read(content);
            else if (type.SequenceEqual("acTL"u8) && length >= 4)
                frames = BinaryPrimitives.ReadUInt32BigEndian(content);
            ended |= type.SequenceEqual("IEND"u8);
            data = data[(12 + (int)length)..];
        }
        return new PngChunks(Math.Max(orientation, 1), frames, ended);
    }
}
