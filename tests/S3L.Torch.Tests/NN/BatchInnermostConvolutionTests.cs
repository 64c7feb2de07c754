using static S3L.Torch.Tests.NN.CoarseNumbers;

namespace S3L.Torch.Tests.NN;

/// <summary>
/// Convolution of maps with the batch innermost: on processors with AVX512-VNNI or AMX loops of our own, elsewhere libtorch's. The
/// same tests hold for both.
/// </summary>
public sealed class BatchInnermostConvolutionTests
{
    /// <summary>Batch, channels in and out, kernel, stride, padding, height and width.</summary>
    public static TheoryData<long, long, long, long, long, long, long, long> Shapes => new()
    {
        { 8, 64, 64, 3, 1, 0, 7, 7 },
        // An odd batch, whose last picture has no partner; more pictures than are turned at a time.
        { 7, 32, 48, 3, 1, 0, 5, 4 },
        { 131, 16, 16, 3, 1, 2, 3, 3 },
        { 257, 32, 32, 1, 1, 0, 2, 1 },
        // A batch in several pieces, of which the last is the longest.
        { 101, 32, 96, 3, 2, 1, 4, 5 },
        // More channels than a panel and no multiple of it, both ways; the last vector of pairs half full.
        { 5, 80, 112, 3, 1, 2, 3, 3 },
        { 4, 144, 16, 3, 2, 1, 7, 5 },
        // A stride that leaves pixels out, and one that meets only the border.
        { 6, 64, 128, 1, 2, 0, 5, 5 },
        { 3, 16, 32, 3, 2, 1, 1, 1 },
        { 2, 32, 16, 3, 3, 0, 9, 8 },
        { 1, 64, 16, 5, 1, 2, 3, 3 },
        { 9, 16, 64, 7, 2, 3, 20, 19 },
        // Wider than a strip.
        { 2, 16, 16, 5, 1, 2, 3, 21 },
        // Channels that fill no vector: libtorch's convolution everywhere.
        { 4, 8, 24, 3, 1, 1, 5, 5 },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Results_and_gradients_are_those_of_a_usual_convolution(long n, long channels, long outputs, long kernel, long stride, long padding,
        long height, long width)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(channels, outputs, kernel, stride, padding);
        using Conv2d usual = Convolution(channels, outputs, kernel, stride, padding);
        using (torch.no_grad()) usual.weight.copy_(convolution.weight.copy_(convolution.weight.to(torch.bfloat16)));
        torch.Tensor images = Coarse(n, channels, height, width), turned = Turned(images).to(torch.bfloat16);
        images.requires_grad = turned.requires_grad = true;

        torch.Tensor expected = usual.forward(images), actual = convolution.forward_batch_innermost(turned);
        Assert.Equal(torch.bfloat16, actual.dtype);
        Assert.Equal([1, outputs, expected.size(2), expected.size(3), n], actual.shape);
        AssertClose(expected, Back(actual));

        torch.Tensor upstream = Coarse([.. expected.shape]);
        expected.backward([upstream]);
        actual.backward([Turned(upstream).to(torch.bfloat16)]);
        AssertClose(images.grad!, Back(turned.grad!));
        // Sums in float32; libtorch's own rounds the gradient of bfloat16 weights.
        Assert.Equal(torch.float32, convolution.weight.grad!.dtype);
        AssertClose(usual.weight.grad!, convolution.weight.grad!);
    }

