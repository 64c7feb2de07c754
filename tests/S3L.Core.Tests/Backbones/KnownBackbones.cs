using S3L.Core.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>The networks that the tests of all backbones go over.</summary>
internal static class KnownBackbones
{
    private static readonly Dictionary<string, Func<int?, IBackbone>> Torchvision = new()
    {
        ["resnet18"] = Residual(ResNetOptions.ResNet18),
        ["resnet34"] = Residual(ResNetOptions.ResNet34),
        ["resnet50"] = Residual(ResNetOptions.ResNet50),
        ["resnet101"] = Residual(ResNetOptions.ResNet101),
        ["resnet152"] = Residual(ResNetOptions.ResNet152),
        ["mobilenetv2"] = stages => new MobileNetV2(new MobileNetV2Options { StageCount = stages ?? 5 }),
        ["mobilenetv3-small"] = stages => new MobileNetV3(MobileNetV3Options.Small with { StageCount = stages ?? 4 }),
        ["mobilenetv3-large"] = stages => new MobileNetV3(MobileNetV3Options.Large with { StageCount = stages ?? 5 }),
        // Chance would differ between two calls that are compared.
        ["efficientnet-b0"] = stages => new EfficientNet(new EfficientNetOptions { StochasticDepth = 0, StageCount = stages ?? 5 }),
    };

    private static readonly Dictionary<string, Func<IBackbone>> All = new()
    {
        ["narrow resnet18"] = () => new ResNet(ResNetOptions.ResNet18 with { Width = 4 }),
        ["narrow resnet50"] = () => new ResNet(ResNetOptions.ResNet50 with { Width = 4 }),
        ["small resnet18"] = () => new ResNet(ResNetOptions.ResNet18 with { Width = 4, Stem = ResNetStem.SmallImage }),
        ["mobilenetv2"] = () => new MobileNetV2(),
        ["small mobilenetv2"] = () => new MobileNetV2(new MobileNetV2Options { WidthMultiplier = 0.35, Stem = MobileStem.SmallImage }),
        ["mobilenetv3-small"] = () => new MobileNetV3(MobileNetV3Options.Small),
        ["mobilenetv3-large"] = () => new MobileNetV3(MobileNetV3Options.Large),
        ["small mobilenetv3-small"] = () => new MobileNetV3(MobileNetV3Options.Small with { Stem = MobileStem.SmallImage }),
        ["efficientnet-b0"] = () => new EfficientNet(new EfficientNetOptions { StochasticDepth = 0 }),
        ["small efficientnet-b0"] = () => new EfficientNet(new EfficientNetOptions { StochasticDepth = 0, Stem = MobileStem.SmallImage }),
        ["one stage"] = () => new OneStageNetwork(),
    };

    /// <summary>The networks that torchvision has too, whole.</summary>
    public static TheoryData<string> TorchvisionNames => [.. Torchvision.Keys];

    /// <summary>At least one of each kind, with all of its stages.</summary>
    public static TheoryData<string> Names => [.. All.Keys];

    public static IBackbone Create(string name) => All[name]();

    /// <summary>torchvision's network, or its first stages.</summary>
    public static IBackbone Create(string name, int? stages) => Torchvision[name](stages);

    /// <summary>The names and shapes that tests/Parity/networks/architectures.py wrote.</summary>
    public static string[] Stored(string name) => File.ReadAllLines(RepositoryFiles.PathTo("tests", "Parity", "networks", name + ".txt"));

    /// <summary>Names and shapes in the form of <see cref="Stored"/>.</summary>
    public static string[] Described(torch.nn.Module network) =>
        [.. network.state_dict().Select(e => $"{e.Key} {string.Join("x", e.Value.shape)}")];

    /// <summary>The elements of every parameter and buffer.</summary>
    public static Dictionary<string, double[]> Elements(IBackbone backbone) =>
        backbone.Network.state_dict().ToDictionary(e => e.Key, e => e.Value.Doubles());

    private static Func<int?, IBackbone> Residual(ResNetOptions options) => stages => new ResNet(options with { StageCount = stages ?? 4 });

    /// <summary>A stranger's network that cannot be cut.</summary>
    private sealed class OneStageNetwork : torch.nn.Module<torch.Tensor, torch.Tensor>, IBackbone
    {
        private readonly Sequential _layers =
            torch.nn.Sequential(torch.nn.Conv2d(3, 8, 3, 2, 1, bias: false), torch.nn.BatchNorm2d(8), torch.nn.ReLU());

        public OneStageNetwork() : base(nameof(OneStageNetwork))
        {
            register_module("layers", _layers);
        }

        public string Name => "one";

        public long FeatureDimension => 8;

        public int MinimumResolution => 2;

        public IReadOnlyList<BackboneStage> Stages => [new("stem", []), new("layers", [_layers])];

        public int StageCount => 1;

        public int FullStageCount => 1;

        public torch.nn.Module Network => this;

        public torch.Tensor Forward(torch.Tensor images)
        {
            if (images.shape is not [> 0, 3, >= 2, >= 2]) throw new ArgumentException("images must be at least 2 px.", nameof(images));
            return call(images);
        }

        public override torch.Tensor forward(torch.Tensor input)
        {
            using torch.Tensor maps = _layers.call(input);
            return maps.mean([2, 3]);
        }

        public IBackbone CreateTwin()
        {
            var twin = new OneStageNetwork();
            twin.load_state_dict(state_dict());
            return twin;
        }

        public IBackbone WithStages(int count)
        {
            ArgumentOutOfRangeException.ThrowIfNotEqual(count, 1);
            return CreateTwin();
        }
    }
}
