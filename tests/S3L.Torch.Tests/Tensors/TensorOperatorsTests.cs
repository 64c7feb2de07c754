namespace S3L.Torch.Tests.Tensors;

public sealed class TensorOperatorsTests
{
    [Fact]
    public void Operators_work_on_tensors_and_numbers_on_both_sides()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.tensor(new[] { 1f, 4f }), b = torch.tensor(new[] { 2f, 8f });

        Assert.Equal([3f, 12f], (a + b).Floats());
        Assert.Equal([-1f, -4f], (a - b).Floats());
        Assert.Equal([2f, 32f], (a * b).Floats());
        Assert.Equal([0.5f, 0.5f], (a / b).Floats());
        Assert.Equal([1.5f, 4.5f], (a + 0.5).Floats());
        Assert.Equal([1.5f, 4.5f], (0.5 + a).Floats());
        Assert.Equal([0.5f, 3.5f], (a - 0.5).Floats());
        Assert.Equal([-0.5f, -3.5f], (0.5 - a).Floats());
        Assert.Equal([0.5f, 2f], (a * 0.5).Floats());
        Assert.Equal([0.5f, 2f], (0.5 * a).Floats());
        Assert.Equal([2f, 8f], (a / 0.5).Floats());
        Assert.Equal([0.5f, 0.125f], (0.5 / a).Floats());
        Assert.Equal([-1f, -4f], (-a).Floats());
    }

    [Fact]
    public void Whole_numbers_keep_whole_tensors_whole()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.tensor(new[] { 1L, 4L });
        (torch.Tensor Result, long[] Expected)[] cases =
            [(a + 2, [3, 6]), (2 + a, [3, 6]), (a - 2, [-1, 2]), (2 - a, [1, -2]), (a * 2, [2, 8]), (2 * a, [2, 8])];

        Assert.All(cases, c =>
        {
            Assert.Equal(torch.int64, c.Result.dtype);
            Assert.Equal(c.Expected, c.Result.Longs());
        });
    }

    [Fact]
    public void Real_numbers_and_quotients_make_whole_tensors_real()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = torch.tensor(new[] { 1L, 4L });
        (torch.Tensor Result, float[] Expected)[] cases =
            [(a + 0.5, [1.5f, 4.5f]), (0.5 * a, [0.5f, 2f]), (2.0 * a, [2f, 8f]), (a / 2, [0.5f, 2f]), (2 / a, [2f, 0.5f])];

        Assert.All(cases, c =>
        {
            Assert.Equal(torch.float32, c.Result.dtype);
            Assert.Equal(c.Expected, c.Result.Floats());
        });
    }

    [Fact]
    public void Whole_numbers_beyond_double_precision_stay_exact()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const long Big = (1L << 53) + 1;

        Assert.Equal(Big + 2, (torch.full([1], Big) + 2L).item<long>());
        Assert.Equal(Big * 2, (2L * torch.full([1], Big)).item<long>());
    }

    [Fact]
    public void Shapes_broadcast()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        torch.Tensor sum = torch.tensor(new[] { 1f, 2f }).unsqueeze(1) + torch.tensor(new[] { 10f, 20f, 30f });

        Assert.Equal([2L, 3L], sum.shape);
        Assert.Equal([11f, 21f, 31f, 12f, 22f, 32f], sum.Floats());
    }

    [Fact]
    public void Numbers_do_not_widen_tensors()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor half = torch.ones([1], torch.bfloat16);

        Assert.Equal(torch.bfloat16, (half * 0.5).dtype);
        Assert.Equal(torch.float32, (half + torch.ones([1])).dtype);
    }
}
