using S3L.Core.Backbones;
using S3L.Testing;
using static S3L.Core.Tests.Backbones.KnownBackbones;

namespace S3L.Core.Tests.Backbones;

/// <summary>Every backbone in the number format that the Trainer may choose.</summary>
public sealed class BackboneAutocastTests
{
    public static TheoryData<string> All => Names;

    [Theory, MemberData(nameof(All))]
    public void Bfloat16_gives_about_the_same_features_and_reaches_every_parameter(string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using IBackbone backbone = Create(name);
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, 64, 64);
        torch.Tensor exact = backbone.Forward(images);
        torch.Tensor features;
        using (torch.autocast(DeviceType.CPU, torch.ScalarType.BFloat16)) features = backbone.Forward(images);
        // Fifty layers round to 8 bits each, and normalisation with the statistics of few numbers amplifies that: torchvision's networks in
        // PyTorch's autocast differ from themselves by 0.04 to 0.33.
        Assert.InRange(TensorValues.RelativeError(exact, features), 0, 0.5);

        features.to(torch.float32).mul(HashedNumbers.Tensor("upstream", 4, backbone.FeatureDimension)).sum().backward();
        foreach ((string parameter, Parameter tensor) in backbone.Network.named_parameters())
        {
            double[] gradient = Assert.IsType<torch.Tensor>(tensor.grad).Doubles();
            Assert.All(gradient, g => Assert.True(double.IsFinite(g), parameter));
            Assert.True(gradient.Any(g => g != 0), parameter);
        }
    }
}
