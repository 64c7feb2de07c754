using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>large.jpg is stored 200 × 120 on its side, so 120 × 200 upright.</summary>
public sealed class ReducedDecodingTests
{
    [Theory]
    [InlineData(0, 120, 200)]
    [InlineData(500, 120, 200)]
    [InlineData(120, 120, 200)]
    [InlineData(61, 120, 200)]
    [InlineData(60, 60, 100)]
    [InlineData(31, 60, 100)]
    [InlineData(30, 30, 50)]
    [InlineData(16, 30, 50)]
    [InlineData(15, 15, 25)]
    [InlineData(1, 15, 25)]
    public void Jpeg_is_halved_as_often_as_its_shorter_side_allows(int minimumSide, int width, int height)
    {
        using var picture = new SinglePicture();
        RgbImage decoded = picture.Decode(DecodingFixtures.Read("large.jpg"), minimumSide);
        Assert.Equal((width, height), (decoded.Width, decoded.Height));
        Assert.Equal((120, 200), (decoded.SourceWidth, decoded.SourceHeight));
    }

    [Fact]
    public void A_reduced_jpeg_is_what_Pillow_makes_of_it()
    {
        using var picture = new SinglePicture();
        RgbImage decoded = picture.Decode(DecodingFixtures.Read("large.jpg"), minimumSide: 30);

        PixelAssert.Close(DecodingFixtures.ReadPpm("large-quarter"), decoded, Codec.JpegTolerance);
    }

    [Theory]
    [InlineData("rgb-8", ".png")]
    [InlineData("lossless", ".webp")]
    public void Other_formats_come_at_full_size(string name, string extension)
    {
        using var picture = new SinglePicture();
        PixelAssert.Same(DecodingFixtures.ReadPpm(name), picture.Decode(DecodingFixtures.Read(name + extension), minimumSide: 2));
    }

    [Fact]
    public void A_negative_side_is_refused()
    {
        using var picture = new SinglePicture();
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => picture.Decode(DecodingFixtures.Read("large.jpg"), minimumSide: -1));
        Assert.Equal("minimumSide", error.ParamName);
    }
}
