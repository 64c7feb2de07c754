using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class ByolLossTests
{
    // Twice the cosine of short float32 rows.
    private const double Tolerance = 2e-6;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-2, 4)]
    [InlineData(0, 2)]
    public void Rows_along_one_line_cost_nothing_or_four_and_zero_costs_two(double factor, double expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = HashedNumbers.Tensor("x", 4, 6);
        Assert.Equal(expected, ByolLoss.Compute(x, x * factor).ToDouble(), Tolerance);
    }

    [Fact]
    public void Equals_the_papers_equation_in_loops()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = HashedNumbers.Tensor("p", 7, 5), z = HashedNumbers.Tensor("z", 7, 5);
        Assert.Equal(Loops(p.Doubles(), z.Doubles(), 5), ByolLoss.Compute(p, z).ToDouble(), Tolerance);
    }

    [Fact]
    public void Equals_what_PyTorch_computes_with_its_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        torch.Tensor p = stored["predictions"].detach().requires_grad_();
        torch.Tensor loss = ByolLoss.Compute(p, stored["targets"]);
        loss.backward();
        Assert.Equal(stored["byol"].ToDouble(), loss.ToDouble(), Tolerance);
        // Float32 sums of eight products against float64.
        Assert.InRange(TensorValues.RelativeError(stored["byol.predictions"], p.grad!), 0, 1e-5);
    }

    [Fact]
    public void No_gradient_reaches_the_targets()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = HashedNumbers.Tensor("p", 3, 4).requires_grad_(), z = HashedNumbers.Tensor("z", 3, 4).requires_grad_();
        ByolLoss.Compute(p, z).backward();
        Assert.Contains(p.grad!.Doubles(), g => g != 0);
        Assert.Null(z.grad);
    }

    [Fact]
    public void The_divisor_is_the_number_of_rows_whatever_their_width() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from times in Gen.Choose(2, 5)
        select (seed, times), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor p = HashedNumbers.Tensor($"p{c.seed}", 3, 5), z = HashedNumbers.Tensor($"z{c.seed}", 3, 5);
            double loss = ByolLoss.Compute(p, z).ToDouble();
            return Near(loss, ByolLoss.Compute(p.repeat(1, c.times), z.repeat(1, c.times)))
                && Near(loss, ByolLoss.Compute(p.repeat(c.times, 1), z.repeat(c.times, 1)));
        });

    [Fact]
    public void Neither_length_nor_order_nor_exchange_of_the_sides_changes_it() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from rows in Gen.Choose(1, 9)
        from tenths in Gen.Choose(1, 90)
        select (seed, rows, scale: tenths / 10.0), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor p = HashedNumbers.Tensor($"p{c.seed}", c.rows, 5), z = HashedNumbers.Tensor($"z{c.seed}", c.rows, 5);
            double loss = ByolLoss.Compute(p, z).ToDouble();
            return loss is >= -Tolerance and <= 4 + Tolerance
                && Near(loss, ByolLoss.Compute(p * c.scale, z / c.scale))
                && Near(loss, ByolLoss.Compute(p.flip(0), z.flip(0)))
                && Near(loss, ByolLoss.Compute(z, p));
        });

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = HashedNumbers.Tensor("p", 3, 4).requires_grad_(), z = HashedNumbers.Tensor("z", 3, 4);
        ByolLoss.Compute(p, z).backward();
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
            return ByolLoss.Compute(torch.tensor(moved, [3, 4]), z).ToDouble();
        }
    }

    [Fact]
    public void Half_precision_does_not_make_the_loss_NaN()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor p = torch.zeros(3, 4).to(torch.ScalarType.Float16).requires_grad_();
        torch.Tensor z = (HashedNumbers.Tensor("z", 3, 4) * 1e-4).to(torch.ScalarType.Float16);
        torch.Tensor loss = ByolLoss.Compute(p, z);
        loss.backward();
        Assert.Equal(2, loss.ToDouble(), Tolerance);
        Assert.All(p.grad!.Doubles(), g => Assert.False(double.IsNaN(g)));
    }

    [Fact]
    public void Leaves_nothing_but_the_loss()
    {
        using torch.Tensor p = HashedNumbers.Tensor("p", 3, 4), z = HashedNumbers.Tensor("z", 3, 4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor loss = ByolLoss.Compute(p, z);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 3, 4 }, "predictions must be [N, D] with N of at least 1, but is [4]. (Parameter 'predictions')")]
    [InlineData(new long[] { 0, 4 }, new long[] { 0, 4 },
        "predictions must be [N, D] with N of at least 1, but is [0, 4]. (Parameter 'predictions')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4, 1 }, "targets must be [N, D] with N of at least 1, but is [3, 4, 1]. (Parameter 'targets')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 5 }, "targets must have the shape of predictions, [3, 4], but is [3, 5]. (Parameter 'targets')")]
    public void Refuses_shapes_that_do_not_fit(long[] predictions, long[] targets, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => ByolLoss.Compute(torch.zeros(predictions), torch.zeros(targets)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Refuses_null_by_name()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = torch.zeros(2, 2);
        Assert.Equal("predictions", Assert.Throws<ArgumentNullException>(() => ByolLoss.Compute(null!, x)).ParamName);
        Assert.Equal("targets", Assert.Throws<ArgumentNullException>(() => ByolLoss.Compute(x, null!)).ParamName);
    }

    private static bool Near(double expected, torch.Tensor loss) => Math.Abs(expected - loss.ToDouble()) <= Tolerance;

    /// <summary>The squared distance of equation 2 between rows of length one.</summary>
    private static double Loops(double[] p, double[] z, int width)
    {
        double sum = 0;
        for (int start = 0; start < p.Length; start += width)
        {
            double pp = 0, zz = 0;
            for (int d = start; d < start + width; d++)
            {
                pp += p[d] * p[d];
                zz += z[d] * z[d];
            }

            for (int d = start; d < start + width; d++)
            {
                double difference = (p[d] / Math.Sqrt(pp)) - (z[d] / Math.Sqrt(zz));
                sum += difference * difference;
            }
        }

        return sum / (p.Length / width);
    }
}
