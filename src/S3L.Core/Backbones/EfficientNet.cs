using System.Text.Json;

namespace S3L.Core.Backbones;

/// <summary>EfficientNet of any depth and width, with all or only the first of its stages.</summary>
/// <remarks>
/// Source: arXiv 1905.11946, with torchvision's parameter names and initialisation; there is no <c>classifier</c>. Stages begin where the
/// resolution halves: <c>features.1</c>, <c>.2</c>, <c>.3</c>, <c>.4</c>–<c>.5</c> and <c>.6</c>–<c>.8</c> of B0, the last with the widening 1×1
/// convolution. Features are the means over height and width of the last stage that is built. In train mode blocks are left out at random,
/// drawn from torch's own generator on the network's device; a block keeps its probability when later stages are left out.
/// </remarks>
public sealed class EfficientNet : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone
{
    private readonly StagedFeatures _features;

    /// <summary>Builds the network with random weights, drawn from torch's own generator (<c>torch.manual_seed</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The options ask for more stages than their rows make.</exception>
    public EfficientNet(EfficientNetOptions? options = null) : base(nameof(EfficientNet))
    {
        Options = options ?? EfficientNetOptions.B0;
        _features = new StagedFeatures(Parts(Options), Options.StageCount);
        register_module("features", _features.Sequence);
        KaimingWeights.Draw(this);
    }

    /// <summary>What was built.</summary>
    public EfficientNetOptions Options { get; }

    /// <inheritdoc/>
    public string Name => Options.Name;

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, NetworkOptionsJson.Default.EfficientNetOptions);

    /// <inheritdoc/>
    public long FeatureDimension => _features.FeatureDimension;

    /// <summary>The stride of the stages that are built: 32 for all with ImageNet's stem, 16 with the small one.</summary>
    public int MinimumResolution => _features.Stride;

    /// <inheritdoc/>
    public IReadOnlyList<BackboneStage> Stages => _features.Stages;

    /// <inheritdoc/>
    public int StageCount => _features.StageCount;

    /// <inheritdoc/>
    public int FullStageCount => _features.FullStageCount;

    /// <inheritdoc/>
    public torch.nn.Module Network => this;

    torch.Tensor IBackbone.Forward(torch.Tensor images) => call(images);

    /// <inheritdoc/>
    public IBackbone CreateTwin() => WithStages(StageCount);

    /// <inheritdoc/>
    public IBackbone WithStages(int count)
    {
        Guard.Within(count, 1, FullStageCount, nameof(count));
        return StageWeights.Copy(this, new EfficientNet(Options with { StageCount = count }));
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input) => _features.Pooled(input);

    private static List<FeaturePart> Parts(EfficientNetOptions options)
    {
        var units = new ConvolutionUnits();
        int stemStride = options.Stem == MobileStem.ImageNet ? 2 : 1;
        long channels = options.StemWidth;
        long stem = channels;
        var parts = new List<FeaturePart> { new(stem, stemStride, () => units.Create(3, stem, 3, stemStride, activation: torch.nn.SiLU())) };
        double rise = options.StochasticDepth / options.Rows.Sum(r => r.Depth);
        int place = 0;
        foreach (EfficientNetRow row in options.Rows)
        {
            long inputs = channels;
            int first = place;
            parts.Add(new(row.Width, row.Stride, () => torch.nn.Sequential([.. Enumerable.Range(0, row.Depth).Select(i =>
                Block(units, row, i == 0 ? inputs : row.Width, i == 0 ? row.Stride : 1, rise * (first + i)))])));
            channels = row.Width;
            place += row.Depth;
        }

        parts.Add(new(4 * channels, 1, () => units.Create(channels, 4 * channels, 1, activation: torch.nn.SiLU())));
        return parts;
    }

    private static InvertedResidual Block(ConvolutionUnits units, EfficientNetRow row, long inputs, int stride, double dropProbability)
    {
        long expanded = ConvolutionUnits.Channels(inputs * row.Expansion);
        var path = new List<torch.nn.Module<torch.Tensor, torch.Tensor>>();
        if (expanded != inputs) path.Add(units.Create(inputs, expanded, 1, activation: torch.nn.SiLU()));
        path.Add(units.Create(expanded, expanded, row.Kernel, stride, expanded, torch.nn.SiLU()));
        path.Add(new SqueezeExcitation(expanded, Math.Max(1, inputs / 4), t => torch.nn.functional.silu(t), t => t.sigmoid()));
        path.Add(units.Create(expanded, row.Width, 1));
        return new InvertedResidual("block", torch.nn.Sequential([.. path]), stride == 1 && inputs == row.Width, dropProbability);
    }
}
