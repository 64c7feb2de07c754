using System.Text;

namespace S3L.Core.Data;

/// <summary>Tells formats apart by their first bytes: names of files are often wrong.</summary>
internal static class PictureFormats
{
    /// <summary>Larger pictures are refused before anything is allocated for them: 2^28 pixels are 768 MiB as RGB.</summary>
    public const long MaximumPixels = 1L << 28;

    public static PictureFormat Recognise(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            throw new UnreadableImageException(null, "the file is empty");
        if (data.StartsWith((ReadOnlySpan<byte>)[0xFF, 0xD8, 0xFF]))
            return PictureFormat.Jpeg;
        if (data.StartsWith((ReadOnlySpan<byte>)[0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]))
            return PictureFormat.Png;
        if (data.Length >= 12 && data.StartsWith("RIFF"u8) && data[8..].StartsWith("WEBP"u8))
            return PictureFormat.WebP;
        throw new UnreadableImageException(null, $"{Guess(data)}: begins with {Describe(data)}");
    }

    /// <summary>Refuses sizes that no real picture has, and sizes that would exhaust memory.</summary>
    public static void CheckSize(long width, long height)
    {
        if (width < 1 || height < 1)
            throw new UnreadableImageException(null, $"its header gives a size of {width} × {height} pixels");
        if (width > MaximumPixels / height)
            throw new UnreadableImageException(
                null, $"its header gives {width} × {height} pixels, more than the {MaximumPixels} that are allowed");
    }

    private static string Guess(ReadOnlySpan<byte> data)
    {
        if (data.StartsWith("GIF8"u8))
            return "GIF is not supported, JPEG, PNG and WebP are";
        if (data.StartsWith("BM"u8))
            return "BMP is not supported, JPEG, PNG and WebP are";
        if (data.StartsWith("II*\0"u8) || data.StartsWith("MM\0*"u8))
            return "TIFF is not supported, JPEG, PNG and WebP are";
        if (data.Length >= 8 && data[4..].StartsWith("ftyp"u8))
            return "HEIF and AVIF are not supported, JPEG, PNG and WebP are";
        return "unknown format";
    }

    private static string Describe(ReadOnlySpan<byte> data)
    {
        ReadOnlySpan<byte> head = data[..Math.Min(data.Length, 8)];
        var text = new StringBuilder();
        foreach (byte value in head)
            text.Append(value is >= 0x20 and < 0x7F ? (char)value : '.');
        return $"{BitConverter.ToString(head.ToArray()).Replace('-', ' ')} (\"{text}\")";
    }
}
