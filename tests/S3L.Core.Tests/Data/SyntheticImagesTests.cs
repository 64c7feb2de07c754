using S3L.Core.Data;

namespace S3L.Core.Tests.Data;

public sealed class SyntheticImagesTests
{
    [Fact]
    public void Has_ten_balanced_classes()
    {
        var images = new SyntheticImages();
        Assert.Equal(2000, images.Count);
        Assert.Equal(10, images.ClassNames.Distinct().Count());
        Dictionary<int, int> counts = Enumerable.Range(0, images.Count).CountBy(images.GetLabel).ToDictionary();
        Assert.All(Enumerable.Range(0, 10), label => Assert.Equal(200, counts[label]));
    }

    [Fact]
    public void A_picture_depends_on_seed_and_index_alone()
    {
        var few = new SyntheticImages(new SyntheticImagesOptions { Count = 20, Seed = 5 });
        var many = new SyntheticImages(new SyntheticImagesOptions { Count = 5000, Seed = 5 });
        RgbImage[] inTurn = [.. Enumerable.Range(0, 20).Select(index => few.Load(index))];
        Parallel.For(0, 200, turn => PixelAssert.Same(inTurn[turn % 20], many.Load(turn % 20, minimumSide: 7)));
    }

    [Fact]
    public void Pictures_differ_between_indices_and_between_seeds()
    {
        HashSet<string> seen = [];
        foreach (int seed in (int[])[0, 1, -1, int.MinValue])
        {
            var images = new SyntheticImages(new SyntheticImagesOptions { Count = 100, Size = 16, Seed = seed });
            for (int index = 0; index < images.Count; index++)
                Assert.True(
                    seen.Add(Convert.ToHexString(images.Load(index).Pixels.Span)), $"{images.GetName(index)} repeats another picture");
        }
    }

    [Theory]
    [InlineData(16)]
    [InlineData(64)]
    [InlineData(101)]
    public void Pictures_have_the_size_asked_for(int size)
    {
        RgbImage image = new SyntheticImages(new SyntheticImagesOptions { Size = size }).Load(7);
        Assert.Equal((size, size, size, size), (image.Width, image.Height, image.SourceWidth, image.SourceHeight));
    }

    [Fact]
    public void A_larger_picture_shows_the_same_scene()
    {
        RgbImage small = new SyntheticImages(new SyntheticImagesOptions { Size = 32 }).Load(3);
        RgbImage large = new SyntheticImages(new SyntheticImagesOptions { Size = 64 }).Load(3);
        double difference = 0;
        for (int y = 0; y < 32; y++)
            for (int x = 0; x < 32 * 3; x++)
                difference += Math.Abs(small.Pixels.Span[(y * 96) + x] - Block(large, x / 3, y, x % 3)) / (32 * 96.0);

        // Noise and the smoothing of edges differ; another scene would differ by some 60 levels.
        Assert.InRange(difference, 0.1, 15);
    }

    [Fact]
    public void Mean_colours_say_nothing_of_the_class()
    {
        const int count = 3000;
        var images = new SyntheticImages(new SyntheticImagesOptions { Count = count, Size = 32 });
        double[][] means = [.. Enumerable.Range(0, count).Select(index => MeanColour(images.Load(index)))];
        int right = 0;
        for (int i = 0; i < count; i++)
        {
            int nearest = Enumerable.Range(0, count).Where(j => j != i).MinBy(j => Distance(means[i], means[j]));
            right += images.GetLabel(nearest) == images.GetLabel(i) ? 1 : 0;
        }

        // Chance is 0.1 with a standard deviation of 0.0055; the classes cover different areas, which shows a little.
        Assert.InRange(right / (double)count, 0.08, 0.13);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(2000)]
    public void Indices_of_no_picture_are_refused(int index)
    {
        var images = new SyntheticImages();
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.Load(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetLabel(index)).ParamName);
        Assert.Equal("index", Assert.Throws<ArgumentOutOfRangeException>(() => images.GetName(index)).ParamName);
    }

    private static double Block(RgbImage large, int x, int y, int channel)
    {
        double At(int column, int row) => large.Pixels.Span[(((row * large.Width) + column) * 3) + channel];
        return (At(2 * x, 2 * y) + At((2 * x) + 1, 2 * y) + At(2 * x, (2 * y) + 1) + At((2 * x) + 1, (2 * y) + 1)) / 4;
    }

    private static double[] MeanColour(RgbImage image)
    {
        double[] mean = new double[3];
        for (int i = 0; i < image.Pixels.Length; i++)
            mean[i % 3] += image.Pixels.Span[i] / (image.Pixels.Length / 3.0);
        return mean;
    }

    private static double Distance(double[] a, double[] b) => a.Zip(b, (left, right) => (left - right) * (left - right)).Sum();
}
