namespace S3L.Torch.Tests.Tensors;

public sealed class FactoriesTests
{
    [Fact]
    public void Constant_tensors_have_the_shape_and_value_asked_for()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal([0f, 0f, 0f], torch.zeros(3).Floats());
        Assert.Equal([2L, 3L], torch.zeros(2, 3).shape);
        Assert.Equal([1f, 1f], torch.ones(2).Floats());
        Assert.Equal([1f, 1f], torch.ones([1, 2]).Floats());
        Assert.Equal([2.5f, 2.5f], torch.full([2], 2.5).Floats());
        Assert.Equal([4L, 5L], torch.empty([4, 5]).shape);
        Assert.Equal([1f, 0f, 0f, 0f, 1f, 0f], torch.eye(2, 3).Floats());
        Assert.Equal([3L, 3L], torch.eye(3).shape);
    }

    [Fact]
    public void Element_types_default_to_single_precision_and_follow_whole_numbers()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal(torch.float32, torch.zeros([1]).dtype);
        Assert.Equal(torch.float32, torch.full([1], 0.5).dtype);
        Assert.Equal(torch.int64, torch.full([1], 5).dtype);
        Assert.Equal(torch.int64, torch.arange(3).dtype);
        Assert.Equal(torch.float32, torch.arange(0.5, 3).dtype);
        Assert.Equal(torch.int64, torch.randperm(3).dtype);
        Assert.Equal(torch.float64, torch.zeros([1], torch.float64).dtype);
    }

    [Fact]
    public void Ranges_end_before_their_stop()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal([0L, 1L, 2L, 3L], torch.arange(4).Longs());
        Assert.Equal([2L, 3L], torch.arange(2, 4).Longs());
        Assert.Equal([0.5f, 1.5f, 2.5f], torch.arange(0.5, 3).Floats());
    }

    [Fact]
    public void Arrays_become_tensors_of_their_type()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor[] made =
        [
            torch.tensor(new[] { 1f, 2f }), torch.tensor(new[] { 1.0, 2.0 }), torch.tensor(new[] { 1L, 2L }),
            torch.tensor(new byte[] { 1, 2 }, [2]), torch.tensor(new[] { true, true }),
        ];

        Assert.Equal([torch.float32, torch.float64, torch.int64, torch.uint8, torch.@bool], made.Select(t => t.dtype));
        Assert.All(made[..4], t => Assert.Equal([1L, 2L], t.Longs()));
        Assert.Equal([true, true], made[4].Bools());
        Assert.Equal(1.5f, torch.tensor(1.5f).item<float>());
        Assert.Empty(torch.tensor(1.5f).shape);
    }

    [Fact]
    public void Arrays_are_laid_out_in_row_major_order()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor tensor = torch.tensor(new float[] { 0, 1, 2, 3, 4, 5 }, [2, 3]);

        Assert.Equal([2L, 3L], tensor.shape);
        Assert.Equal([3L, 1L], tensor.stride());
        Assert.Equal(5f, tensor.select(0, 1).select(0, 2).item<float>());
        Assert.Equal([4L, 2L], torch.tensor(new long[8], [4, 2]).shape);
    }

    [Fact]
    public void Arrays_can_be_converted_on_the_way()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor tensor = torch.tensor(new[] { 1f, 2f }, torch.float64, torch.CPU, requires_grad: true);

        Assert.Equal(torch.float64, tensor.dtype);
        Assert.True(tensor.requires_grad);
        Assert.True(tensor.is_leaf);
        Assert.Equal([1.0, 2.0], tensor.Doubles());
    }

    [Fact]
    public void The_array_is_copied()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        float[] source = [1, 2];

        torch.Tensor tensor = torch.tensor(source);
        source[0] = 9;

        Assert.Equal([1f, 2f], tensor.Floats());
    }

    [Fact]
    public void Dimensions_that_do_not_fit_the_array_are_refused()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.tensor(new float[5], [2, 3]));

        Assert.Equal("dimensions [2, 3] need 6 elements, but the array has 5. (Parameter 'dimensions')", thrown.Message);
    }

    [Fact]
    public void Named_dimensions_are_refused()
    {
        long before = torch.Tensor.TotalCount;

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.zeros([2], names: ["N"]));

        Assert.Equal("names must be null: named dimensions are not supported. (Parameter 'names')", thrown.Message);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Whole_numbers_cannot_be_recorded_and_leave_no_tensor()
    {
        long before = torch.Tensor.TotalCount;

        TorchException thrown = Assert.Throws<TorchException>(() => torch.zeros([2], torch.int64, requires_grad: true));

        Assert.Contains("floating point", thrown.Message, StringComparison.Ordinal);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void Tensors_are_joined_along_old_and_new_dimensions()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.tensor(new[] { 1f, 2f }), b = torch.tensor(new[] { 3f, 4f });

        Assert.Equal([1f, 2f, 3f, 4f], torch.cat([a, b]).Floats());
        Assert.Equal([1f, 3f, 2f, 4f], torch.stack([a, b], 1).Floats());
        Assert.Equal([2L, 2L], torch.stack(new List<torch.Tensor> { a, b }).shape);
    }

    [Fact]
    public void Where_takes_from_the_first_where_the_condition_holds()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor chosen = torch.where(torch.tensor(new[] { true, false }), torch.tensor(new[] { 1f, 2f }), torch.tensor(new[] { 3f, 4f }));

        Assert.Equal([1f, 4f], chosen.Floats());
    }

    [Fact]
    public void Random_numbers_have_their_distribution()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Generator generator = new(5);

        float[] even = torch.rand([10000], generator: generator).Floats();
        float[] normal = torch.randn(100, 100, generator: generator).Floats();
        generator.Dispose();

        Assert.All(even, x => Assert.InRange(x, 0f, 0.99999994f));
        // Five standard errors of the means of 10,000 numbers: 5 · 0.289 / 100 and 5 · 1 / 100; variance of normal: 5 · √2 / 100.
        Assert.InRange(even.Average(), 0.5 - 0.0145, 0.5 + 0.0145);
        Assert.InRange(normal.Average(), -0.05, 0.05);
        Assert.InRange(normal.Average(x => x * x), 1 - 0.0708, 1 + 0.0708);
    }

    [Fact]
    public void A_random_permutation_holds_each_number_once()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator generator = new(3);

        long[] permutation = torch.randperm(1000, generator: generator).Longs();

        Assert.NotEqual(Enumerable.Range(0, 1000).Select(i => (long)i), permutation);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), permutation.Order());
    }
}
