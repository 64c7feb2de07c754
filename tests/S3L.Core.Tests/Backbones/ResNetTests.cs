using S3L.Core.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

public sealed class ResNetTests
{
    private static readonly ResNetOptions Narrow = new() { Name = "narrow", Width = 4, Depths = [1, 1, 1, 1] };

    [Theory]
    [InlineData("resnet18", ResNetStem.ImageNet, 56)]
    [InlineData("resnet18", ResNetStem.SmallImage, 17)]
    [InlineData("resnet34", ResNetStem.ImageNet, 33)]
    [InlineData("resnet50", ResNetStem.ImageNet, 40)]
    public void Features_equal_torchvisions_in_training_and_in_evaluation(string name, ResNetStem stem, int height)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("networks", "forward");
        using var network = new ResNet(Known(name) with { Stem = stem });
        HashedNumbers.Fill(network);
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, height, height + 3);
        string key = $"{name}.{(stem == ResNetStem.SmallImage ? "small" : "imagenet")}";
        using IDisposable quiet = torch.no_grad();
        // Float32 through up to 50 layers against float64; measured 8e-7 for 18 and 34 layers, 4e-5 for 50.
        Assert.InRange(TensorValues.RelativeError(stored[key + ".train"], network.call(images)), 0, 1e-4);
        network.eval();
        Assert.InRange(TensorValues.RelativeError(stored[key + ".eval"], network.call(images)), 0, 1e-4);
    }

    [Theory]
    [InlineData("resnet18")]
    [InlineData("resnet34")]
    [InlineData("resnet50")]
    public void The_state_dict_is_torchvisions_without_fc(string name)
    {
        using var network = new ResNet(Known(name));
        Assert.Equal(Stored(name), Described(network));
        Assert.Equal(name, network.Name);
        Assert.Equal(name == "resnet50" ? 2048 : 512, network.FeatureDimension);
    }

    [Theory]
    [InlineData("resnet18", 1)]
    [InlineData("resnet18", 2)]
    [InlineData("resnet18", 3)]
    [InlineData("resnet50", 1)]
    [InlineData("resnet50", 3)]
    public void Leaving_out_last_stages_leaves_the_first_ones_as_they_are(string name, int stages)
    {
        using var network = new ResNet(Known(name) with { StageCount = stages });
        string[] expected = [.. Stored(name).Where(line => !line.StartsWith("layer", StringComparison.Ordinal) || line[5] - '0' <= stages)];
        Assert.Equal(expected, Described(network));
        Assert.Equal(["stem", .. Enumerable.Range(1, stages).Select(s => $"layer{s}")], network.StageNames);
        Assert.Equal((name == "resnet50" ? 256L : 64) << (stages - 1), network.FeatureDimension);
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal([2, network.FeatureDimension], network.call(torch.zeros([2, 3, network.MinimumResolution, network.MinimumResolution])).shape);
    }

    [Theory]
    [InlineData(ResNetStem.ImageNet, 4, 32)]
    [InlineData(ResNetStem.ImageNet, 3, 16)]
    [InlineData(ResNetStem.ImageNet, 1, 4)]
    [InlineData(ResNetStem.SmallImage, 4, 8)]
    [InlineData(ResNetStem.SmallImage, 1, 1)]
    public void Takes_any_resolution_from_the_least_on(ResNetStem stem, int stages, int least)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new ResNet(Narrow with { Stem = stem, StageCount = stages });
        Assert.Equal(least, network.MinimumResolution);
        foreach ((int height, int width) in new[] { (least, least), (least + 1, least), (least + 13, least + 37), (65, 64) })
        {
            torch.Tensor features = network.call(HashedNumbers.Tensor("images", 2, 3, height, width));
            Assert.Equal([2, network.FeatureDimension], features.shape);
            Assert.True(features.isfinite().all().ToBoolean());
        }

        var error = Assert.Throws<ArgumentException>(() => network.call(torch.zeros([2, 3, least, least - 1])));
        Assert.Equal(
            $"input must be [N, 3, H, W] with N of at least 1 and H and W of at least {least}, but is [2, 3, {least}, {least - 1}]. (Parameter 'input')",
            error.Message);
    }

    [Theory]
    [InlineData(new long[] { 3, 40, 40 })]
    [InlineData(new long[] { 0, 3, 40, 40 })]
    [InlineData(new long[] { 2, 1, 40, 40 })]
    [InlineData(new long[] { 2, 40, 40, 3 })]
    public void Refuses_anything_but_colour_pictures(long[] shape)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new ResNet(Narrow);
        var error = Assert.Throws<ArgumentException>(() => network.call(torch.zeros(shape)));
        Assert.Equal(
            $"input must be [N, 3, H, W] with N of at least 1 and H and W of at least 32, but is [{string.Join(", ", shape)}]. (Parameter 'input')",
                error.Message);
    }

    [Fact]
    public void A_forward_leaves_nothing_but_the_features()
    {
        using var network = new ResNet(Narrow);
        using torch.Tensor images = HashedNumbers.Tensor("images", 2, 3, 32, 32);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor features = network.call(images);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_twin_is_equal_and_independent()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new ResNet(Narrow with { Stem = ResNetStem.SmallImage, StageCount = 2 });
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, 8, 8);
        network.call(images);
        using IBackbone twin = network.CreateTwin();
        Assert.Equal(Described(network), Described(twin.Network));
        foreach ((string name, torch.Tensor tensor) in network.state_dict())
        {
            Assert.Equal(tensor.Doubles(), twin.Network.state_dict()[name].Doubles());
        }

        // Buffers too: both have seen one batch, and further batches of one do not reach the other.
        Assert.Equal(1, twin.Network.state_dict()["bn1.num_batches_tracked"].ToInt64());
        torch.Tensor before = twin.Network.state_dict()["conv1.weight"].clone();
        using (torch.no_grad())
        {
            foreach (torch.Tensor tensor in network.parameters()) tensor.fill_(0.5);
            network.call(images);
        }

        Assert.Equal(before.Doubles(), twin.Network.state_dict()["conv1.weight"].Doubles());
        Assert.Equal(1, twin.Network.state_dict()["bn1.num_batches_tracked"].ToInt64());
    }

    [Fact]
    public void Convolutions_start_with_the_variance_of_fan_out_and_normalisations_as_identities()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using var network = new ResNet();
        foreach ((string name, torch.Tensor tensor) in network.state_dict())
        {
            double[] values = tensor.Doubles();
            if (tensor.ndim == 4)
            {
                double expected = Math.Sqrt(2.0 / (tensor.size(0) * tensor.size(2) * tensor.size(3)));
                // A deviation from n draws is uncertain by 1/√(2n), a mean by 1/√n; five times that never occurs.
                double bound = 5 / Math.Sqrt(values.Length);
                double mean = values.Average();
                double deviation = Math.Sqrt(values.Average(v => (v - mean) * (v - mean)));
                Assert.InRange(mean / expected, -bound, bound);
                Assert.InRange(deviation / expected, 1 - bound, 1 + bound);
            }
            else
            {
                double one = name.EndsWith("weight", StringComparison.Ordinal) || name.EndsWith("running_var", StringComparison.Ordinal) ? 1 : 0;
                Assert.All(values, v => Assert.Equal(one, v));
            }
        }
    }

    [Theory]
    [InlineData(ResNetBlock.Basic, "bn2")]
    [InlineData(ResNetBlock.Bottleneck, "bn3")]
    public void Residual_paths_can_start_as_nothing(ResNetBlock block, string last)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var network = new ResNet(Narrow with { Block = block, ZeroInitResidual = true });
        foreach ((string name, torch.Tensor tensor) in network.state_dict())
        {
            if (!name.Contains("bn", StringComparison.Ordinal) || !name.EndsWith(".weight", StringComparison.Ordinal)) continue;
            double expected = name.StartsWith("layer", StringComparison.Ordinal) && name.Contains(last, StringComparison.Ordinal) ? 0 : 1;
            Assert.All(tensor.Doubles(), v => Assert.Equal(expected, v));
        }
    }

    private static ResNetOptions Known(string name) => name switch
    {
        "resnet18" => ResNetOptions.ResNet18,
        "resnet34" => ResNetOptions.ResNet34,
        _ => ResNetOptions.ResNet50,
    };

    private static string[] Stored(string name) => File.ReadAllLines(RepositoryFiles.PathTo("tests", "Parity", "networks", name + ".txt"));

    private static string[] Described(torch.nn.Module network) =>
        [.. network.state_dict().Select(e => $"{e.Key} {string.Join("x", e.Value.shape)}")];
}
