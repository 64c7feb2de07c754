namespace S3L.Core.Augmentation;

/// <summary>
/// How views are made: random resized crop, colour jitter in random order, grayscale, blur, solarise, flip, normalise; each drawn per
/// image and per view. Semantics are torchvision's; resolution is an argument of the call.
/// </summary>
public sealed partial record AugmentationOptions
{
    /// <summary>Least share of the picture's area that a crop takes, in (0, 1], default 0.2.</summary>
    public double MinimumArea
    {
        get;
        init => field = Guard.Within(value, 1e-6, 1, nameof(MinimumArea));
    } = 0.2;

    /// <summary>Largest share of the picture's area that a crop takes, in (0, 1], default 1. Must not be below <see cref="MinimumArea"/>.</summary>
    public double MaximumArea
    {
        get;
        init => field = Guard.Within(value, 1e-6, 1, nameof(MaximumArea));
    } = 1;

    /// <summary>Largest ratio of width to height of a crop, at least 1, default 4/3; the smallest is its inverse. Drawn evenly in its
    /// logarithm.</summary>
    public double MaximumRatio
    {
        get;
        init => field = Guard.Within(value, 1, 100, nameof(MaximumRatio));
    } = 4.0 / 3;

    /// <summary>Probability that a view is flipped left to right, default 0.5.</summary>
    public double FlipProbability
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(FlipProbability));
    } = 0.5;

    /// <summary>Probability of the colour jitter, default 0.8.</summary>
    public double JitterProbability
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(JitterProbability));
    } = 0.8;

    /// <summary>Brightness is multiplied by a factor from 1 ± this, in [0, 1], default 0.4.</summary>
    public double Brightness
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(Brightness));
    } = 0.4;

    /// <summary>Contrast is multiplied by a factor from 1 ± this, in [0, 1], default 0.4.</summary>
    public double Contrast
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(Contrast));
    } = 0.4;

    /// <summary>Saturation is multiplied by a factor from 1 ± this, in [0, 1], default 0.4.</summary>
    public double Saturation
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(Saturation));
    } = 0.4;

    /// <summary>Hue is turned by up to this share of the circle either way, in [0, 0.5], default 0.1.</summary>
    public double Hue
    {
        get;
        init => field = Guard.Within(value, 0, 0.5, nameof(Hue));
    } = 0.1;

    /// <summary>Probability that a view becomes gray, default 0.2.</summary>
    public double GrayscaleProbability
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(GrayscaleProbability));
    } = 0.2;

    /// <summary>Probability of Gaussian blur, default 0.5. There is none at 32 pixels and below.</summary>
    public double BlurProbability
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(BlurProbability));
    } = 0.5;

    /// <summary>Least standard deviation of the blur in pixels at 224; in proportion at other resolutions. Default 0.1.</summary>
    public double MinimumBlurSigma
    {
        get;
        init => field = Guard.Positive(value, nameof(MinimumBlurSigma));
    } = 0.1;

    /// <summary>Largest standard deviation of the blur in pixels at 224; in proportion at other resolutions. Default 2.</summary>
    public double MaximumBlurSigma
    {
        get;
        init => field = Guard.Positive(value, nameof(MaximumBlurSigma));
    } = 2;

    /// <summary>Probability that values of at least one half are inverted, default 0; BYOL's second view 0.2.</summary>
    public double SolarizeProbability
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(SolarizeProbability));
    }

    /// <summary>What colours are normalised by. Default: ImageNet's statistics.</summary>
    public ColorStatistics Statistics { get; init; } = ColorStatistics.ImageNet;
}
