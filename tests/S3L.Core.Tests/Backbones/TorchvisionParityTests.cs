using S3L.Core.Backbones;
using S3L.Testing;
using static S3L.Core.Tests.Backbones.KnownBackbones;

namespace S3L.Core.Tests.Backbones;

/// <summary>Names, shapes and features against what tests/Parity/networks/architectures.py wrote with torchvision.</summary>
public sealed class TorchvisionParityTests
{
    // Float32 through up to 152 layers against float64; measured 2.4e-5 at most.
    private const double Tolerance = 1e-4;

    private const int Elements = 128;

    public static TheoryData<string> All => TorchvisionNames;

    public static TheoryData<string, int> Stages
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (string name in TorchvisionNames.Select(row => row.Data))
            {
                // The first stages of a deep ResNet are those of a shallow one.
                int first = name is "resnet101" or "resnet152" ? 3 : 1;
                int last = name.StartsWith("resnet", StringComparison.Ordinal) || name == "mobilenetv3-small" ? 4 : 5;
                for (int count = first; count <= last; count++) data.Add(name, count);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(All))]
    public void The_state_dict_is_torchvisions_without_classifier(string name)
    {
        using IBackbone backbone = Create(name, null);
        Assert.Equal(Stored(name), Described(backbone.Network));
        Assert.Equal(name, backbone.Name);
        long features = name switch
        {
            "resnet18" or "resnet34" => 512,
            "mobilenetv2" or "efficientnet-b0" => 1280,
            "mobilenetv3-small" => 576,
            "mobilenetv3-large" => 960,
            _ => 2048,
        };
        Assert.Equal((features, 32), (backbone.FeatureDimension, backbone.MinimumResolution));
    }

    [Theory, MemberData(nameof(Stages))]
    public void Features_of_the_first_stages_equal_torchvisions_in_training_and_in_evaluation(string name, int count)
    {
        using IBackbone backbone = Create(name, count);
        Compare(backbone, name, count == backbone.FullStageCount, 64, 67);
    }

    [Fact]
    public void Features_of_other_stems_and_widths_equal_torchvisions()
    {
        const MobileStem Small = MobileStem.SmallImage;
        using var mobile2 = new MobileNetV2(new MobileNetV2Options { Stem = Small });
        using var small3 = new MobileNetV3(MobileNetV3Options.Small with { Stem = Small });
        using var large3 = new MobileNetV3(MobileNetV3Options.Large with { Stem = Small });
        using var efficient = new EfficientNet(new EfficientNetOptions { Stem = Small, StochasticDepth = 0 });
        foreach (IBackbone backbone in (IBackbone[])[mobile2, small3, large3, efficient])
        {
            Assert.Equal(16, backbone.MinimumResolution);
            Compare(backbone, backbone.Name + ".small", true, 33, 32);
        }

        using var narrow = new MobileNetV2(new MobileNetV2Options { WidthMultiplier = 0.35 });
        Assert.Equal(1280, narrow.FeatureDimension);
        Compare(narrow, "mobilenetv2.narrow", true, 64, 67);
    }

    private static void Compare(IBackbone backbone, string key, bool whole, int height, int width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("networks", "architectures");
        using IDisposable quiet = torch.no_grad();
        HashedNumbers.Fill(backbone.Network);
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, height, width);

        AssertClose(stored[$"{key}.{backbone.StageCount}.train"], backbone.Forward(images));
        if (whole)
        {
            torch.Tensor[] statistics = [.. backbone.Network.state_dict()
                .Where(e => e.Key.EndsWith("running_mean", StringComparison.Ordinal) || e.Key.EndsWith("running_var", StringComparison.Ordinal))
                .Select(e => e.Value)];
            AssertClose(stored[$"{key}.statistics"], torch.cat(statistics, 0));
        }

        foreach (BatchNorm2d norm in backbone.Network.named_modules().Select(m => m.module).OfType<BatchNorm2d>()) norm.momentum = 1;
        backbone.Forward(images);
        backbone.Network.eval();
        AssertClose(stored[$"{key}.{backbone.StageCount}.eval"], backbone.Forward(images));
    }

    // The norm, which comes last, would outweigh the elements.
    private static void AssertClose(torch.Tensor expected, torch.Tensor actual)
    {
        double[] stored = expected.Doubles();
        double[] digest = actual.Digest(Elements);
        Assert.InRange(TensorValues.RelativeError(stored[..^1], digest[..^1]), 0, Tolerance);
        Assert.InRange(Math.Abs(digest[^1] / stored[^1] - 1), 0, Tolerance);
    }
}
