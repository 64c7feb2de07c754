namespace S3L.Torch.Tests.NN;

public sealed class BatchNormReluPoolTests
{
    /// <summary>Pictures, channels, height, width, and whether channels are innermost, which the loops need.</summary>
    public static TheoryData<long, long, long, long, bool> Shapes => new()
    {
        { 6, 24, 12, 10, true },
        // Odd sides, whose last windows reach over the border; windows and maps of a single pixel.
        { 4, 64, 9, 7, true },
        { 5, 3, 1, 1, true },
        { 3, 17, 2, 5, true },
        { 6, 24, 12, 10, false },
    };

    [Theory]
    [MemberData(nameof(Shapes))]
    public void Equals_norm_rectifier_and_pooling_one_after_the_other(long n, long channels, long height, long width, bool innermost)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] fused = Run(true, torch.float32), plain = Run(false, torch.float32);
        for (int i = 0; i < plain.Length; i++)
        {
            Assert.Equal(plain[i].shape, fused[i].shape);
            // Float32 sums in another order.
            TensorValues.AssertClose(plain[i].contiguous().Doubles(), fused[i].contiguous().Doubles(), 2e-5);
        }

        torch.Tensor[] Run(bool isFused, torch.ScalarType type)
        {
            torch.Tensor input = Input(n, channels, height, width, innermost).to(type);
            input.requires_grad = true;
            using BatchNorm2d norm = Norm(channels);
            torch.Tensor result = isFused
                ? norm.forward_relu_max_pool(input)
                : torch.nn.functional.max_pool2d(torch.nn.functional.relu(norm.forward(input)), 3, 2, 1);
            torch.manual_seed(3);
            result.backward([torch.randn(result.shape)]);
            return [result.detach(), input.grad!, norm.weight!.grad!, norm.bias!.grad!, norm.running_mean!.clone(), norm.running_var!.clone()];
        }
    }

    [Fact]
    public void Equals_loops_over_the_definition()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (int n, int c, int h, int w) = (2, 4, 5, 6);
        torch.Tensor input = Input(n, c, h, w, true);
        using BatchNorm2d norm = Norm(c);
        double[] x = input.contiguous().Doubles(), weight = norm.weight!.Doubles(), bias = norm.bias!.Doubles();
        double[] y = norm.forward_relu_max_pool(input).contiguous().Doubles();
        int at = 0;
        for (int image = 0; image < n; image++)
        {
            for (int channel = 0; channel < c; channel++)
            {
                double[] all = [.. Enumerable.Range(0, n * h * w).Select(i => x[((((i / (h * w)) * c) + channel) * h * w) + (i % (h * w))])];
                double mean = all.Average(), deviation = Math.Sqrt(all.Average(v => (v - mean) * (v - mean)) + 1e-5);
                for (int row = 0; row < 3; row++)
                {
                    for (int column = 0; column < 3; column++, at++)
                    {
                        double most = 0;
                        for (int i = 0; i < 9; i++)
                        {
                            (int py, int px) = ((2 * row) - 1 + (i / 3), (2 * column) - 1 + (i % 3));
                            if (py < 0 || py >= h || px < 0 || px >= w) continue;
                            double value = x[((((image * c) + channel) * h + py) * w) + px];
                            most = Math.Max(most, (weight[channel] * (value - mean) / deviation) + bias[channel]);
                        }

                        Assert.Equal(most, y[at], 1e-5);
                    }
                }
            }
        }
    }

    [Fact]
    public void In_bfloat16_is_as_close_to_float32_as_its_eight_bits_allow()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(8, 64, 10, 10, true).to(torch.bfloat16);
        using BatchNorm2d coarse = Norm(64), exact = Norm(64);
        torch.Tensor fine = input.to(torch.float32);
        input.requires_grad = fine.requires_grad = true;
        torch.Tensor result = coarse.forward_relu_max_pool(input), expected = exact.forward_relu_max_pool(fine);
        Assert.Equal(torch.bfloat16, result.dtype);
        TensorValues.AssertClose(expected.contiguous().Doubles(), result.to(torch.float32).contiguous().Doubles(), 0.02);
        torch.Tensor upstream = torch.ones(result.shape);
        result.backward([upstream.to(torch.bfloat16)]);
        expected.backward([upstream]);
        // The maxima are found before they are rounded, so that the same elements receive the gradient.
        TensorValues.AssertClose(fine.grad!.contiguous().Doubles(), input.grad!.to(torch.float32).contiguous().Doubles(), 0.05);
    }

    [Fact]
    public void Not_a_number_stays_one()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(3, 2, 4, 4, true);
        input.narrow(0, 1, 1).narrow(1, 0, 1).fill_(float.NaN);
        using BatchNorm2d norm = Norm(2);
        double[] y = norm.forward_relu_max_pool(input).contiguous().Doubles();
        for (int i = 0; i < y.Length; i++) Assert.Equal(i / 4 % 2 == 0, double.IsNaN(y[i]));
    }

    [Fact]
    public void In_evaluation_takes_the_gathered_statistics()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(6, 8, 7, 7, true);
        using BatchNorm2d norm = Norm(8);
        norm.forward_relu_max_pool(input).Dispose();
        norm.eval();
        double[] expected = torch.nn.functional.max_pool2d(torch.nn.functional.relu(norm.forward(input)), 3, 2, 1).contiguous().Doubles();
        Assert.Equal(expected, norm.forward_relu_max_pool(input).contiguous().Doubles());
        Assert.Equal(1, norm.num_batches_tracked!.ToInt64());
    }

    [Fact]
    public void Leaves_nothing_but_its_result()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(4, 8, 6, 6, true);
        using BatchNorm2d norm = Norm(8);
        long before = torch.Tensor.TotalCount;
        using torch.Tensor first = norm.forward_relu_max_pool(input);
        Assert.Equal(before + 1, torch.Tensor.TotalCount);
    }

    private static torch.Tensor Input(long n, long channels, long height, long width, bool innermost)
    {
        torch.manual_seed(1);
        torch.Tensor images = torch.randn([n, channels, height, width]);
        return innermost ? images.to_memory_format(MemoryFormat.ChannelsLast) : images;
    }

    private static BatchNorm2d Norm(long channels)
    {
        torch.manual_seed(7);
        BatchNorm2d norm = torch.nn.BatchNorm2d(channels);
        using IDisposable quiet = torch.no_grad();
        // Negative weights too: the largest element of a normalised map may be the smallest before.
        norm.weight!.normal_(0.3, 1);
        norm.bias!.normal_(0, 0.5);
        return norm;
    }
}
