using S3L.Core.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>The layout with the batch innermost in bfloat16, which the TorchSharp engine does not have.</summary>
public sealed class BatchInnermostPrecisionTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void Bfloat16_is_as_close_to_float32_as_in_the_usual_layout(int from)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using var exact = new ResNet(new ResNetOptions { Width = 16, Depths = [1, 2, 1, 1], Stem = ResNetStem.SmallImage });
        (torch.Tensor features, torch.Tensor[] gradients) = Pass(exact, null, isCoarse: false);
        (double usualFeatures, double usualGradients) = Errors(null);
        (double ownFeatures, double ownGradients) = Errors(from);
        // Eight bits a number, through six convolutions; back, a rectifier that opens the other way changes a gradient as a whole. Winograd's
        // transforms round once more: 1.28 times the usual error of features was measured.
        Assert.InRange(ownFeatures, 1e-5, Math.Min(0.02, 1.4 * usualFeatures));
        Assert.InRange(ownGradients, 1e-5, Math.Min(0.3, 1.2 * usualGradients));

        (double Features, double Gradients) Errors(int? stage)
        {
            (torch.Tensor coarse, torch.Tensor[] coarseGradients) = Pass(exact, stage, isCoarse: true);
            return (TensorValues.RelativeError(features, coarse),
                gradients.Zip(coarseGradients).Average(g => TensorValues.RelativeError(g.First, g.Second)));
        }
    }

    private static (torch.Tensor Features, torch.Tensor[] Gradients) Pass(ResNet network, int? from, bool isCoarse)
    {
        using IBackbone twin = network.CreateTwin();
        ((IBatchInnermost)twin).BatchInnermostFrom = from;
        torch.Tensor images = HashedNumbers.Tensor("images", 9, 3, 24, 21), features;
        using (isCoarse ? torch.autocast(DeviceType.CPU, torch.bfloat16) : null) features = twin.Forward(images).to(torch.float32);
        (features * HashedNumbers.Tensor("weights", features.shape)).sum().backward();
        return (features, [.. twin.Network.parameters().Select(p => p.grad!.clone())]);
    }
}
