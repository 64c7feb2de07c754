using System.Globalization;
using System.Text.Json;
using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Residual network of any depth and width, with all or only the first of its four stages.</summary>
/// <remarks>
/// Source: arXiv 1512.03385, with the stride in the 3×3 convolution (v1.5) as in torchvision, whose parameter names and initialisation
/// it has; there is no <c>fc</c>. Features are the means over height and width of the last stage that is built.
/// </remarks>
public sealed class ResNet : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone, IBatchInnermost
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly List<ResidualBlock> _blocks = [];
    private readonly List<int> _firstBlocks = [];

    /// <summary>Builds the network with random weights, drawn from torch's own generator (<c>torch.manual_seed</c>).</summary>
    public ResNet(ResNetOptions? options = null) : base("ResNet")
    {
        Options = options ?? ResNetOptions.ResNet18;
        bool small = Options.Stem == ResNetStem.SmallImage;
        _conv1 = torch.nn.Conv2d(3, Options.Width, small ? 3 : 7, small ? 1 : 2, small ? 1 : 3, bias: false);
        _bn1 = torch.nn.BatchNorm2d(Options.Width);
        register_module("conv1", _conv1);
        register_module("bn1", _bn1);

        long channels = Options.Width;
        var stages = new List<BackboneStage> { new("stem", [_conv1, _bn1]) };
        for (int stage = 0; stage < Options.StageCount; stage++)
        {
            var blocks = new List<ResidualBlock>();
            for (int i = 0; i < Options.Depths[stage]; i++)
            {
                long stride = stage > 0 && i == 0 ? 2 : 1;
                blocks.Add(new ResidualBlock(Options.Block, channels, (long)Options.Width << stage, stride));
                channels = blocks[^1].OutputChannels;
            }

            _firstBlocks.Add(_blocks.Count);
            _blocks.AddRange(blocks);
            Sequential layer = torch.nn.Sequential([.. blocks]);
            string name = "layer" + (stage + 1).ToString(CultureInfo.InvariantCulture);
            register_module(name, layer);
            stages.Add(new(name, [layer]));
        }

        FeatureDimension = channels;
        Stages = stages;
        KaimingWeights.Draw(this);
        if (!Options.ZeroInitResidual) return;
        foreach (ResidualBlock block in _blocks) block.StartAsIdentity();
    }

    /// <summary>What was built.</summary>
    public ResNetOptions Options { get; }

    /// <inheritdoc/>
    public string Name => Options.Name;

    /// <inheritdoc/>
    public string Settings => JsonSerializer.Serialize(Options, NetworkOptionsJson.Default.ResNetOptions);

    /// <inheritdoc/>
    public long FeatureDimension { get; }

    /// <summary>
    /// The stride of the last stage, below which it would see less than one pixel: 32 with ImageNet's stem and four stages, 8 with the small one,
    /// half as much for each stage that is left out.
    /// </summary>
    public int MinimumResolution => (Options.Stem == ResNetStem.ImageNet ? 4 : 1) << (Options.StageCount - 1);

    /// <inheritdoc/>
    public IReadOnlyList<BackboneStage> Stages { get; }

    /// <inheritdoc/>
    public int StageCount => Options.StageCount;

    /// <inheritdoc/>
    public int FullStageCount => Options.Depths.Count;

    /// <inheritdoc/>
    public torch.nn.Module Network => this;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public int? BatchInnermostFrom
    {
        get;
        set => field = value is { } stage ? Guard.Within(stage, 0, StageCount - 1, nameof(BatchInnermostFrom)) : null;
    }

    torch.Tensor IBackbone.Forward(torch.Tensor images) => call(images);

    /// <inheritdoc/>
    public IBackbone CreateTwin() => WithStages(StageCount);

    /// <inheritdoc/>
    public IBackbone WithStages(int count)
    {
        Guard.Within(count, 1, FullStageCount, nameof(count));
        return StageWeights.Copy(this, new ResNet(Options with { StageCount = count }));
    }

    /// <inheritdoc/>
    public override torch.Tensor forward(torch.Tensor input)
    {
        Guard.Images(input, MinimumResolution, nameof(input));
        torch.Tensor maps = Stem(input);                                       // [N, width, H/4, W/4]
        int turn = BatchInnermostFrom is { } stage ? _firstBlocks[stage] : -1;
        for (int i = 0; i < _blocks.Count; i++)
        {
            if (i == turn) Replace(ref maps, EngineSeam.BatchInnermost(maps));
            Replace(ref maps, _blocks[i].call(maps));
        }

        torch.Tensor features = Maps.Pool(maps);                               // [N, D]
        maps.Dispose();
        return features;
    }

    private static void Replace(ref torch.Tensor maps, torch.Tensor next)
    {
        maps.Dispose();
        maps = next;
    }

    private torch.Tensor Stem(torch.Tensor images)
    {
        using torch.Tensor convolved = EngineSeam.ConvolveStem(_conv1, images);
        return Options.Stem == ResNetStem.SmallImage ? Maps.Normalise(_bn1, convolved) : EngineSeam.NormaliseReluPool(_bn1, convolved);
    }
}
