using System.Text.Json;

namespace S3L.Core.Backbones;

/// <summary>MobileNetV3 of any depth and width, with all or only the first of its stages.</summary>
/// <remarks>
/// Source: arXiv 1905.02244, with torchvision's parameter names, initialisation and normalisation (ε 0.001, momentum 0.01); there is no
/// <c>classifier</c>. Stages begin where the resolution halves: <c>features.1</c>, <c>.2</c>–<c>.3</c>, <c>.4</c>–<c>.6</c>, <c>.7</c>–<c>.12</c>
/// and <c>.13</c>–<c>.16</c> of the large network, <c>features.1</c>, <c>.2</c>–<c>.3</c>, <c>.4</c>–<c>.8</c> and <c>.9</c>–<c>.12</c> of the
/// small one; the last holds the widening 1×1 convolution. Features are the means over height and width of the last stage that is built.
/// </remarks>
public sealed class MobileNetV3 : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone
{
    private readonly StagedFeatures _features;

    /// <summary>Builds the network with random weights, drawn from torch's own generator (<c>torch.manual_seed</c>).</summary>
    /// <exception cref="ArgumentOutOfRangeException">The options ask for more stages than their rows make.</exception>
    public MobileNetV3(MobileNetV3Options? options = null) : base(nameof(MobileNetV3))
    {
        Options = options ?? MobileNetV3Options.Large;
        _features = new StagedFeatures(Parts(Options), Options.StageCount);
        register_module("features", _features.Sequence);
        KaimingWeights.Draw(this);
    }

    /// <summary>What was built.</summary>
    public MobileNetV3Options Options { get; }

    /// <inheritdoc/>
    public string Name => Options.Name;

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, NetworkOptionsJson.Default.MobileNetV3Options);

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
        return StageWeights.Copy(this, new MobileNetV3(Options with { StageCount = count }));
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input) => _features.Pooled(input);

    private static List<FeaturePart> Parts(MobileNetV3Options options)
    {
        var units = new ConvolutionUnits(0.001, 0.01);
        int stemStride = options.Stem == MobileStem.ImageNet ? 2 : 1;
        long channels = options.StemWidth;
        long stem = channels;
        var parts = new List<FeaturePart> { new(stem, stemStride, () => units.Create(3, stem, 3, stemStride, activation: torch.nn.Hardswish())) };
        foreach (MobileNetV3Row row in options.Rows)
        {
            long inputs = channels;
            parts.Add(new(row.Width, row.Stride, () => Block(units, row, inputs)));
            channels = row.Width;
        }

        parts.Add(new(6 * channels, 1, () => units.Create(channels, 6 * channels, 1, activation: torch.nn.Hardswish())));
        return parts;
    }

    private static InvertedResidual Block(ConvolutionUnits units, MobileNetV3Row row, long inputs)
    {
        var path = new List<torch.nn.Module<torch.Tensor, torch.Tensor>>();
        if (row.Expanded != inputs) path.Add(units.Create(inputs, row.Expanded, 1, activation: Activation(row)));
        path.Add(units.Create(row.Expanded, row.Expanded, row.Kernel, row.Stride, row.Expanded, Activation(row)));
        if (row.SqueezeExcitation)
        {
            // A quarter in whole numbers, as in torchvision.
            path.Add(new SqueezeExcitation(row.Expanded, ConvolutionUnits.Channels(row.Expanded / 4),
                t => torch.nn.functional.relu(t), t => torch.nn.functional.hardsigmoid(t)));
        }

        path.Add(units.Create(row.Expanded, row.Width, 1));
        return new InvertedResidual("block", torch.nn.Sequential([.. path]), row.Stride == 1 && inputs == row.Width);
    }

    private static torch.nn.Module<torch.Tensor, torch.Tensor> Activation(MobileNetV3Row row) =>
        row.HardSwish ? torch.nn.Hardswish() : torch.nn.ReLU(inplace: true);
}
