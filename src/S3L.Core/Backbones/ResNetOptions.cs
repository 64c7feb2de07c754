namespace S3L.Core.Backbones;

/// <summary>Which residual network to build: depth and width are data.</summary>
public sealed partial record ResNetOptions
{
    /// <summary>What the network is called in reports and files.</summary>
    public string Name { get; init; } = "resnet18";

    /// <summary>The block that is repeated. Default: <see cref="ResNetBlock.Basic"/>.</summary>
    public ResNetBlock Block
    {
        get;
        init => field = Guard.Defined(value, nameof(Block));
    }

    /// <summary>Blocks of each of the four stages, each at least 1. Default: 2, 2, 2, 2.</summary>
    /// <exception cref="ArgumentException">There are not four, or one is below 1.</exception>
    public IReadOnlyList<int> Depths
    {
        get;
        init => field = value is { Count: 4 } && value.All(d => d >= 1)
            ? value
            : throw new ArgumentException($"Depths must hold four numbers of at least 1, but is [{string.Join(", ", value ?? [])}].", nameof(Depths));
    } = [2, 2, 2, 2];

    /// <summary>Channels of the stem and width of the first stage; each further stage doubles it. At least 1, default 64.</summary>
    public int Width
    {
        get;
        init => field = Guard.AtLeast(value, 1, nameof(Width));
    } = 64;

    /// <summary>What comes before the first stage. Default: <see cref="ResNetStem.ImageNet"/>.</summary>
    public ResNetStem Stem
    {
        get;
        init => field = Guard.Defined(value, nameof(Stem));
    }

    /// <summary>How many leading stages are built, 1 to 4, default 4. Leaving out the last is S3L's small architecture (arXiv 2103.13559,
    /// section 3.2).</summary>
    public int StageCount
    {
        get;
        init => field = Guard.Within(value, 1, 4, nameof(StageCount));
    } = 4;

    /// <summary>Whether the last normalisation of each block starts at zero, so that blocks start as identities (arXiv 1706.02677). Default
    /// false, as torchvision's.</summary>
    public bool ZeroInitResidual { get; init; }
}