    [Theory]
    [InlineData(3, 3)]
    [InlineData(4, 5)]
    [InlineData(2, 2)]
    public void Equals_loops_over_the_definition(int h, int w)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (int n, int c, int o) = (3, 16, 16);
        using Conv2d convolution = Convolution(c, o, 3, 1, 1);
        // Numbers that bfloat16 holds, whichever way they are computed.
        using (torch.no_grad()) convolution.weight.copy_(Whole(1, o, c, 3, 3) * 4);
        torch.Tensor images = Whole(3, n, c, h, w);
        double[] x = images.Doubles(), k = convolution.weight.contiguous().Doubles();
        double[] y = Back(convolution.forward_batch_innermost(Turned(images).to(torch.bfloat16))).Doubles();
        int at = 0;
        for (int image = 0; image < n; image++)
        {
            for (int output = 0; output < o; output++)
            {
                for (int row = 0; row < h; row++)
                {
                    for (int column = 0; column < w; column++, at++)
                    {
                        double sum = 0, size = 0;
                        for (int i = 0; i < c * 9; i++)
                        {
                            (int channel, int dy, int dx) = (i / 9, row + (i / 3 % 3) - 1, column + (i % 3) - 1);
                            if (dy < 0 || dy >= h || dx < 0 || dx >= w) continue;
                            double product = x[((((image * c) + channel) * h + dy) * w) + dx] * k[(output * c * 9) + i];
                            sum += product;
                            size += Math.Abs(product);
                        }

                        // In fixed point numbers have some thirteen bits.
                        Assert.Equal(sum, y[at], (Math.Abs(sum) * Rounding) + (size * 1e-3));
                    }
                }
            }
        }
    }

    [Fact]
    public void Float32_maps_keep_their_precision()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(16, 16, 3, 1, 1);
        torch.Tensor images = torch.randn([4, 16, 5, 5]);
        torch.Tensor actual = convolution.forward_batch_innermost(Turned(images));
        Assert.Equal(torch.float32, actual.dtype);
        TensorValues.AssertClose(convolution.forward(images).Doubles(), Back(actual).Doubles(), 1e-5);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public void Computes_only_the_gradients_that_are_wanted(bool ofMaps, bool ofWeight)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(16, 16, 3, 1, 1);
        convolution.weight.requires_grad = ofWeight;
        torch.Tensor maps = Turned(Coarse(4, 16, 5, 5)).to(torch.bfloat16);
        maps.requires_grad = ofMaps;
        convolution.forward_batch_innermost(maps).to(torch.float32).sum().backward();
        Assert.Equal((ofMaps, ofWeight), (maps.grad is not null, convolution.weight.grad is not null));
    }

    [Fact]
    public void Weights_in_any_order_of_memory_give_the_same()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d contiguous = Convolution(32, 16, 3, 1, 1), channelsLast = Convolution(32, 16, 3, 1, 1);
        channelsLast.to_memory_format(MemoryFormat.ChannelsLast);
        torch.Tensor maps = Turned(Coarse(4, 32, 5, 5)).to(torch.bfloat16);
        Assert.Equal(Back(contiguous.forward_batch_innermost(maps)).Doubles(), Back(channelsLast.forward_batch_innermost(maps)).Doubles());
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(10)]
    public void The_number_of_threads_changes_no_bit(long side)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int before = torch.get_num_threads();
        try
        {
            Assert.Equal(Run(1, side), Run(3, side));
        }
        finally
        {
            torch.set_num_threads(before);
        }

        static double[] Run(int threads, long side)
        {
            torch.set_num_threads(threads);
            // Seven panels, of which one thread takes fewer at a time than three do.
            using Conv2d convolution = Convolution(32, 400, 3, 1, 1);
            torch.Tensor maps = Turned(Coarse(20, 32, side, side)).to(torch.bfloat16);
            maps.requires_grad = true;
            torch.Tensor result = convolution.forward_batch_innermost(maps);
            result.to(torch.float32).square().sum().backward();
            return [.. Back(result).Doubles(), .. Back(maps.grad!).Doubles(), .. convolution.weight.grad!.contiguous().Doubles()];
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    public void Whichever_thread_does_a_part_no_bit_changes(long side)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int before = torch.get_num_threads();
        try
        {
            // More threads than processors: some are through before others have begun, and take their work.
            torch.set_num_threads(5);
            using Conv2d convolution = Convolution(32, 80, 3, 1, 1);
            torch.Tensor maps = Turned(Coarse(50, 32, side, side)).to(torch.bfloat16);
            maps.requires_grad = true;
            double[] first = Run(convolution, maps);
            for (int i = 0; i < 10; i++) Assert.Equal(first, Run(convolution, maps));
        }
        finally
        {
            torch.set_num_threads(before);
        }

        static double[] Run(Conv2d convolution, torch.Tensor maps)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            maps.grad = convolution.weight.grad = null;
            torch.Tensor result = convolution.forward_batch_innermost(maps);
            result.to(torch.float32).square().sum().backward();
            return [.. Back(result).Doubles(), .. Back(maps.grad!).Doubles(), .. convolution.weight.grad!.contiguous().Doubles()];
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void What_is_not_finite_is_not_lost_and_stays_with_its_picture_and_its_channel(float number)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(16, 16, 3, 2, 1);
        torch.Tensor images = Coarse(5, 16, 3, 3);
        images.narrow(0, 1, 1).narrow(1, 3, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(number);
        torch.Tensor maps = Turned(images).to(torch.bfloat16), upstream = Coarse(5, 16, 2, 2);
        upstream.narrow(0, 2, 1).narrow(1, 7, 1).narrow(2, 1, 1).narrow(3, 1, 1).fill_(number);
        maps.requires_grad = true;
        torch.Tensor result = convolution.forward_batch_innermost(maps);
        result.backward([Turned(upstream).to(torch.bfloat16)]);
        AssertAlone(Back(result), 0, 1);
        AssertAlone(Back(maps.grad!), 0, 2);
        torch.Tensor ofKernels = convolution.weight.grad!;
        Assert.DoesNotContain(ofKernels.narrow(0, 7, 1).narrow(2, 0, 1).narrow(3, 0, 1).contiguous().Doubles(), double.IsFinite);
        Assert.DoesNotContain(ofKernels.narrow(1, 3, 1).narrow(2, 0, 1).narrow(3, 0, 1).contiguous().Doubles(), double.IsFinite);
        torch.Tensor others = torch.cat([ofKernels.narrow(0, 0, 7), ofKernels.narrow(0, 8, 8)]);
        others = torch.cat([others.narrow(1, 0, 3), others.narrow(1, 4, 12)], 1);
        Assert.All(others.contiguous().Doubles(), x => Assert.True(double.IsFinite(x)));

        static void AssertAlone(torch.Tensor maps, int dimension, long at)
        {
            long count = maps.size(dimension);
            Assert.DoesNotContain(maps.narrow(dimension, at, 1).narrow(2, 1, 1).narrow(3, 1, 1).contiguous().Doubles(), double.IsFinite);
            torch.Tensor others = torch.cat([maps.narrow(dimension, 0, at), maps.narrow(dimension, at + 1, count - at - 1)], dimension);
            Assert.All(others.contiguous().Doubles(), x => Assert.True(double.IsFinite(x)));
        }
    }

    [Fact]
    public void Leaves_nothing_but_its_result()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(16, 16, 3, 1, 1);
        torch.Tensor maps = Turned(Coarse(4, 16, 5, 5)).to(torch.bfloat16);
        long before = torch.Tensor.TotalCount;
        using torch.Tensor result = convolution.forward_batch_innermost(maps);
        Assert.Equal(before + 1, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Refuses_what_it_cannot_do()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor maps = Turned(Coarse(4, 16, 5, 5)).to(torch.bfloat16);
        using Conv2d biased = torch.nn.Conv2d(16, 16, 3);
        Assert.Equal(
            "forward_batch_innermost needs a convolution without bias, groups and dilation, but this one has a bias, 1 groups and dilation [1, 1].",
            Assert.Throws<InvalidOperationException>(() => biased.forward_batch_innermost(maps)).Message);
        using Conv2d grouped = torch.nn.Conv2d(16, 16, 3, groups: 2, bias: false), spread = torch.nn.Conv2d(16, 16, 3, dilation: 2, bias: false);
        Assert.Throws<InvalidOperationException>(() => grouped.forward_batch_innermost(maps));
        Assert.Throws<InvalidOperationException>(() => spread.forward_batch_innermost(maps));
        using Conv2d wide = Convolution(16, 16, 7, 1, 0), other = Convolution(32, 16, 3, 1, 1);
        Assert.Throws<TorchException>(() => wide.forward_batch_innermost(maps));
        Assert.Throws<TorchException>(() => other.forward_batch_innermost(maps));
        foreach (long[] steps in (long[][])[[0, 1], [1, -1], [2]])
        {
            using Conv2d strange = Convolution(16, 16, 3, 1, 1);
            strange.stride = steps;
            var error = Assert.Throws<TorchException>(() => strange.forward_batch_innermost(maps));
            Assert.Contains("stride must be two numbers above 0, but is", error.Message, StringComparison.Ordinal);
        }
    }
}
