namespace S3L.Core.Data;

/// <summary>The decoder of this build. A build with another decoder replaces every *.ImageSharp.cs file of this folder.</summary>
internal static class CurrentImageDecoder
{
    public static IImageDecoder Instance { get; } = new ImageSharpDecoder();
}
