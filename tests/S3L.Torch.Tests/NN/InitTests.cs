using static S3L.Torch.Tests.StoredValues;
using FanInOut = S3L.Torch.torch.nn.init.FanInOut;
using NonlinearityType = S3L.Torch.torch.nn.init.NonlinearityType;

namespace S3L.Torch.Tests.NN;

public sealed class InitTests
{
    public static TheoryData<long[], FanInOut, NonlinearityType, string> Kaiming
    {
        get
        {
            var data = new TheoryData<long[], FanInOut, NonlinearityType, string>();
            foreach (long[] shape in new long[][] { [8, 4, 3, 3], [10, 6] })
            {
                foreach ((FanInOut mode, string modeName) in new[] { (FanInOut.FanIn, "fan_in"), (FanInOut.FanOut, "fan_out") })
                {
                    data.Add(shape, mode, NonlinearityType.Linear, $"kaiming.{shape.Length}.{modeName}.linear");
                    data.Add(shape, mode, NonlinearityType.ReLU, $"kaiming.{shape.Length}.{modeName}.relu");
                    data.Add(shape, mode, NonlinearityType.LeakyReLU, $"kaiming.{shape.Length}.{modeName}.leaky_relu");
                }
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Kaiming))]
    public void Kaiming_draws_have_the_spread_of_PyTorch(long[] shape, FanInOut mode, NonlinearityType nonlinearity, string name)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double deviation = Stored(name).item<double>(), bound = Math.Sqrt(3) * deviation;
        torch.Tensor actual = torch.empty(shape), expected = torch.empty(shape);

        Seeded(() => torch.nn.init.kaiming_normal_(actual, 0.2, mode, nonlinearity));
        Seeded(() => expected.normal_(0, deviation));
        // The same draws, scaled in double precision by almost the same number.
        TensorValues.AssertClose(expected, actual, 1e-6);

        Seeded(() => torch.nn.init.kaiming_uniform_(actual, 0.2, mode, nonlinearity));
        Seeded(() => expected.uniform_(-bound, bound));
        TensorValues.AssertClose(expected, actual, 1e-6);
    }

    [Fact]
    public void Fans_count_what_one_weight_joins()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal((36L, 72L), torch.nn.init.CalculateFanInAndFanOut(torch.empty([8, 4, 3, 3])));
        Assert.Equal((6L, 10L), torch.nn.init.CalculateFanInAndFanOut(torch.empty([10, 6])));
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.nn.init.CalculateFanInAndFanOut(torch.empty([10])));
        Assert.Equal("tensor must have at least 2 dimensions, but has 1. (Parameter 'tensor')", thrown.Message);
    }

    [Fact]
    public void Other_nonlinearities_are_refused()
    {
        using torch.Tensor tensor = torch.empty([2, 2]);

        ArgumentOutOfRangeException thrown =
            Assert.Throws<ArgumentOutOfRangeException>(() => torch.nn.init.kaiming_normal_(tensor, nonlinearity: (NonlinearityType)77));

        Assert.StartsWith("nonlinearity must be Linear, ReLU or LeakyReLU.", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parameters_are_filled_without_a_record()
    {
        using torch.Tensor data = torch.zeros([1000]);
        using Parameter parameter = torch.nn.Parameter(data);
        using torch.Generator generator = new(1);

        Assert.Same(parameter, torch.nn.init.constant_(parameter, 3));
        Assert.All(parameter.Floats(), x => Assert.Equal(3, x));
        torch.nn.init.uniform_(parameter, 2, 4, generator);
        Assert.All(parameter.Floats(), x => Assert.InRange(x, 2, 4));
        torch.nn.init.normal_(parameter, 5, 0.1, generator);
        // Five standard errors of the mean of 1000 numbers: 5 · 0.1 / √1000.
        Assert.InRange(parameter.Floats().Average(), 5 - 0.016, 5 + 0.016);
        Assert.True(parameter.is_leaf && parameter.requires_grad);
    }

    private static void Seeded(Action draw)
    {
        using torch.Generator seeded = torch.manual_seed(1);
        draw();
    }
}
