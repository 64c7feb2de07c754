using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

internal static class PixelAssert
{
    /// <summary>Same size, and no channel of any pixel further apart than the tolerance, in levels of 255.</summary>
    public static void Close(RgbImage expected, RgbImage actual, int tolerance)
    {
        Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
        Close(expected.Pixels.Span, actual.Pixels.Span, tolerance);
    }

    public static void Close(ReadOnlySpan<byte> expected, ReadOnlySpan<byte> actual, int tolerance)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++)
            if (Math.Abs(expected[i] - actual[i]) > tolerance)
                Assert.Fail($"Byte {i} must be within {tolerance} of {expected[i]}, but is {actual[i]}.");
    }

    public static void Same(RgbImage expected, RgbImage actual) => Close(expected, actual, 0);
}
