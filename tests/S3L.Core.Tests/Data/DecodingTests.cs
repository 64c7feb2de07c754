using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

/// <summary>Every flavour of every format against what Pillow makes of it, or against the pixels that were written.</summary>
public sealed partial class DecodingTests
{
    public static TheoryData<int, string, string> Orientations()
    {
        var rows = new TheoryData<int, string, string>();
        for (int orientation = 1; orientation <= 8; orientation++)
        {
            rows.Add(orientation, "", ".jpg");
            rows.Add(orientation, "-png", ".png");
            rows.Add(orientation, "-webp", ".webp");
        }
        return rows;
    }

    [Theory]
    [InlineData("rgb-444")]
    [InlineData("rgb-420")]
    [InlineData("progressive")]
    [InlineData("gray")]
    [InlineData("cmyk")]
    [InlineData("ycck")]
    public void Jpeg_comes_out_as_Pillow_reads_it(string name) => Check(name, ".jpg", Codec.JpegTolerance);

    [Theory]
    [InlineData("gray-1")]
    [InlineData("gray-2")]
    [InlineData("gray-4")]
    [InlineData("gray-8")]
    [InlineData("gray-key")]
    [InlineData("gray-alpha-8")]
    [InlineData("palette-1")]
    [InlineData("palette-2")]
    [InlineData("palette-4")]
    [InlineData("palette-8")]
    [InlineData("palette-transparent")]
    [InlineData("rgb-8")]
    [InlineData("rgb-8-interlaced")]
    [InlineData("rgb-key")]
    [InlineData("rgba-8")]
    public void Png_of_up_to_eight_bits_comes_out_exactly(string name) => Check(name, ".png", 0);

    [Theory]
    [InlineData("gray-16")]
    [InlineData("gray-alpha-16")]
    [InlineData("rgb-16")]
    [InlineData("rgba-16")]
    public void Png_of_sixteen_bits_comes_out_as_eight(string name) => Check(name, ".png", Codec.ReducedDepthTolerance);

    [Theory]
    [InlineData("lossless", 0)]
    [InlineData("lossless-alpha", 0)]
    [InlineData("lossy", Codec.LossyWebPTolerance)]
    [InlineData("lossy-alpha", Codec.LossyWebPTolerance)]
    public void WebP_comes_out_as_Pillow_reads_it(string name, int tolerance) => Check(name, ".webp", tolerance);

    [Theory]
    [MemberData(nameof(Orientations))]
    public void Pictures_are_turned_upright(int orientation, string suffix, string extension)
    {
        string name = $"turned-{orientation}{suffix}";
        Check(name, extension, extension == ".jpg" ? Codec.JpegTolerance : 0);
        RgbImage upright = DecodingFixtures.ReadPpm(name), stored = DecodingFixtures.ReadPpm("rgb-8");
        bool isOnItsSide = orientation >= 5;
        Assert.Equal(isOnItsSide ? (stored.Height, stored.Width) : (stored.Width, stored.Height), (upright.Width, upright.Height));
    }

    [Fact]
    public void The_format_is_told_by_content_not_by_name()
    {
        using var picture = new SinglePicture();
        PixelAssert.Same(DecodingFixtures.ReadPpm("rgb-8"), picture.Decode(DecodingFixtures.Read("rgb-8.png")));
    }

    private static void Check(string name, string extension, int tolerance)
    {
        using var picture = new SinglePicture();
        RgbImage decoded = picture.Decode(DecodingFixtures.Read(name + extension));
        PixelAssert.Close(DecodingFixtures.ReadPpm(name), decoded, tolerance);
        Assert.Equal((decoded.Width, decoded.Height), (decoded.SourceWidth, decoded.SourceHeight));
    }
}
