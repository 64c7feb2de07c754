using SixLabors.ImageSharp.Formats;
using SixLabors.ImageSharp.PixelFormats;

namespace SixLabors.ImageSharp
{
    public sealed class Configuration
    {
        public static Configuration Default => throw null!;

        public int MaxDegreeOfParallelism { get; set; }

        public Configuration Clone() => throw null!;
    }

    public struct Size : IEquatable<Size>
    {
        public Size(int width, int height)
        {
            Width = width;
            Height = height;
        }

        public int Width { get; set; }

        public int Height { get; set; }

        public static bool operator ==(Size left, Size right) => throw null!;

        public static bool operator !=(Size left, Size right) => throw null!;

        public bool Equals(Size other) => throw null!;

        public override bool Equals(object? obj) => throw null!;

        public override int GetHashCode() => throw null!;
    }

    public class ImageInfo
    {
        private ImageInfo() => throw null!;

        public int Width => throw null!;

        public int Height => throw null!;
    }

    public abstract class Image : IDisposable
    {
        private protected Image() => throw null!;

        public int Width => throw null!;

        public int Height => throw null!;

        public static ImageInfo Identify(DecoderOptions options, ReadOnlySpan<byte> buffer) => throw null!;

        public static Image<TPixel> Load<TPixel>(DecoderOptions options, ReadOnlySpan<byte> data)
            where TPixel : unmanaged, IPixel<TPixel> => throw null!;

        public void Dispose() => throw null!;
    }

    public sealed class Image<TPixel> : Image
        where TPixel : unmanaged, IPixel<TPixel>
    {
        private Image() => throw null!;

        public void CopyPixelDataTo(Span<TPixel> destination) => throw null!;

        public void CopyPixelDataTo(Span<byte> destination) => throw null!;
    }
}

namespace SixLabors.ImageSharp.Formats
{
    public sealed class DecoderOptions
    {
        public Configuration Configuration { get; init; } = null!;

        public Size? TargetSize { get; init; }

        public bool SkipMetadata { get; init; }

        public uint MaxFrames { get; init; }
    }
}

namespace SixLabors.ImageSharp.PixelFormats
{
    public interface IPixel<TSelf>
        where TSelf : unmanaged, IPixel<TSelf>;

    public struct Rgb24 : IPixel<Rgb24>;

    public struct Rgba32 : IPixel<Rgba32>;
}
