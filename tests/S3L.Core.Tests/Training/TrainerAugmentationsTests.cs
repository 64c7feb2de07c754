using S3L.Core.Augmentation;
using S3L.Core.Data;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Optimizers;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

/// <summary>One distribution for all views, or one per view.</summary>
public sealed class TrainerAugmentationsTests
{
    // Colours as they are, so that views can be judged by their pixels.
    private static readonly AugmentationOptions Colourful = new()
    {
        JitterProbability = 0,
        GrayscaleProbability = 0,
        BlurProbability = 0,
        Statistics = new ColorStatistics([0, 0, 0], [1, 1, 1]),
    };

    private static readonly AugmentationOptions Gray = Colourful with { GrayscaleProbability = 1 };

    private static readonly AugmentationOptions Solarised = Colourful with { SolarizeProbability = 1 };

    [Fact]
    public void Each_view_has_its_own_distribution()
    {
        List<double[][]> steps = Views(2, Gray, Colourful);
        Assert.Equal(4, steps.Count);
        Assert.All(steps, views => Assert.Equal((true, false), (IsGray(views[0]), IsGray(views[1]))));
        Assert.All(Views(2, Colourful, Gray), views => Assert.Equal((false, true), (IsGray(views[0]), IsGray(views[1]))));
    }

    [Fact]
    public void Three_views_have_theirs_in_the_order_given()
    {
        Assert.All(Views(3, Colourful, Solarised, Gray), views =>
        {
            Assert.Equal([false, false, true], views.Select(IsGray));
            // What solarising inverts are values of at least one half.
            Assert.Equal([false, true], views.Take(2).Select(v => v.Max() <= 0.5));
        });
    }

    [Fact]
    public void One_distribution_is_drawn_from_for_each_view_anew()
    {
        foreach (double[][] views in Views(2, Gray))
        {
            Assert.All(views, v => Assert.True(IsGray(v)));
            Assert.NotEqual(views[0], views[1]);
        }
    }

    [Fact]
    public void One_distribution_gives_the_same_views_as_the_same_one_for_each()
    {
        List<double[][]> once = Views(2, Colourful), twice = Views(2, Colourful, Colourful);
        Assert.All(once.Zip(twice), p => Assert.Equal(p.First, p.Second));
    }

    [Fact]
    public void Equal_statistics_that_were_made_apart_fit_together() =>
        Assert.Equal(4, Views(2, Colourful, Gray with { Statistics = new ColorStatistics([0, 0, 0], [1, 1, 1]) }).Count);

    [Theory]
    [InlineData(2, 0)]
    [InlineData(2, 3)]
    [InlineData(3, 2)]
    [InlineData(1, 2)]
    public void Another_number_of_distributions_is_refused(int views, int distributions)
    {
        var error = Assert.Throws<ArgumentException>(() => Views(views, [.. Enumerable.Repeat(Colourful, distributions)]));
        Assert.Equal($"Options.Augmentations must hold 1 or {views} distributions for small, but holds {distributions}.", error.Message);
    }

    [Theory]
    [InlineData(0.5, 1)]
    [InlineData(0, 0.5)]
    public void Different_statistics_are_refused(double mean, double deviation)
    {
        AugmentationOptions other = Gray with { Statistics = new ColorStatistics([0, 0, mean], [1, 1, deviation]) };
        var error = Assert.Throws<ArgumentException>(() => Views(2, Colourful, other));
        Assert.Equal("Options.Augmentations must all have the same Statistics.", error.Message);
    }

    [Fact]
    public void The_default_is_MoCo_v2s_for_all() => Assert.Equal([AugmentationOptions.MoCoV2], new TrainerOptions().Augmentations);

    /// <summary>The pixels of each view, [N, 3, R, R], at each of four steps.</summary>
    private static List<double[][]> Views(int count, params AugmentationOptions[] augmentations)
    {
        var seen = new List<double[][]>();
        SmallTraining training = SmallTraining.Sloped(("w", [1, 1], [1], [0])) with
        {
            Pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 4, Size = 24 }),
            ViewCount = count,
            OnViews = views => seen.Add([.. views.Select(v => v.Doubles())]),
        };
        training.Run(SmallTraining.Options(new SgdSettings(), 0.1) with { Augmentations = augmentations },
            ResolutionSchedule.Constant(12, 2));
        return seen;
    }

    private static bool IsGray(double[] view)
    {
        const int Plane = 12 * 12;
        // Products of float32 weights in another order per channel.
        return Enumerable.Range(0, view.Length).All(i => Math.Abs(view[i] - view[(i / (3 * Plane) * 3 * Plane) + (i % Plane)]) < 1e-5);
    }
}
