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
    public void Features_equal_torchvisions_in_training_and_in_evaluation(string name, ResNetStem stem, int height)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("networks", "forward");
        using var network = new ResNet(Known(name) with { Stem = stem });
        HashedNumbers.Fill(network);
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, height, height + 3);
        string key = $"{name}.{(stem == ResNetStem.SmallImage ? "small" : "imagenet")}";
        using IDisposable quiet = torch.no_grad();
        // Float32 through up to 34 layers against float64; measured 8e-7.
        Assert.InRange(TensorValues.RelativeError(stored[key + ".train"], network.call(images)), 0, 1e-4);
        network.eval();
        Assert.InRange(TensorValues.RelativeError(stored[key + ".eval"], network.call(images)), 0, 1e-4);
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
            $"input must be [N, 3, H, W] with N of at least 1 and H and W of at least {least}, but is [2, 3, {least}, {least - 1}]. " +
            "(Parameter 'input')",
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

    private static ResNetOptions Known(string name) => name == "resnet18" ? ResNetOptions.ResNet18 : ResNetOptions.ResNet34;
}
