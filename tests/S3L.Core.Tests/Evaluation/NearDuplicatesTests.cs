using S3L.Core.Data;
using S3L.Core.Evaluation;

namespace S3L.Core.Tests.Evaluation;

public sealed class NearDuplicatesTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 40, Size = 48 });

    [Fact]
    public void Finds_copies_of_another_size_and_brightness()
    {
        using ImageCache first = ImageCache.Build(Pictures, 48, 1);
        RgbImage original = Pictures.Load(17);
        byte[] paler = [.. original.Pixels.ToArray().Select(p => (byte)(128 + (p / 2)))];
        using ImageCache second = ImageCache.Build(
            new InMemoryImages([Pictures.Load(3), new RgbImage(original.Width, original.Height, paler), Half(Pictures.Load(5))]), 48, 1);
        Assert.Equal([(3, 0), (5, 2), (17, 1)], NearDuplicates.Across(first, second).Select(p => (p.First, p.Second)).Order());
    }

    [Fact]
    public void Finds_each_pair_of_one_set_once()
    {
        RgbImage[] pictures = [Pictures.Load(0), Pictures.Load(1), Pictures.Load(0), Pictures.Load(2)];
        using ImageCache images = ImageCache.Build(new InMemoryImages(pictures), 48, 1);
        (int first, int second, float correlation) = Assert.Single(NearDuplicates.Within(images));
        Assert.Equal((0, 2), (first, second));
        Assert.Equal(1, correlation, 1e-5);
        // Everything correlates by at least -1.
        Assert.Equal(6, NearDuplicates.Within(images, -1).Count);
    }

    [Fact]
    public void Other_pictures_are_none()
    {
        using ImageCache images = ImageCache.Build(Pictures, 48, 1);
        Assert.Empty(NearDuplicates.Within(images));
    }

    /// <summary>The mean of each two by two pixels.</summary>
    private static RgbImage Half(RgbImage image)
    {
        (int width, int height) = (image.Width / 2, image.Height / 2);
        byte[] pixels = image.Pixels.ToArray(), half = new byte[width * height * 3];
        for (int at = 0; at < half.Length; at++)
        {
            (int channel, int x, int y) = (at % 3, at / 3 % width, at / 3 / width);
            int Pixel(int dx, int dy) => pixels[((((2 * y) + dy) * image.Width) + (2 * x) + dx) * 3 + channel];
            half[at] = (byte)((Pixel(0, 0) + Pixel(1, 0) + Pixel(0, 1) + Pixel(1, 1)) / 4);
        }

        return new RgbImage(width, height, half);
    }
}
