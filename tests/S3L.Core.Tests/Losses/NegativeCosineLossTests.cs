using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class NegativeCosineLossTests
{
    // Cosines of short float32 rows.
    private const double Tolerance = 1e-6;

    [Theory]
    [InlineData(1, -1)]
    [InlineData(-2, 1)]
    [InlineData(0, 0)]
    public void Rows_along_one_line_cost_one_or_minus_one_and_zero_costs_nothing(double factor, double expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = HashedNumbers.Tensor("x", 4, 6);
        Assert.Equal(expected, NegativeCosineLoss.Compute(x, x * factor).ToDouble(), Tolerance);
    }

    [Fact]
    public void Equals_the_papers_equation_in_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = HashedNumbers.Tensor("p", 7, 5), z = HashedNumbers.Tensor("z", 7, 5);
        double[] a = p.Doubles(), b = z.Doubles();
        double sum = 0;
        for (int i = 0; i < 7; i++)
        {
            double dot = 0, pp = 0, zz = 0;
            for (int d = i * 5; d < (i + 1) * 5; d++)
            {
                dot += a[d] * b[d];
                pp += a[d] * a[d];
                zz += b[d] * b[d];
            }

            sum -= dot / Math.Sqrt(pp) / Math.Sqrt(zz);
        }

        Assert.Equal(sum / 7, NegativeCosineLoss.Compute(p, z).ToDouble(), Tolerance);
    }

    [Fact]
    public void Equals_what_PyTorch_computes_with_its_gradient_and_none_for_the_targets()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        torch.Tensor p = stored["predictions"].detach().requires_grad_(), z = stored["targets"].detach().requires_grad_();
        torch.Tensor loss = NegativeCosineLoss.Compute(p, z);
        loss.backward();
        Assert.Equal(stored["cosine"].ToDouble(), loss.ToDouble(), Tolerance);
        // Float32 sums of eight products against float64.
        Assert.InRange(TensorValues.RelativeError(stored["cosine.predictions"], p.grad!), 0, 1e-5);
        Assert.Null(z.grad);
    }

    [Fact]
    public void Neither_length_nor_order_nor_exchange_of_the_sides_changes_it() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from rows in Gen.Choose(1, 9)
        from tenths in Gen.Choose(1, 90)
        select (seed, rows, scale: tenths / 10.0), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor p = HashedNumbers.Tensor($"p{c.seed}", c.rows, 5), z = HashedNumbers.Tensor($"z{c.seed}", c.rows, 5);
            double loss = NegativeCosineLoss.Compute(p, z).ToDouble();
            return loss is >= -1 - Tolerance and <= 1 + Tolerance
                && Near(loss, NegativeCosineLoss.Compute(p * c.scale, z / c.scale))
                && Near(loss, NegativeCosineLoss.Compute(p.flip(0), z.flip(0)))
                && Near(loss, NegativeCosineLoss.Compute(z, p));
        });

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = HashedNumbers.Tensor("p", 3, 4).requires_grad_(), z = HashedNumbers.Tensor("z", 3, 4);
        NegativeCosineLoss.Compute(p, z).backward();
        double[] gradient = p.grad!.Doubles();
        const double Step = 1e-2;
        for (int i = 0; i < gradient.Length; i++)
        {
            // Step² of curvature and float32 differences over the step.
            Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], 1e-3);
        }

        double At(int element, double by)
        {
            float[] moved = p.Floats();
            moved[element] += (float)by;
            return NegativeCosineLoss.Compute(torch.tensor(moved, [3, 4]), z).ToDouble();
        }
    }

    [Fact]
    public void Leaves_nothing_but_the_loss()
    {
        using torch.Tensor p = HashedNumbers.Tensor("p", 3, 4), z = HashedNumbers.Tensor("z", 3, 4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor loss = NegativeCosineLoss.Compute(p, z);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 3, 4 }, "predictions must be [N, D] with N of at least 1, but is [4]. (Parameter 'predictions')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4, 1 }, "targets must be [N, D] with N of at least 1, but is [3, 4, 1]. (Parameter 'targets')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 5 }, "targets must have the shape of predictions, [3, 4], but is [3, 5]. (Parameter 'targets')")]
    public void Refuses_shapes_that_do_not_fit(long[] predictions, long[] targets, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => NegativeCosineLoss.Compute(torch.zeros(predictions), torch.zeros(targets)));
        Assert.Equal(message, error.Message);
    }

    private static bool Near(double expected, torch.Tensor loss) => Math.Abs(expected - loss.ToDouble()) <= Tolerance;
}
