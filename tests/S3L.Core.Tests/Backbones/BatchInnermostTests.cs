using S3L.Core.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>The layout of maps is a matter of speed: features, gradients, statistics and names are those of the usual one.</summary>
public sealed class BatchInnermostTests
{
    // The same sums in another order, through a dozen float32 layers and back.
    private const double Tolerance = 2e-4;

    public static TheoryData<ResNetBlock, ResNetStem, int> Networks()
    {
        var data = new TheoryData<ResNetBlock, ResNetStem, int>();
        foreach (ResNetBlock block in Enum.GetValues<ResNetBlock>())
        {
            foreach (ResNetStem stem in Enum.GetValues<ResNetStem>())
            {
                for (int from = 0; from < 4; from++) data.Add(block, stem, from);
            }
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Networks))]
    public void Features_gradients_and_statistics_are_those_of_the_usual_layout(ResNetBlock block, ResNetStem stem, int from)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.manual_seed(1).Dispose();
        using var usual = new ResNet(new ResNetOptions { Block = block, Stem = stem, Width = 8, Depths = [1, 2, 1, 1] });
        using IBackbone twin = usual.CreateTwin();
        ((IBatchInnermost)twin).BatchInnermostFrom = from;
        torch.Tensor images = HashedNumbers.Tensor("images", 6, 3, 40, 33);
        torch.Tensor features = usual.call(images), other = twin.Forward(images);
        Assert.Equal(features.shape, other.shape);
        Assert.InRange(TensorValues.RelativeError(features, other), 0, Tolerance);

        torch.Tensor weights = HashedNumbers.Tensor("weights", features.shape);
        (features * weights).sum().backward();
        (other * weights).sum().backward();
        Dictionary<string, Parameter> expected = usual.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        Assert.All(twin.Network.named_parameters(), p =>
            Assert.InRange(TensorValues.RelativeError(expected[p.name].grad!, p.parameter.grad!), 0, 20 * Tolerance));
        Dictionary<string, torch.Tensor> state = usual.state_dict();
        Assert.Equal(state.Keys, twin.Network.state_dict().Keys);
        Assert.All(twin.Network.state_dict(), e => Assert.InRange(TensorValues.RelativeError(state[e.Key], e.Value), 0, Tolerance));
    }

    [Fact]
    public void Evaluation_is_the_same_too()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        using var network = new ResNet(new ResNetOptions { Width = 8, Stem = ResNetStem.SmallImage });
        network.eval();
        torch.Tensor images = HashedNumbers.Tensor("images", 3, 3, 17, 17);
        torch.Tensor usual = network.call(images);
        network.BatchInnermostFrom = 1;
        Assert.InRange(TensorValues.RelativeError(usual, network.call(images)), 0, Tolerance);
        network.BatchInnermostFrom = null;
        Assert.Equal(usual.Doubles(), network.call(images).Doubles());
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(3)]
    public void Refuses_a_stage_that_is_not_there(int stage)
    {
        using var network = new ResNet(new ResNetOptions { Width = 8, StageCount = 3 });
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => network.BatchInnermostFrom = stage);
        Assert.StartsWith("BatchInnermostFrom must be in [0, 2].", error.Message, StringComparison.Ordinal);
    }
}
