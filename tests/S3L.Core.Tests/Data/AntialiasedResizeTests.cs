using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>The resize is internal; it is seen through the cache, whose grids it makes.</summary>
public sealed class AntialiasedResizeTests
{
    [Theory]
    [InlineData("96-61", 8)]
    [InlineData("96-61", 17)]
    [InlineData("96-61", 48)]
    [InlineData("40-40", 20)]
    [InlineData("40-40", 40)]
    [InlineData("21-13", 21)]
    [InlineData("21-13", 40)]
    [InlineData("5-70", 16)]
    [InlineData("1-1", 3)]
    public void Resizes_as_Pillow_does(string source, int size)
    {
        byte[] actual = ToSquare(DecodingFixtures.ReadPpm($"resize-{source}"), size);

        // One level: Pillow rounds between its two passes.
        PixelAssert.Close(DecodingFixtures.ReadPpm($"resize-{source}-to-{size}").Pixels.Span, actual, tolerance: 1);
    }

    [Fact]
    public void Lays_out_rows_of_one_channel_after_another()
    {
        var image = new RgbImage(2, 2, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
        Assert.Equal([1, 4, 2, 5, 3, 6, 7, 10, 8, 11, 9, 12], Grid(image, 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(255)]
    [InlineData(131)]
    public void Keeps_a_uniform_colour(byte level)
    {
        byte[] pixels = new byte[37 * 91 * 3];
        Array.Fill(pixels, level);
        foreach (int size in (int[])[1, 5, 64, 150])
            Assert.All(ToSquare(new RgbImage(37, 91, pixels), size), value => Assert.Equal(level, value));
    }

    [Fact]
    public void Turns_the_picture_where_its_source_is_turned()
    {
        RgbImage image = DecodingFixtures.ReadPpm("resize-96-61");
        byte[] reversed = image.Pixels.ToArray();
        Array.Reverse(reversed);
        byte[] expected = ToSquare(image, 24);
        Array.Reverse(expected);

        // One level: sums of floats in another order can round the other way.
        PixelAssert.Close(expected, ToSquare(new RgbImage(96, 61, reversed), 24), tolerance: 1);
    }

    /// <summary>The square as interleaved RGB.</summary>
    private static byte[] ToSquare(RgbImage image, int size)
    {
        byte[] grid = Grid(image, size), pixels = new byte[grid.Length];
        for (int row = 0; row < size; row++)
            for (int channel = 0; channel < 3; channel++)
                for (int column = 0; column < size; column++)
                    pixels[(((row * size) + column) * 3) + channel] = grid[(((row * 3) + channel) * size) + column];
        return pixels;
    }

    private static byte[] Grid(RgbImage image, int size)
    {
        using ImageCache cache = ImageCache.Build(new InMemoryImages([image]), size, threads: 1);
        using torch.Tensor grid = cache.Gather([0], size);
        return grid.bytes.ToArray();
    }
}
