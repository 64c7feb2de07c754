using static S3L.Torch.Tests.NN.CoarseNumbers;

namespace S3L.Torch.Tests.NN;

/// <summary>
/// The convolution of pictures under autocast to bfloat16: on processors with AVX512-VNNI or AMX loops of our own, elsewhere libtorch's.
/// The same tests hold for both.
/// </summary>
public sealed class StemConvolutionTests
{
    /// <summary>Batch, channels in and out, kernel, stride, padding, height and width.</summary>
    public static TheoryData<long, long, long, long, long, long, long, long> Shapes => new()
    {
        // ResNet's two stems.
        { 3, 3, 64, 7, 2, 3, 56, 56 },
        { 3, 3, 64, 3, 1, 1, 32, 32 },
        // Odd widths, whose last pixel has no partner; rows of the kernel that are whole pairs; one channel.
        { 5, 3, 32, 3, 2, 1, 13, 9 },
        { 2, 4, 16, 5, 1, 0, 6, 7 },
        { 1, 3, 64, 7, 2, 3, 8, 69 },
        { 4, 1, 48, 3, 1, 1, 5, 5 },
        // More outputs than a panel, and no multiple of it; more pictures than slices.
        { 33, 3, 112, 3, 1, 1, 4, 6 },
        // A kernel as large as the picture; a row of the kernel that is longer than a vector; steps longer than the kernel.
        { 2, 3, 16, 5, 1, 0, 5, 5 },
        { 2, 5, 16, 9, 1, 4, 6, 8 },
        { 2, 3, 16, 11, 1, 5, 12, 12 },
        { 2, 3, 16, 2, 3, 1, 11, 12 },
        { 1, 3, 16, 1, 1, 0, 1, 1 },
        // Outputs that fill no vector, and a row of the kernel that fits no panel: libtorch's convolution everywhere.
        { 2, 3, 24, 3, 1, 1, 5, 5 },
        { 2, 6, 16, 11, 1, 5, 12, 12 },
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
        torch.Tensor images = Coarse(n, channels, height, width);
        torch.Tensor expected = usual.forward(images), actual = Stem(convolution, images);
        Assert.Equal((torch.bfloat16, true), (actual.dtype, actual.shape.SequenceEqual(expected.shape)));
        AssertClose(expected, actual.to(torch.float32));

        torch.Tensor upstream = Coarse([.. expected.shape]);
        expected.backward([upstream]);
        actual.backward([upstream.to(torch.bfloat16)]);
        Assert.Equal(torch.float32, convolution.weight.grad!.dtype);
        AssertClose(usual.weight.grad!, convolution.weight.grad!);
    }

    [Fact]
    public void Equals_loops_over_the_definition()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (int n, int c, int o, int size) = (2, 3, 16, 7);
        using Conv2d convolution = Convolution(c, o, 5, 2, 2);
        using (torch.no_grad()) convolution.weight.copy_(convolution.weight.to(torch.bfloat16));
        torch.Tensor images = Coarse(n, c, size, size);
        double[] x = images.Doubles(), k = convolution.weight.contiguous().Doubles();
        torch.Tensor result = Stem(convolution, images);
        double[] y = result.to(torch.float32).contiguous().Doubles();
        double[] gradient = new double[k.Length], sizes = new double[k.Length];
        int at = 0;
        for (int image = 0; image < n; image++)
        {
            for (int output = 0; output < o; output++)
            {
                for (int pixel = 0; pixel < 16; pixel++, at++)
                {
                    double sum = 0, length = 0;
                    for (int i = 0; i < c * 25; i++)
                    {
                        (int channel, int row, int column) = (i / 25, (pixel / 4 * 2) + (i / 5 % 5) - 2, (pixel % 4 * 2) + (i % 5) - 2);
                        if (row < 0 || row >= size || column < 0 || column >= size) continue;
                        double value = x[((((image * c) + channel) * size) + row) * size + column];
                        sum += value * k[(output * c * 25) + i];
                        length += Math.Abs(value * k[(output * c * 25) + i]);
                        gradient[(output * c * 25) + i] += value;
                        sizes[(output * c * 25) + i] += Math.Abs(value);
                    }

                    // In fixed point numbers have some thirteen bits.
                    Assert.Equal(sum, y[at], (Math.Abs(sum) * Rounding) + (length * 1e-3));
                }
            }
        }

