using S3L.Core.Augmentation;

namespace S3L.Core.Tests.Augmentation;

public sealed class AugmentationOptionsTests
{
    [Fact]
    public void The_default_is_MoCo_v2s()
    {
        AugmentationOptions o = new();
        Assert.Equal((0.2, 1.0, 4.0 / 3, 0.5), (o.MinimumArea, o.MaximumArea, o.MaximumRatio, o.FlipProbability));
        Assert.Equal((0.8, 0.4, 0.4, 0.4, 0.1), (o.JitterProbability, o.Brightness, o.Contrast, o.Saturation, o.Hue));
        Assert.Equal((0.2, 0.5, 0.1, 2.0, 0.0), (o.GrayscaleProbability, o.BlurProbability, o.MinimumBlurSigma, o.MaximumBlurSigma,
            o.SolarizeProbability));
        Assert.Same(ColorStatistics.ImageNet, o.Statistics);
        Assert.Equal(o, AugmentationOptions.MoCoV2);
    }

    [Fact]
    public void The_known_ones_are_the_papers()
    {
        AugmentationOptions v2 = AugmentationOptions.MoCoV2;
        Assert.Equal(v2 with { JitterProbability = 1, Hue = 0.4, BlurProbability = 0 }, AugmentationOptions.MoCoV1);
        Assert.Equal(v2 with { BlurProbability = 0, Statistics = ColorStatistics.Cifar10 }, AugmentationOptions.Cifar);
        Assert.Equal(v2 with { MinimumArea = 0.08, Saturation = 0.2, BlurProbability = 1 }, AugmentationOptions.ByolFirst);
        Assert.Equal(AugmentationOptions.ByolFirst with { BlurProbability = 0.1, SolarizeProbability = 0.2 }, AugmentationOptions.ByolSecond);
        Assert.Equal([0.485, 0.456, 0.406], ColorStatistics.ImageNet.Mean);
        Assert.Equal([0.229, 0.224, 0.225], ColorStatistics.ImageNet.Deviation);
        Assert.Equal([0.4914, 0.4822, 0.4465], ColorStatistics.Cifar10.Mean);
        Assert.Equal([0.2023, 0.1994, 0.2010], ColorStatistics.Cifar10.Deviation);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new AugmentationOptions { MinimumArea = 0 },
            "MinimumArea must be in [1E-06, 1]. (Parameter 'MinimumArea')\nActual value was 0.");
        Refuses(() => new AugmentationOptions { MaximumArea = 1.5 },
            "MaximumArea must be in [1E-06, 1]. (Parameter 'MaximumArea')\nActual value was 1.5.");
        Refuses(() => new AugmentationOptions { MaximumRatio = 0.75 },
            "MaximumRatio must be in [1, 100]. (Parameter 'MaximumRatio')\nActual value was 0.75.");
        Refuses(() => new AugmentationOptions { FlipProbability = -0.1 },
            "FlipProbability must be in [0, 1]. (Parameter 'FlipProbability')\nActual value was -0.1.");
        Refuses(() => new AugmentationOptions { JitterProbability = 2 },
            "JitterProbability must be in [0, 1]. (Parameter 'JitterProbability')\nActual value was 2.");
        Refuses(() => new AugmentationOptions { Brightness = double.NaN },
            "Brightness must be in [0, 1]. (Parameter 'Brightness')\nActual value was NaN.");
        Refuses(() => new AugmentationOptions { Contrast = 1.1 }, "Contrast must be in [0, 1]. (Parameter 'Contrast')\nActual value was 1.1.");
        Refuses(() => new AugmentationOptions { Saturation = -1 }, "Saturation must be in [0, 1]. (Parameter 'Saturation')\nActual value was -1.");
        Refuses(() => new AugmentationOptions { Hue = 0.6 }, "Hue must be in [0, 0.5]. (Parameter 'Hue')\nActual value was 0.6.");
        Refuses(() => new AugmentationOptions { GrayscaleProbability = 2 },
            "GrayscaleProbability must be in [0, 1]. (Parameter 'GrayscaleProbability')\nActual value was 2.");
        Refuses(() => new AugmentationOptions { BlurProbability = 2 },
            "BlurProbability must be in [0, 1]. (Parameter 'BlurProbability')\nActual value was 2.");
        Refuses(() => new AugmentationOptions { MinimumBlurSigma = 0 },
            "MinimumBlurSigma must be a finite number above 0. (Parameter 'MinimumBlurSigma')\nActual value was 0.");
        Refuses(() => new AugmentationOptions { MaximumBlurSigma = double.PositiveInfinity },
            "MaximumBlurSigma must be a finite number above 0. (Parameter 'MaximumBlurSigma')\nActual value was Infinity.");
        Refuses(() => new AugmentationOptions { SolarizeProbability = 2 },
            "SolarizeProbability must be in [0, 1]. (Parameter 'SolarizeProbability')\nActual value was 2.");
    }

    [Fact]
    public void Statistics_refuse_what_cannot_be_divided_by()
    {
        Refuses(() => new ColorStatistics([0, 0], [1, 1, 1]), "mean must hold three values, but holds 2. (Parameter 'mean')");
        Refuses(() => new ColorStatistics([0, 0, 0], [1, 0, 1]),
            "deviation must hold three values above 0, but is [1, 0, 1]. (Parameter 'deviation')");
        Refuses(() => new ColorStatistics([0, 0, 0], [1, double.NaN, 1]),
            "deviation must hold three values above 0, but is [1, NaN, 1]. (Parameter 'deviation')");
        Refuses(() => new ColorStatistics([0, 0, 0], [1, 1]), "deviation must hold three values above 0, but is [1, 1]. (Parameter 'deviation')");
    }

    [Fact]
    public void Statistics_do_not_follow_the_arrays_they_were_made_of()
    {
        double[] mean = [0.1, 0.2, 0.3];
        var statistics = new ColorStatistics(mean, [1, 1, 1]);
        mean[0] = 9;
        Assert.Equal(0.1, statistics.Mean[0]);
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
