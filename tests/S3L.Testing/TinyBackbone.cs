using S3L.Core.Backbones;

namespace S3L.Testing;

/// <summary>A network that is small enough for a unit test: residual, two stages of 8 and 16 channels, for pictures from 2 px.</summary>
public static class TinyBackbone
{
    /// <summary>Length of its feature vectors.</summary>
    public const int FeatureDimension = 16;

    /// <summary>The network with random weights that follow from the seed alone. Seeds torch's own generator.</summary>
    /// <param name="seed">Any number.</param>
    /// <returns>The network, which the caller owns.</returns>
    public static IBackbone Create(int seed = 0)
    {
        torch.manual_seed(seed);
        return new ResNet(new ResNetOptions
        {
            Name = "tiny",
            Width = FeatureDimension / 2,
            Depths = [1, 1, 1, 1],
            StageCount = 2,
            Stem = ResNetStem.SmallImage,
        });
    }
}
