using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class RgbImageTests
{
    [Fact]
    public void Keeps_what_it_is_given()
    {
        var image = new RgbImage(2, 1, [1, 2, 3, 4, 5, 6]);
        Assert.Equal((2, 1, 2, 1), (image.Width, image.Height, image.SourceWidth, image.SourceHeight));
        Assert.Equal([1, 2, 3, 4, 5, 6], image.Pixels.ToArray());
    }

    [Fact]
    public void Remembers_the_size_before_reduction()
    {
        var image = new RgbImage(1, 1, [1, 2, 3], sourceWidth: 7, sourceHeight: 5);
        Assert.Equal((7, 5), (image.SourceWidth, image.SourceHeight));
    }

    [Fact]
    public void Refuses_pixels_that_do_not_fill_it()
    {
        var error = Assert.Throws<ArgumentException>(() => new RgbImage(4, 2, new byte[23]));
        Assert.Equal("pixels must hold height × width × 3 = 2 × 4 × 3 = 24 bytes, but holds 23. (Parameter 'pixels')", error.Message);
        Assert.Throws<ArgumentException>(() => new RgbImage(1 << 20, 1 << 20, new byte[3]));
        Assert.Throws<ArgumentNullException>(() => new RgbImage(1, 1, null!));
    }

    [Fact]
    public void Refuses_sides_below_one_and_sources_below_the_decoded_size()
    {
        Assert.Equal("width", Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(0, 1, [])).ParamName);
        Assert.Equal("height", Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(1, -1, [])).ParamName);
        Assert.Equal("sourceWidth", Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(2, 1, new byte[6], 1, 1)).ParamName);
        Assert.Equal("sourceHeight", Assert.Throws<ArgumentOutOfRangeException>(() => new RgbImage(1, 2, new byte[6], 1, 1)).ParamName);
    }
}
