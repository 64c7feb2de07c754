using S3L.Core.Backbones;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>Stochastic depth; what EfficientNet shares with the other backbones is in <see cref="BackboneTests"/>.</summary>
public sealed class EfficientNetTests
{
    private const int Images = 256;

    // Two blocks with shortcuts in the only stage that is built, a third block in the stage that is left out.
    private static readonly EfficientNetOptions Options = new()
    {
        StemWidth = 8,
        Stem = MobileStem.SmallImage,
        Rows = [new() { Width = 8, Depth = 2 }, new() { Width = 8, Stride = 2 }],
        StageCount = 1,
        StochasticDepth = 0.9,
    };

    [Fact]
    public void Images_leave_out_a_block_with_the_probability_of_its_place_and_others_make_up_for_it()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        torch.manual_seed(3).Dispose();
        using EfficientNet network = Filled();
        torch.Tensor images = HashedNumbers.Tensor("images", Images, 3, 4, 4);
        network.eval();
        double[] whole = network.call(images).Doubles();
        double[] without = WithoutSecondBlock(images);

        // Training, but for the statistics of normalisation.
        network.train();
        foreach (BatchNorm2d norm in network.named_modules().Select(m => m.module).OfType<BatchNorm2d>()) norm.eval();
        const double Probability = 0.9 * 1 / 3;
        const int Calls = 8;
        int dropped = 0;
        for (int call = 0; call < Calls; call++)
        {
            double[] features = network.call(images).Doubles();
            for (int i = 0; i < Images; i++)
            {
                double[] actual = features[(8 * i)..(8 * (i + 1))];
                double[] shortcut = without[(8 * i)..(8 * (i + 1))];
                double[] scaled = [.. shortcut.Zip(whole[(8 * i)..(8 * (i + 1))], (s, w) => s + ((w - s) / (1 - Probability)))];
                bool left = TensorValues.RelativeError(shortcut, actual) < 1e-5;
                Assert.True(left || TensorValues.RelativeError(scaled, actual) < 1e-5);
                if (left) dropped++;
            }
        }

        // Five standard errors of the share of 2048 draws.
        double share = dropped / (double)(Calls * Images);
        Assert.InRange(share, Probability - 0.051, Probability + 0.051);
    }

    [Fact]
    public void The_same_seed_leaves_out_the_same_blocks()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        using EfficientNet network = Filled();
        torch.Tensor images = HashedNumbers.Tensor("images", 32, 3, 4, 4);
        double[] Draw(int seed)
        {
            torch.manual_seed(seed).Dispose();
            return network.call(images).Doubles();
        }

        double[] first = Draw(1);
        Assert.NotEqual(first, Draw(2));
        Assert.Equal(first, Draw(1));
    }

    [Fact]
    public void Evaluation_and_probability_zero_draw_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable quiet = torch.no_grad();
        using EfficientNet network = Filled();
        using var certain = new EfficientNet(Options with { StochasticDepth = 0 });
        HashedNumbers.Fill(certain);
        torch.Tensor images = HashedNumbers.Tensor("images", 4, 3, 4, 4);
        using torch.Generator generator = torch.Generator.Default;
        byte[] before = State(generator);
        network.eval();
        certain.call(images);
        network.call(images);
        Assert.Equal(before, State(generator));
        network.train();
        network.call(images);
        Assert.NotEqual(before, State(generator));
    }

    private static byte[] State(torch.Generator generator)
    {
        using torch.Tensor state = generator.get_state();
        return state.bytes.ToArray();
    }

    private static EfficientNet Filled()
    {
        var network = new EfficientNet(Options);
        HashedNumbers.Fill(network);
        return network;
    }

    /// <summary>The second block adds nothing where its last normalisation gives nothing.</summary>
    private static double[] WithoutSecondBlock(torch.Tensor images)
    {
        using EfficientNet network = Filled();
        foreach (string name in (string[])["features.1.1.block.3.1.weight", "features.1.1.block.3.1.bias"]) network.state_dict()[name].fill_(0);
        network.eval();
        return network.call(images).Doubles();
    }
}
