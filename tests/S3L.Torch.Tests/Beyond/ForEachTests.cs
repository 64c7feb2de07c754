namespace S3L.Torch.Tests.Beyond;

public sealed class ForEachTests
{
    [Fact]
    public void Averaging_in_one_call_equals_a_loop()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] targets = [torch.randn(3, 4), torch.randn([2]), torch.randn([2, 1, 3, 3])];
        torch.Tensor[] sources = [.. targets.Select(t => t.clone().normal_())];
        double[][] expected = [.. targets.Zip(sources, (t, s) => t.Doubles().Zip(s.Doubles(), (a, b) => (0.99 * a) + (0.01 * b)).ToArray())];
        float[][] before = [.. sources.Select(s => s.Floats())];

        torch.foreach_.average_(targets, sources, 0.99);

        // Two roundings to single precision.
        for (int i = 0; i < targets.Length; i++) TensorValues.AssertClose(expected[i], targets[i].Doubles(), 2.5e-7);
        Assert.Equal(before, sources.Select(s => s.Floats()));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(0.0)]
    public void Keeping_all_or_nothing_is_exact(double keep)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = torch.ones([2]), source = torch.full([2], 0.3);

        torch.foreach_.average_([target], [source], keep);

        Assert.Equal(keep == 1 ? [1f, 1f] : [0.3f, 0.3f], target.Floats());
    }

    [Theory]
    [InlineData(false, 0.0)]
    [InlineData(false, 1e-2)]
    [InlineData(true, 1e-2)]
    public void Descent_in_one_call_equals_a_loop(bool nesterov, double decay)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Channels-last weights, a gradient in another layout, and enough numbers for several threads.
        torch.Tensor[] weights = [torch.randn([8, 6, 3, 3]).to_memory_format(MemoryFormat.ChannelsLast), torch.randn(300, 400), torch.randn([2])];
        torch.Tensor[] gradients = [torch.randn([8, 6, 3, 3]), torch.randn(400, 300).t(), torch.randn([2])];
        torch.Tensor[] momenta = [.. weights.Select(w => w.clone().normal_())];
        double[][] w = Values(weights), g = Values(gradients), v = Values(momenta);
        for (int i = 0; i < w.Length; i++)
        {
            for (int j = 0; j < w[i].Length; j++)
            {
                double direction = g[i][j] + (decay * w[i][j]);
                v[i][j] = (0.9 * v[i][j]) + direction;
                w[i][j] -= 0.1 * (nesterov ? direction + (0.9 * v[i][j]) : v[i][j]);
            }
        }

        torch.foreach_.descend_(weights, gradients, momenta, 0.1, 0.9, decay, nesterov);

        // Some roundings to single precision of numbers up to 10.
        for (int i = 0; i < w.Length; i++)
        {
            TensorValues.AssertClose(v[i], momenta[i].contiguous().Doubles(), 2e-6);
            TensorValues.AssertClose(w[i], weights[i].contiguous().Doubles(), 2e-6);
        }

        Assert.Equal(g, Values(gradients));

        static double[][] Values(torch.Tensor[] tensors) => [.. tensors.Select(t => t.contiguous().Doubles())];
    }

    [Fact]
    public void Other_types_take_the_plain_way()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor weight = torch.ones([3], torch.float64), gradient = torch.full([3], 2.0, torch.float64), momentum = torch.zeros([3], torch.float64);

        torch.foreach_.descend_([weight], [gradient], [momentum], 0.25, 0.9, 0, nesterov: false);
        torch.foreach_.average_([momentum], [weight], 0.5);

        Assert.Equal([0.5, 0.5, 0.5], weight.Doubles());
        Assert.Equal([1.25, 1.25, 1.25], momentum.Doubles());
    }

    [Fact]
    public void Averaging_leaves_no_tensors_behind_and_takes_empty_lists()
    {
        using torch.Tensor target = torch.ones([1]), source = torch.zeros([1]);
        long before = torch.Tensor.TotalCount;

        torch.foreach_.average_([target], [source], 0.5);
        torch.foreach_.average_([], [], 0.5);

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Lists_that_do_not_fit_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor two = torch.ones([2]);

        Assert.Equal("sources must have the length of targets, 1, but has 2. (Parameter 'sources')",
            Assert.Throws<ArgumentException>(() => torch.foreach_.average_([two], [two, two], 0.5)).Message);
        Assert.Throws<ArgumentNullException>(() => torch.foreach_.average_(null!, [two], 0.5));
        Assert.Throws<ArgumentNullException>(() => torch.foreach_.average_([two], null!, 0.5));
    }

    [Fact]
    public void Shapes_that_do_not_fit_are_refused_and_change_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor two = torch.ones([2]);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.foreach_.average_([two, two], [two, torch.ones([1])], 0.5));

        Assert.Equal("sources[1] must have the shape of targets[1], Float32[2] cpu, but is Float32[1] cpu. (Parameter 'sources')", thrown.Message);
        Assert.Equal([1f, 1f], two.Floats());
    }
}
