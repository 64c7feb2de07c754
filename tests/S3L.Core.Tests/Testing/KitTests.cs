using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Testing;

/// <summary>The kit for tests of applications.</summary>
public sealed class KitTests
{
    [Fact]
    public void A_run_is_nine_steps_and_the_same_each_time()
    {
        TrainingResult first = Train(), second = Train();
        Assert.Equal((9, 48), (first.Steps, first.ImageCount));
        Assert.Equal(first.Losses, second.Losses);
    }

    [Fact]
    public void Weights_and_pictures_follow_from_the_seed()
    {
        Assert.Equal(Weights(3), Weights(3));
        Assert.NotEqual(Weights(3), Weights(4));
        Assert.Equal(Pixels(3), Pixels(3));
        Assert.NotEqual(Pixels(3), Pixels(4));
    }

    [Fact]
    public void A_tensor_that_is_left_is_found_and_one_that_is_disposed_is_none()
    {
        torch.Tensor? left = null;
        InvalidOperationException found =
            Assert.Throws<InvalidOperationException>(() => LiveTensors.AssertNoneLeft(() => left = torch.zeros([2])));
        Assert.Equal("1 native tensors were not disposed.", found.Message);
        left!.Dispose();
        LiveTensors.AssertNoneLeft(() => torch.zeros([2]).Dispose());
    }

    private static TrainingResult Train() => TinyRun.Train(b => new SimSiam(b, new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 }));

    private static double[] Weights(int seed)
    {
        using IBackbone backbone = TinyBackbone.Create(seed);
        Assert.Equal(TinyBackbone.FeatureDimension, backbone.FeatureDimension);
        return backbone.Network.parameters().First().Doubles();
    }

    private static byte[] Pixels(int seed) => TinyPictures.Create(seed: seed).Load(0).Pixels.ToArray();
}