        // The gradient of a plain sum: each element of the kernel has met these pixels. libtorch rounds it, where its convolution is used.
        result.to(torch.float32).sum().backward();
        double[] actual = convolution.weight.grad!.contiguous().Doubles();
        for (int i = 0; i < gradient.Length; i++) Assert.Equal(gradient[i], actual[i], (Math.Abs(gradient[i]) * Rounding) + (sizes[i] * 1e-3));
    }

    [Fact]
    public void Pictures_and_weights_in_any_order_of_memory_give_the_same()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d contiguous = Convolution(3, 32, 3, 1, 1), channelsLast = Convolution(3, 32, 3, 1, 1);
        channelsLast.to_memory_format(MemoryFormat.ChannelsLast);
        torch.Tensor images = Coarse(4, 3, 6, 6);
        double[] expected = Stem(contiguous, images).to(torch.float32).contiguous().Doubles();
        Assert.Equal(expected, Stem(channelsLast, images.to_memory_format(MemoryFormat.ChannelsLast)).to(torch.float32).contiguous().Doubles());
        Assert.Equal(expected, Stem(contiguous, images.transpose(2, 3).contiguous().transpose(2, 3)).to(torch.float32).contiguous().Doubles());
    }

    [Fact]
    public void Outside_autocast_numbers_keep_their_precision()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(3, 16, 3, 1, 1);
        torch.Tensor images = torch.randn([2, 3, 5, 5]), actual = convolution.forward_stem(images);
        Assert.Equal(torch.float32, actual.dtype);
        Assert.Equal(convolution.forward(images).Doubles(), actual.Doubles());
    }

    [Fact]
    public void Pictures_that_want_a_gradient_get_one()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(3, 16, 3, 1, 1);
        torch.Tensor images = Coarse(2, 3, 5, 5);
        images.requires_grad = true;
        Stem(convolution, images).to(torch.float32).sum().backward();
        Assert.Equal([2, 3, 5, 5], images.grad!.shape);
    }

    [Fact]
    public void The_number_of_threads_changes_no_bit_of_results_and_each_run_is_the_same()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int before = torch.get_num_threads();
        try
        {
            (double[] result, _) = Run(1);
            (double[] Result, double[] Gradient) first = Run(5);
            Assert.Equal(result, first.Result);
            for (int i = 0; i < 5; i++)
            {
                (double[] Result, double[] Gradient) again = Run(5);
                Assert.Equal(first.Result, again.Result);
                Assert.Equal(first.Gradient, again.Gradient);
            }
        }
        finally
        {
            torch.set_num_threads(before);
        }

        static (double[] Result, double[] Gradient) Run(int threads)
        {
            torch.set_num_threads(threads);
            using Conv2d convolution = Convolution(3, 48, 7, 2, 3);
            torch.Tensor result = Stem(convolution, Coarse(37, 3, 17, 17));
            result.to(torch.float32).square().sum().backward();
            return (result.to(torch.float32).contiguous().Doubles(), convolution.weight.grad!.contiguous().Doubles());
        }
    }

    [Fact]
    public void Leaves_nothing_but_its_result()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(3, 16, 3, 1, 1);
        torch.Tensor images = Coarse(2, 3, 5, 5);
        long before = torch.Tensor.TotalCount;
        using torch.Tensor result = Stem(convolution, images);
        Assert.Equal(before + 1, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Refuses_what_it_cannot_do()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor images = Coarse(2, 3, 5, 5);
        using Conv2d biased = torch.nn.Conv2d(3, 16, 3), wide = Convolution(3, 16, 7, 1, 0), other = Convolution(4, 16, 3, 1, 1);
        Assert.Equal("forward_stem needs a convolution without bias, groups and dilation, but this one has a bias, 1 groups and dilation [1, 1].",
            Assert.Throws<InvalidOperationException>(() => biased.forward_stem(images)).Message);
        Assert.Throws<TorchException>(() => Stem(wide, images));
        Assert.Throws<TorchException>(() => Stem(other, images));
        using Conv2d cropping = Convolution(3, 16, 3, 1, -1);
        Assert.Contains("padding must be two numbers of at least 0, but is", Assert.Throws<TorchException>(() => Stem(cropping, images)).Message,
            StringComparison.Ordinal);
    }

    private static torch.Tensor Stem(Conv2d convolution, torch.Tensor images)
    {
        using IDisposable coarse = torch.autocast(DeviceType.CPU, torch.bfloat16);
        return convolution.forward_stem(images);
    }
}
