using System.Buffers.Binary;

namespace S3L.Core.Data;

/// <summary>Finds the EXIF chunk of a WebP file; libwebp leaves it to another library.</summary>
internal static class WebPChunks
{
    private const int FileHeaderBytes = 12;
    private const int ChunkHeaderBytes = 8;

    /// <param name="data">The whole file, from "RIFF" on.</param>
    /// <returns>EXIF orientation, 1 to 8; 1 where there is none or the chunks are damaged.</returns>
    public static int ReadOrientation(ReadOnlySpan<byte> data)
    {
        data = data[FileHeaderBytes..];
        while (data.Length >= ChunkHeaderBytes)
        {
            uint length = BinaryPrimitives.ReadUInt32LittleEndian(data[4..]);
            if (length > data.Length - ChunkHeaderBytes)
                break;
            if (data.StartsWith("EXIF"u8))
                return ExifOrientation.Read(data.Slice(ChunkHeaderBytes, (int)length));
            long next = ChunkHeaderBytes + length + (length & 1);
            data = next < data.Length ? data[(int)next..] : [];
        }
        return 1;
    }
}
