using S3L.Core.Augmentation;
using S3L.Testing;

namespace S3L.Core.Tests.Augmentation;

public sealed class ViewSamplerTests
{
    private const int Draws = 20_000;

    [Theory]
    [InlineData(400, 300)]
    [InlineData(160, 240)]
    [InlineData(224, 224)]
    [InlineData(32, 32)]
    [InlineData(600, 100)]
    [InlineData(20, 900)]
    public void Boxes_are_distributed_as_torchvisions(int width, int height)
    {
        using var stored = new StoredTensors("boxes", "quantiles");
        var sampler = new ViewSampler(AugmentationOptions.MoCoV2);
        var boxes = new (double Left, double Top, double Width, double Height)[Draws];
        for (int i = 0; i < Draws; i++)
        {
            CropBox box = sampler.Draw(5, 0, i, 0, width, height).Box;
            boxes[i] = (box.Left * width, box.Top * height, (box.Right - box.Left) * width, (box.Bottom - box.Top) * height);
        }

        // Whole pixels within the picture; 1e-9 for shares and back.
        Assert.All(boxes, b => Assert.All(new[] { b.Left, b.Top, b.Width, b.Height }, v => Assert.Equal(Math.Round(v), v, 1e-9)));
        Assert.All(boxes, b => Assert.True(b.Left >= 0 && b.Top >= 0 && b.Left + b.Width <= width + 1e-9 && b.Top + b.Height <= height + 1e-9));
        Near("area", boxes.Select(b => b.Width * b.Height / ((double)width * height)));
        Near("ratio", boxes.Select(b => Math.Log(b.Width / b.Height)));
        Near("left", boxes.Where(b => Math.Round(b.Width) < width).Select(b => b.Left / (width - b.Width)));
        Near("top", boxes.Where(b => Math.Round(b.Height) < height).Select(b => b.Top / (height - b.Height)));

        void Near(string name, IEnumerable<double> values)
        {
            string key = $"{width}x{height}.{name}";
            double[] ours = [.. values];
            Assert.Equal(stored.Names.Contains(key), ours.Length > 0);
            if (ours.Length == 0) return;
            double distance = KolmogorovSmirnov(stored[key].Doubles(), ours);
            // Two samples of n of one distribution are farther apart than 2.2 √(2/n) once in ten thousand times (Kolmogorov and Smirnov);
            // a table of 400 steps adds half a step.
            double bound = (2.2 * Math.Sqrt(2.0 / ours.Length)) + 0.00125;
            Assert.True(distance <= bound, $"{key} is {distance} apart, and {bound} is allowed.");
        }
    }

    [Theory]
    [InlineData(2000, 100, 133, 100)]
    [InlineData(100, 2000, 100, 133)]
    public void A_picture_too_long_for_ten_tries_gives_its_centre(int width, int height, int boxWidth, int boxHeight)
    {
        // A crop of half the area and more never fits in these.
        var sampler = new ViewSampler(new AugmentationOptions { MinimumArea = 0.5 });
        for (int image = 0; image < 100; image++)
        {
            CropBox box = sampler.Draw(1, 0, image, 0, width, height).Box;
            Assert.Equal((width - boxWidth) / 2 / (double)width, box.Left, 1e-12);
            Assert.Equal((height - boxHeight) / 2 / (double)height, box.Top, 1e-12);
            Assert.Equal(boxWidth, (box.Right - box.Left) * width, 1e-9);
            Assert.Equal(boxHeight, (box.Bottom - box.Top) * height, 1e-9);
        }
    }

    [Fact]
    public void A_single_pixel_can_be_cropped() =>
        Assert.Equal(CropBox.Whole, new ViewSampler(AugmentationOptions.MoCoV2).Draw(1, 0, 0, 0, 1, 1).Box);

    [Fact]
    public void The_same_seed_epoch_image_and_view_give_the_same_draw_and_any_other_does_not()
    {
        var one = new ViewSampler(AugmentationOptions.MoCoV2);
        var other = new ViewSampler(AugmentationOptions.MoCoV2);
        var seen = new HashSet<CropBox>();
        int count = 0;
        foreach (int seed in new[] { 0, 1, -1 })
            foreach (int epoch in new[] { 0, 1, 200 })
                foreach (int image in new[] { 0, 1, 100_000 })
                    foreach (int view in new[] { 0, 1, 2 })
                    {
                        ViewDraw draw = one.Draw(seed, epoch, image, view, 4000, 3000);
                        Assert.Equal(draw, other.Draw(seed, epoch, image, view, 4000, 3000));
                        seen.Add(draw.Box);
                        count++;
                    }

        Assert.Equal(count, seen.Count);
    }

    [Fact]
    public void Images_views_and_epochs_draw_independently()
    {
        var sampler = new ViewSampler(AugmentationOptions.MoCoV2);
        double[] first = Brightness(epoch: 0, view: 0, shift: 0);
        // A correlation of n independent pairs deviates by 1/√n = 0.01; five times that never occurs.
        Assert.InRange(Correlation(first, Brightness(epoch: 0, view: 1, shift: 0)), -0.05, 0.05);
        Assert.InRange(Correlation(first, Brightness(epoch: 1, view: 0, shift: 0)), -0.05, 0.05);
        Assert.InRange(Correlation(first, Brightness(epoch: 0, view: 0, shift: 1)), -0.05, 0.05);
        Assert.Equal(1, Correlation(first, Brightness(epoch: 0, view: 0, shift: 0)), 1e-9);

        double[] Brightness(int epoch, int view, int shift) =>
            [.. Enumerable.Range(shift, 10_000).Select(i => sampler.Draw(3, epoch, i, view, 100, 100).Brightness)];
    }

