namespace S3L.Core.Backbones;

/// <summary>Which MobileNetV3 to build: depth and width are data.</summary>
public sealed partial record MobileNetV3Options
{
    /// <summary>What the network is called in reports and files.</summary>
    public string Name { get; init; } = "mobilenetv3-large";

    /// <summary>The blocks, first to last, at least one. A stage begins with the first and with each one of stride 2. Default: those of
    /// <see cref="Large"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IReadOnlyList<MobileNetV3Row> Rows
    {
        get;
        init => field = [.. Guard.NotEmpty(value, nameof(Rows))];
    } = LargeRows;

    /// <summary>Channels of the stem. At least 1, default 16.</summary>
    public int StemWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(StemWidth));
    } = 16;

    /// <summary>What comes before the first stage. Default: <see cref="MobileStem.ImageNet"/>.</summary>
    public MobileStem Stem
    {
        get;
        init => field = Guard.Defined(value, nameof(Stem));
    }

    /// <summary>How many stages <see cref="Rows"/> make: 5 for <see cref="Large"/>, 4 for <see cref="Small"/>.</summary>
    public int FullStageCount => 1 + Rows.Skip(1).Count(r => r.Stride == 2);

    /// <summary>How many leading stages are built, 1 to <see cref="FullStageCount"/>, default all. Leaving out the last is S3L's small
    /// architecture (arXiv 2103.13559, section 3.2).</summary>
    public int StageCount
    {
        // Zero is what nobody asked for: rows may still be set after it.
        get => field == 0 ? FullStageCount : field;
        init => field = Guard.AtLeast(value, 1, nameof(StageCount));
    }
}
