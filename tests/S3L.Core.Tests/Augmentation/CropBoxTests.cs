using S3L.Core.Augmentation;

namespace S3L.Core.Tests.Augmentation;

public sealed class CropBoxTests
{
    // The resized sides are 256, 38, 64 and 32; the longer one is cut to whole pixels, the middle rounded to even.
    [Theory]
    [InlineData(100, 100, 224, 256, 256, 16, 16)]
    [InlineData(200, 100, 224, 512, 256, 144, 16)]
    [InlineData(100, 400, 33, 38, 152, 2, 60)]
    [InlineData(160, 213, 56, 64, 85, 4, 14)]
    [InlineData(213, 160, 56, 85, 64, 14, 4)]
    [InlineData(200, 100, 32, 64, 32, 16, 0)]
    [InlineData(32, 32, 32, 32, 32, 0, 0)]
    [InlineData(1, 1, 8, 8, 8, 0, 0)]
    public void The_centre_is_torchvisions_resize_to_eight_sevenths_and_centre_crop(
        int width, int height, int resolution, double resizedWidth, double resizedHeight, int left, int top)
    {
        CropBox box = CropBox.Center(width, height, resolution);
        // Quotients of small whole numbers.
        Assert.Equal(left / resizedWidth, box.Left, 1e-15);
        Assert.Equal(top / resizedHeight, box.Top, 1e-15);
        Assert.Equal((left + resolution) / resizedWidth, box.Right, 1e-15);
        Assert.Equal((top + resolution) / resizedHeight, box.Bottom, 1e-15);
    }

    [Fact]
    public void The_whole_is_the_unit_square() => Assert.Equal(new CropBox(0, 0, 1, 1), CropBox.Whole);
}
