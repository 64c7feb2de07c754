namespace S3L.Core.Augmentation;

public sealed partial record AugmentationOptions
{
    /// <summary>MoCo v2's, which it calls aug+ (arXiv 2003.04297); also for SimCLR and SimSiam. The defaults.</summary>
    public static AugmentationOptions MoCoV2 { get; } = new();

    /// <summary>
    /// MoCo v2's with a blur that tells at low resolution: σ 0.1 to 2 pixels at 40, where the usual one has 0.02 to 0.36. On photographs at 40
    /// pixels SimCLR and SimSiam gained about 0.01 in kNN accuracy by it.
    /// </summary>
    public static AugmentationOptions StrongBlur { get; } = new() { MinimumBlurSigma = 0.56, MaximumBlurSigma = 11.2 };

    /// <summary>MoCo v1's (arXiv 1911.05722): jitter always, hue up to 0.4, no blur.</summary>
    public static AugmentationOptions MoCoV1 { get; } = new() { JitterProbability = 1, Hue = 0.4, BlurProbability = 0 };

    /// <summary>For training with labels: torchvision's crops, of at least 0.08 of the area, and flips.</summary>
    public static AugmentationOptions Supervised { get; } = new()
    {
        MinimumArea = 0.08,
        JitterProbability = 0,
        GrayscaleProbability = 0,
        BlurProbability = 0,
    };

    /// <summary>For CIFAR-sized pictures: no blur, CIFAR-10's statistics.</summary>
    public static AugmentationOptions Cifar { get; } = new() { BlurProbability = 0, Statistics = ColorStatistics.Cifar10 };

    /// <summary>BYOL's first view (arXiv 2006.07733, table 6): always blurred.</summary>
    public static AugmentationOptions ByolFirst { get; } = new() { MinimumArea = 0.08, Saturation = 0.2, BlurProbability = 1 };

    /// <summary>BYOL's second view (arXiv 2006.07733, table 6): seldom blurred, sometimes solarised.</summary>
    public static AugmentationOptions ByolSecond { get; } = ByolFirst with { BlurProbability = 0.1, SolarizeProbability = 0.2 };
}
