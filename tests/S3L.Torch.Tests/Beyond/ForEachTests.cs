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
