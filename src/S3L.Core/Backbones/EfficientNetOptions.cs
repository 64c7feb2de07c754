namespace S3L.Core.Backbones;

/// <summary>Which EfficientNet to build: depth and width are data.</summary>
public sealed partial record EfficientNetOptions
{
    /// <summary>What the network is called in reports and files.</summary>
    public string Name { get; init; } = "efficientnet-b0";

    /// <summary>The blocks, first to last, at least one row. A stage begins with the first row and with each one of stride 2. Default: those of
    /// <see cref="B0"/>.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public IReadOnlyList<EfficientNetRow> Rows
    {
        get;
        init => field = [.. Guard.NotEmpty(value, nameof(Rows))];
    } = B0Rows;

    /// <summary>Channels of the stem. At least 1, default 32.</summary>
    public int StemWidth
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(StemWidth));
    } = 32;

    /// <summary>What comes before the first stage. Default: <see cref="MobileStem.ImageNet"/>.</summary>
    public MobileStem Stem
    {
        get;
        init => field = Guard.Defined(value, nameof(Stem));
    }

    /// <summary>
    /// With which probability a block with a shortcut leaves out all but that for an image in training (arXiv 1603.09382): this times the
    /// block's place, 0 for the first, over the number of blocks in all rows. In [0, 1], default 0.2 as torchvision's.
    /// </summary>
    public double StochasticDepth
    {
        get;
        init => field = Guard.Within(value, 0, 1, nameof(StochasticDepth));
    } = 0.2;

    /// <summary>How many stages <see cref="Rows"/> make: 5 for <see cref="B0"/>.</summary>
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
