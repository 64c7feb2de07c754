namespace S3L.Torch.Tests.Tensors;

public sealed class TensorReductionsTests
{
    // Sums of at most twelve single-precision numbers: a few units in the last place (2⁻²³).
    private const double Tolerance = 1e-6;

    private static readonly float[] Values = [3, -1, 4, 1, -5, 9, 2, 6, -5.5f, 3.5f, 5.25f, 8];

    // 3 rows of 4.
    private static torch.Tensor Matrix => torch.tensor(Values, [3, 4]);

    private static double[][] Rows => [.. Values.Chunk(4).Select(r => r.Select(x => (double)x).ToArray())];

    private static double[][] Columns => [.. Enumerable.Range(0, 4).Select(c => Rows.Select(r => r[c]).ToArray())];

    [Fact]
    public void Reductions_of_all_elements_match_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        double[] all = [.. Values.Select(x => (double)x)];

        Is(all.Sum(), Matrix.sum());
        Is(all.Average(), Matrix.mean());
        Is(Deviation(all, 1), Matrix.std());
        Is(Deviation(all, 0), Matrix.std(unbiased: false));
        Is(9, Matrix.max());
        Is(-5.5, Matrix.min());
        Is(Math.Sqrt(all.Sum(x => x * x)), Matrix.norm());
        Is(all.Sum(Math.Abs), Matrix.norm(1));
        Assert.True(Matrix.any().ToBoolean());
        Assert.True(Matrix.all().ToBoolean());
        Assert.False((Matrix - 3).all().ToBoolean());
    }

    [Fact]
    public void Reductions_along_one_dimension_match_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Are(Rows.Select(r => r.Sum()), Matrix.sum(1L));
        Are(Columns.Select(c => c.Sum()), Matrix.sum(0L));
        Are(Rows.Select(r => r.Average()), Matrix.mean([1]));
        Are(Rows.Select(r => Deviation(r, 1)), Matrix.std(1L));
        Are(Columns.Select(c => Deviation(c, 0)), Matrix.std(0L, unbiased: false));
        Are(Columns.Select(c => Math.Pow(Deviation(c, 1), 2)), Matrix.var([0]));
        Are(Rows.Select(r => r.Max()), Matrix.amax([1]));
        Are(Rows.Select(r => r.Min()), Matrix.amin([-1]));
        Are(Rows.Select(r => (double)Array.IndexOf(r, r.Max())), Matrix.argmax(1));
        Are(Rows.Select(r => Math.Log(r.Sum(Math.Exp))), Matrix.logsumexp(1));
        Are(Rows.SelectMany(r => r.Select(x => Math.Exp(x) / r.Sum(Math.Exp))), Matrix.softmax(1).flatten());
        Are(Rows.SelectMany(r => r.Select(x => x - Math.Log(r.Sum(Math.Exp)))), Matrix.log_softmax(1).flatten());
        Are(Rows.SelectMany(r => r.Select((_, i) => r.Take(i + 1).Sum())), Matrix.cumsum(1).flatten());
    }

    [Fact]
    public void Reductions_along_several_dimensions_match_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cube = torch.arange(24, torch.float32).view(2, 3, 4);

        // Over the first and last dimension, the middle number j stays: 12 i + 4 j + k.
        Are(Enumerable.Range(0, 3).Select(j => 8.0 * ((4 * j) + 7.5)), cube.sum([0, 2]));
        Are(Enumerable.Range(0, 3).Select(j => (4.0 * j) + 7.5), cube.mean([0, 2]));
        Are(Enumerable.Range(0, 3).Select(j => (4.0 * j) + 15), cube.amax([0, 2]));
        // Variance of {12 i} is 36, of {0, 1, 2, 3} 1.25, and the two are independent.
        Are(Enumerable.Repeat(37.25, 3), cube.var([0, 2], unbiased: false));
    }

    [Fact]
    public void Reduced_dimensions_can_be_kept()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal([3L, 1L], Matrix.sum(1L, keepdim: true).shape);
        Assert.Equal([1L, 4L], Matrix.mean([0], keepdim: true).shape);
        Assert.Equal([1L, 1L], Matrix.amax([0, 1], keepdim: true).shape);
        Assert.Equal([1L, 4L], Matrix.argmax(0, keepdim: true).shape);
        Assert.Equal([3L, 1L], Matrix.logsumexp(1, keepdim: true).shape);
        Assert.Equal([3L, 1L], Matrix.max(1, keepdim: true).values.shape);
        Assert.Equal([1L, 4L], Matrix.std(0L, keepdim: true).shape);
    }

    [Fact]
    public void Reductions_can_change_the_type()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal(torch.float64, Matrix.sum(torch.float64).dtype);
        Assert.Equal(torch.float64, Matrix.sum(0L, type: torch.float64).dtype);
        Assert.Equal(torch.float64, Matrix.mean([0], type: torch.float64).dtype);
        Assert.Equal(torch.float64, Matrix.std(0L, type: torch.float64).dtype);
        Assert.Equal(torch.float64, Matrix.var([0], type: torch.float64).dtype);
        Assert.Equal(torch.float64, Matrix.softmax(0, torch.float64).dtype);
        Assert.Equal(2L, torch.tensor(new[] { true, true }).sum().ToInt64());
    }

    [Fact]
    public void The_largest_elements_come_with_their_places()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        (torch.Tensor values, torch.Tensor indexes) = Matrix.max(1);
        (torch.Tensor top, torch.Tensor places) = Matrix.topk(2, 1);
        (torch.Tensor least, torch.Tensor _) = Matrix.topk(1, 0, largest: false);

        Are([4, 9, 8], values);
        Assert.Equal([2L, 1L, 3L], indexes.Longs());
        Assert.Equal([4f, 3f, 9f, 6f, 8f, 5.25f], top.Floats());
        Assert.Equal([2L, 0L, 1L, 3L, 3L, 2L], places.Longs());
        Assert.Equal([-5.5f, -1f, 2f, 1f], least.Floats());
    }

    [Fact]
    public void Sorting_orders_match_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal(Rows.SelectMany(r => r.Select((x, i) => (x, i)).OrderBy(p => p.x).Select(p => (long)p.i)), Matrix.argsort().Longs());
        Assert.Equal(Rows.SelectMany(r => r.Select((x, i) => (x, i)).OrderByDescending(p => p.x).Select(p =>
            (long)p.i)), Matrix.argsort(1, true).Longs());
    }

    [Fact]
    public void Places_of_what_is_not_zero_are_listed()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor places = Matrix.gt(5).nonzero();

        Assert.Equal([4L, 2L], places.shape);
        Assert.Equal([1L, 1L, 1L, 3L, 2L, 2L, 2L, 3L], places.Longs());
    }

    [Fact]
    public void Results_can_be_written_into_a_tensor()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = torch.zeros([3]);

        Assert.Same(target, Matrix.amax([1], @out: target));
        Assert.Equal([4f, 9f, 8f], target.Floats());
        Assert.Same(target, Matrix.amin([1], @out: target));
        Assert.Equal([-1f, -5f, -5.5f], target.Floats());
    }

    private static double Deviation(double[] values, int correction)
    {
        double mean = values.Average();
        return Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Length - correction));
    }

    private static void Is(double expected, torch.Tensor actual) => Are([expected], actual.view(1));

    private static void Are(IEnumerable<double> expected, torch.Tensor actual) =>
        TensorValues.AssertClose([.. expected], actual.Doubles(), Tolerance);
}
