namespace S3L.Torch.Tests.NN;

public sealed class BatchNormReluTests
{
    public enum Layout
    {
        Contiguous,
        ChannelsLast,
        BatchInnermost,
    }

    public static TheoryData<Layout, bool, bool> Cases
    {
        get
        {
            var cases = new TheoryData<Layout, bool, bool>();
            foreach (Layout layout in Enum.GetValues<Layout>())
            {
                foreach (bool shortcut in new[] { false, true })
                {
                    cases.Add(layout, shortcut, true);
                    cases.Add(layout, shortcut, false);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Equals_norm_addition_and_relu_one_after_the_other(Layout layout, bool withShortcut, bool relu)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (Case fused, Case plain) = (Run(layout, withShortcut, relu, true), Run(layout, withShortcut, relu, false));
        // Float32 sums over 3,600 numbers per channel, in another order.
        Assert.Equal(plain.Tensors.Length, fused.Tensors.Length);
        for (int i = 0; i < plain.Tensors.Length; i++)
        {
            Assert.Equal(plain.Tensors[i].shape, fused.Tensors[i].shape);
            TensorValues.AssertClose(plain.Tensors[i].contiguous().Doubles(), fused.Tensors[i].contiguous().Doubles(), 3e-5);
        }
    }

    [Fact]
    public void Equals_loops_over_the_definition()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const double Eps = 1e-5;
        torch.Tensor input = Input(Layout.ChannelsLast);
        using BatchNorm2d norm = Norm();
        double[] x = input.contiguous().Doubles(), y = norm.forward_relu(input).contiguous().Doubles();
        double[] weight = norm.weight!.Doubles(), bias = norm.bias!.Doubles();
        (int n, int c, int p) = (16, 24, 15 * 15);
        for (int channel = 0; channel < c; channel++)
        {
            double[] own = [.. Enumerable.Range(0, n * p).Select(i => x[((((i / p) * c) + channel) * p) + (i % p)])];
            double mean = own.Average(), variance = own.Average(v => (v - mean) * (v - mean));
            for (int i = 0; i < own.Length; i++)
            {
                double expected = Math.Max((weight[channel] * (own[i] - mean) / Math.Sqrt(variance + Eps)) + bias[channel], 0);
                // A few roundings of numbers up to 10.
                Assert.Equal(expected, y[((((i / p) * c) + channel) * p) + (i % p)], 1e-5);
            }

            Assert.Equal(0.1 * mean, norm.running_mean!.Doubles()[channel], 1e-5);
            Assert.Equal(0.9 + (0.1 * variance * own.Length / (own.Length - 1)), norm.running_var!.Doubles()[channel], 1e-5);
        }
    }

    [Theory]
    [InlineData(Layout.ChannelsLast)]
    [InlineData(Layout.BatchInnermost)]
    public void In_bfloat16_is_as_close_to_float32_as_its_eight_bits_allow(Layout layout)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (Case coarse, Case fine) = (Run(layout, true, true, true, torch.bfloat16), Run(layout, true, true, false));
        // Values up to 8 in steps of 1/32; sums over 3,600 products of such values, each with an error of up to some hundredths.
        TensorValues.AssertClose(fine.Tensors[0].contiguous().Doubles(), coarse.Tensors[0].to(torch.float32).contiguous().Doubles(), 0.04);
        double[] expected = fine.Tensors[3].Doubles(), actual = coarse.Tensors[3].Doubles();
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], Math.Abs(expected[i] * 0.02) + 4);
    }

    [Fact]
    public void A_mean_far_from_zero_costs_no_precision()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(Layout.ChannelsLast) * 0.01 + 1000;
        using BatchNorm2d norm = Norm();
        double[] y = norm.forward_relu(input, relu: false).contiguous().Doubles();
        double[] expected = norm.forward(input.to(torch.float64).to(torch.float32)).contiguous().Doubles();
        // Inputs themselves are rounded to 6e-5, of a deviation of 0.01.
        TensorValues.AssertClose(expected, y, 0.05);
        Assert.InRange(norm.running_var!.Doubles().Max(), 0.8, 0.82);
    }

    [Fact]
    public void In_evaluation_takes_the_gathered_statistics()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(Layout.ChannelsLast);
        using BatchNorm2d norm = Norm();
        norm.forward_relu(input).Dispose();
        norm.eval();
        double[] expected = [.. torch.nn.functional.relu(norm.forward(input) + input).contiguous().Doubles()];
        TensorValues.AssertClose(expected, norm.forward_relu(input, input).contiguous().Doubles(), 1e-6);
        Assert.Equal(1, norm.num_batches_tracked!.ToInt64());
    }

    [Fact]
    public void A_second_derivative_is_refused_and_not_left_out()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(Layout.ChannelsLast);
        input.requires_grad = true;
        using BatchNorm2d norm = Norm();
        norm.forward_relu(input).square().sum().backward(create_graph: true);
        torch.Tensor penalty = input.grad!.square().sum();
        TorchException thrown = Assert.Throws<TorchException>(() => penalty.backward());
        Assert.Contains("a loop of S3L.Torch has no second derivative", thrown.Message, StringComparison.Ordinal);
        // Gradients that know their graph, which knows them.
        foreach (torch.Tensor leaf in (torch.Tensor[])[input, norm.weight!, norm.bias!]) leaf.grad = null;
    }

    [Fact]
    public void Leaves_nothing_but_its_result()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = Input(Layout.ChannelsLast);
        using BatchNorm2d norm = Norm();
        long before = torch.Tensor.TotalCount;
        using (torch.Tensor first = norm.forward_relu(input, input))
        {
            Assert.Equal(before + 1, torch.Tensor.TotalCount);
        }

        norm.eval();
        norm.forward_relu(input, input).Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    private static Case Run(Layout layout, bool withShortcut, bool relu, bool fused, torch.ScalarType type = torch.ScalarType.Float32)
    {
        torch.Tensor input = Input(layout).to(type), shortcut = Input(layout, 1).to(type);
        input.requires_grad = shortcut.requires_grad = true;
        using BatchNorm2d norm = Norm();
        torch.Tensor result;
        if (fused)
        {
            result = norm.forward_relu(input, withShortcut ? shortcut : null, relu);
        }
        else
        {
            result = layout == Layout.BatchInnermost ? norm.forward(input.flatten(2, 3)).view(input.shape) : norm.forward(input);
            if (withShortcut) result = result.add(shortcut);
            if (relu) result = torch.nn.functional.relu(result);
        }

        torch.Tensor upstream = Input(layout, 2).to(type);
        (result * upstream).sum().backward();
        torch.Tensor[] kept =
            [result.detach(), input.grad!, norm.weight!.grad!, norm.bias!.grad!, norm.running_mean!.clone(), norm.running_var!.clone()];
        return new Case(withShortcut ? [.. kept, shortcut.grad!] : kept);
    }

    private static torch.Tensor Input(Layout layout, int seed = 0)
    {
        torch.manual_seed(seed);
        torch.Tensor images = torch.randn([16, 24, 15, 15]);
        if (layout == Layout.Contiguous) return images;
        return layout == Layout.ChannelsLast
            ? images.to_memory_format(MemoryFormat.ChannelsLast)
            : images.permute(1, 2, 3, 0).unsqueeze(0).to_memory_format(MemoryFormat.ChannelsLast3d);
    }

    private static BatchNorm2d Norm()
    {
        torch.manual_seed(7);
        BatchNorm2d norm = torch.nn.BatchNorm2d(24);
        using IDisposable quiet = torch.no_grad();
        norm.weight!.normal_(1, 0.2);
        norm.bias!.normal_(0, 0.2);
        return norm;
    }

    private sealed record Case(torch.Tensor[] Tensors);
}
