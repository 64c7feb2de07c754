using System.Text.Json;

namespace S3L.Core.Backbones;

/// <summary>MobileNetV2 of any width, with all or only the first of its five stages.</summary>
/// <remarks>
/// Source: arXiv 1801.04381, table 2, with torchvision's parameter names and initialisation; there is no <c>classifier</c>. Stages are
/// <c>features.1</c>, <c>.2</c>–<c>.3</c>, <c>.4</c>–<c>.6</c>, <c>.7</c>–<c>.13</c> and <c>.14</c>–<c>.18</c>, the last with the widening 1×1
/// convolution. Features are the means over height and width of the last stage that is built.
/// </remarks>
public sealed class MobileNetV2 : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone
{
    private static readonly (int Expansion, int Width, int Depth, int Stride)[] Table =
        [(1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)];

    private readonly StagedFeatures _features;

    /// <summary>Builds the network with random weights, drawn from torch's own generator (<c>torch.manual_seed</c>).</summary>
    public MobileNetV2(MobileNetV2Options? options = null) : base(nameof(MobileNetV2))
    {
        Options = options ?? MobileNetV2Options.Standard;
        _features = new StagedFeatures(Parts(Options), Options.StageCount);
        register_module("features", _features.Sequence);
        KaimingWeights.Draw(this);
    }

    /// <summary>What was built.</summary>
    public MobileNetV2Options Options { get; }

    /// <inheritdoc/>
    public string Name => Options.Name;

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, NetworkOptionsJson.Default.MobileNetV2Options);

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
        return StageWeights.Copy(this, new MobileNetV2(Options with { StageCount = count }));
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input) => _features.Pooled(input);

    private static List<FeaturePart> Parts(MobileNetV2Options options)
    {
        var units = new ConvolutionUnits();
        int stemStride = options.Stem == MobileStem.ImageNet ? 2 : 1;
        long channels = ConvolutionUnits.Channels(32 * options.WidthMultiplier);
        long stem = channels;
        var parts = new List<FeaturePart> { new(stem, stemStride, () => units.Create(3, stem, 3, stemStride, activation: new BoundedRectifier())) };
        foreach ((int expansion, int width, int depth, int rowStride) in Table)
        {
            long outputs = ConvolutionUnits.Channels(width * options.WidthMultiplier);
            for (int i = 0; i < depth; i++)
            {
                long inputs = channels;
                int stride = i == 0 ? rowStride : 1;
                parts.Add(new(outputs, stride, () => Block(units, inputs, inputs * expansion, outputs, stride)));
                channels = outputs;
            }
        }

        // A narrow network keeps the width of its features.
        long features = ConvolutionUnits.Channels(1280 * Math.Max(1, options.WidthMultiplier));
        parts.Add(new(features, 1, () => units.Create(channels, features, 1, activation: new BoundedRectifier())));
        return parts;
    }

    private static InvertedResidual Block(ConvolutionUnits units, long inputs, long expanded, long outputs, int stride)
    {
        var path = new List<torch.nn.Module<torch.Tensor, torch.Tensor>>();
        if (expanded != inputs) path.Add(units.Create(inputs, expanded, 1, activation: new BoundedRectifier()));
        path.Add(units.Create(expanded, expanded, 3, stride, expanded, new BoundedRectifier()));
        path.Add(torch.nn.Conv2d(expanded, outputs, 1, bias: false));
        path.Add(units.Norm(outputs));
        return new InvertedResidual("conv", torch.nn.Sequential([.. path]), stride == 1 && inputs == outputs);
    }
}
