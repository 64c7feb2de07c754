namespace S3L.Core.Backbones;

/// <summary>Which MobileNetV2 to build: width and number of stages are data.</summary>
public sealed partial record MobileNetV2Options
{
    /// <summary>What the network is called in reports and files.</summary>
    public string Name { get; init; } = "mobilenetv2";

    /// <summary>
    /// Channels of every layer relative to the paper's, rounded to multiples of 8. Below 1 the last stage still has 1280 features. A finite
    /// number above 0, default 1.
    /// </summary>
    public double WidthMultiplier
    {
        get;
        init => field = Guard.Positive(value, nameof(WidthMultiplier));
    } = 1;

    /// <summary>What comes before the first stage. Default: <see cref="MobileStem.ImageNet"/>.</summary>
    public MobileStem Stem
    {
        get;
        init => field = Guard.Defined(value, nameof(Stem));
    }

    /// <summary>How many leading stages are built, 1 to 5, default 5. Leaving out the last is S3L's small architecture (arXiv 2103.13559,
    /// section 3.2).</summary>
    public int StageCount
    {
        get;
        init => field = Guard.Within(value, 1, 5, nameof(StageCount));
    } = 5;
}