    [Fact]
    public void Operations_come_as_often_and_as_strong_as_the_options_say()
    {
        var options = new AugmentationOptions
        {
            JitterProbability = 0.7,
            Brightness = 0.1,
            Contrast = 0.2,
            Saturation = 0.3,
            Hue = 0.05,
            GrayscaleProbability = 0.3,
            BlurProbability = 0.6,
            MinimumBlurSigma = 0.5,
            MaximumBlurSigma = 1.5,
            SolarizeProbability = 0.1,
            FlipProbability = 0.4,
        };
        var sampler = new ViewSampler(options);
        ViewDraw[] draws = [.. Enumerable.Range(0, Draws).Select(i => sampler.Draw(9, 0, i, 0, 100, 100))];
        Share(0.7, draws, d => d.Brightness != 1);
        Share(0.3, draws, d => d.Grayscale);
        Share(0.6, draws, d => d.BlurSigma > 0);
        Share(0.1, draws, d => d.Solarize);
        Share(0.4, draws, d => d.Flip);
        ViewDraw[] jittered = [.. draws.Where(d => d.Brightness != 1)];
        Even(0.9, 1.1, jittered.Select(d => d.Brightness));
        Even(0.8, 1.2, jittered.Select(d => d.Contrast));
        Even(0.7, 1.3, jittered.Select(d => d.Saturation));
        Even(-0.05, 0.05, jittered.Select(d => d.Hue));
        Even(0.5, 1.5, draws.Where(d => d.BlurSigma > 0).Select(d => d.BlurSigma));
        Assert.All(draws.Where(d => d.Brightness == 1), d => Assert.Equal((1, 1, 0), (d.Contrast, d.Saturation, d.Hue)));
        foreach (IGrouping<JitterOrder, ViewDraw> order in jittered.GroupBy(d => d.Order)) Share(1 / 24.0, jittered, d => d.Order == order.Key);
        Assert.Equal(24, jittered.Select(d => d.Order).Distinct().Count());
    }

    [Fact]
    public void What_is_improbable_never_comes_and_what_is_certain_always_does()
    {
        var never = new ViewSampler(new AugmentationOptions
        {
            MinimumArea = 1,
            MaximumRatio = 1,
            FlipProbability = 0,
            JitterProbability = 0,
            GrayscaleProbability = 0,
            BlurProbability = 0,
        });
        var always = new ViewSampler(new AugmentationOptions
        {
            FlipProbability = 1,
            GrayscaleProbability = 1,
            BlurProbability = 1,
            SolarizeProbability = 1
        });
        for (int image = 0; image < 1000; image++)
        {
            Assert.Equal(new ViewDraw(CropBox.Whole), never.Draw(1, 0, image, 0, 50, 50));
            ViewDraw draw = always.Draw(1, 0, image, 0, 50, 50);
            Assert.True(draw is { Flip: true, Grayscale: true, Solarize: true, BlurSigma: > 0 });
        }
    }

    [Fact]
    public void Refuses_ranges_that_are_upside_down()
    {
        Assert.Equal("options.MinimumArea must not be above MaximumArea, 0.5, but is 0.8. (Parameter 'options')",
            Assert.Throws<ArgumentException>(() => new ViewSampler(new AugmentationOptions { MinimumArea = 0.8, MaximumArea = 0.5 })).Message);
        Assert.Equal("options.MinimumBlurSigma must not be above MaximumBlurSigma, 2, but is 3. (Parameter 'options')",
            Assert.Throws<ArgumentException>(() => new ViewSampler(new AugmentationOptions { MinimumBlurSigma = 3 })).Message);
        Assert.Equal("options", Assert.Throws<ArgumentNullException>(() => new ViewSampler(null!)).ParamName);
    }

    /// <summary>The largest gap between an evenly spaced table of quantiles and the distribution of a sample.</summary>
    private static double KolmogorovSmirnov(double[] quantiles, double[] sample)
    {
        Array.Sort(sample);
        double largest = 0;
        for (int i = 0; i < quantiles.Length; i++)
        {
            // Float32 tables of values that may repeat: the sample's share of values up to the quantile must reach its rank, and the
            // share strictly below must not pass it.
            double value = quantiles[i], rank = (double)i / (quantiles.Length - 1), slack = 1e-6 * Math.Max(1, Math.Abs(value));
            double upTo = (double)Count(sample, value + slack) / sample.Length, below = (double)Count(sample, value - slack) / sample.Length;
            largest = Math.Max(largest, Math.Max(rank - upTo, below - rank));
        }

        return largest;
    }

    private static int Count(double[] sorted, double limit)
    {
        int at = Array.BinarySearch(sorted, limit);
        return at < 0 ? ~at : at;
    }

    private static void Share(double expected, ViewDraw[] draws, Func<ViewDraw, bool> chosen)
    {
        // Five standard deviations of a share.
        double bound = 5 * Math.Sqrt(expected * (1 - expected) / draws.Length);
        Assert.Equal(expected, (double)draws.Count(chosen) / draws.Length, bound);
    }

    private static void Even(double low, double high, IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        Assert.True(sorted[0] >= low && sorted[^1] <= high);
        for (int i = 0; i < sorted.Length; i++)
        {
            // Kolmogorov and Smirnov: 2.2 / √n is passed once in ten thousand times.
            Assert.Equal((double)i / sorted.Length, (sorted[i] - low) / (high - low), 2.2 / Math.Sqrt(sorted.Length));
        }
    }

    private static double Correlation(double[] a, double[] b)
    {
        double ma = a.Average(), mb = b.Average();
        double cross = a.Zip(b, (x, y) => (x - ma) * (y - mb)).Sum();
        return cross / Math.Sqrt(a.Sum(x => (x - ma) * (x - ma)) * b.Sum(y => (y - mb) * (y - mb)));
    }
}
