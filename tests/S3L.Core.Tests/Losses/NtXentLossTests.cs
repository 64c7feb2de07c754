using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class NtXentLossTests
{
    // Sums of at most some dozen float32 products: 1e-6 of the value, times a margin.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(2, 0.001)]
    [InlineData(2, 0.1)]
    [InlineData(5, 0.1)]
    [InlineData(33, 0.5)]
    public void Rows_that_are_all_equal_cost_the_logarithm_of_the_number_of_others_at_any_temperature(int images, double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Also what tells from code that multiplies the loss by τ/0.07.
        torch.Tensor rows = torch.tensor([0f, 1f, 0f], [1, 3]).repeat(images, 1);
        Assert.Equal(Math.Log((2 * images) - 1), new NtXentLoss(temperature).Compute(rows, rows).ToDouble(), Tolerance);
    }

    [Theory]
    [InlineData(2, 0.1)]
    [InlineData(6, 0.5)]
    [InlineData(6, 2.0)]
    public void The_positive_of_a_row_is_the_other_view_of_the_same_image(int images, double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor rows = torch.eye(images);
        // Logit 1/τ with the other view, 0 with the 2N − 2 rows of other images.
        double expected = Math.Log(1 + (((2 * images) - 2) * Math.Exp(-1 / temperature)));
        Assert.Equal(expected, new NtXentLoss(temperature).Compute(rows, rows).ToDouble(), Tolerance);
    }

    [Theory]
    [InlineData(2, 1.0)]
    [InlineData(7, 0.25)]
    public void Negatives_of_both_views_enter_one_logarithm(int images, double cosine)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor first = torch.tensor([1f, 0f], [1, 2]).repeat(images, 1);
        torch.Tensor second = torch.tensor([(float)cosine, (float)Math.Sqrt(1 - (cosine * cosine))], [1, 2]).repeat(images, 1);
        // N rows of the other view at the given cosine, N − 1 of the own view at 1. A sum of two logarithms would count twice.
        double sum = (images * Math.Exp(cosine / 0.5)) + ((images - 1) * Math.Exp(1 / 0.5));
        Assert.Equal(Math.Log(sum) - (cosine / 0.5), new NtXentLoss(0.5).Compute(first, second).ToDouble(), Tolerance);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(1.0)]
    public void Equals_the_papers_equation_in_loops(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = Unit("a", 5, 6), b = Unit("b", 5, 6);
        double loss = new NtXentLoss(temperature).Compute(a, b).ToDouble();
        double expected = Loops(a.Doubles(), b.Doubles(), 6, temperature);
        Assert.InRange(loss, expected - (Tolerance * expected), expected + (Tolerance * expected));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Equals_what_PyTorch_computes_with_the_gradients_of_both_views(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        string name = "ntxent." + temperature.ToString("0.0#", CultureInfo.InvariantCulture);
        torch.Tensor first = stored["first"].detach().requires_grad_(), second = stored["second"].detach().requires_grad_();
        torch.Tensor loss = new NtXentLoss(temperature).Compute(first, second);
        loss.backward();
        Assert.InRange(TensorValues.RelativeError(stored[name], loss), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".first"], first.grad!), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".second"], second.grad!), 0, Tolerance);
    }

    [Fact]
    public void Is_the_mean_of_InfoNce_with_each_row_in_turn_as_the_query()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        const int Images = 4;
        torch.Tensor a = Unit("a", Images, 5), b = Unit("b", Images, 5), all = torch.cat([a, b], 0);
        var single = new InfoNceLoss(0.2);
        double sum = 0;
        for (int i = 0; i < 2 * Images; i++)
        {
            int positive = (i + Images) % (2 * Images);
            long[] others = [.. Enumerable.Range(0, 2 * Images).Where(j => j != i && j != positive).Select(j => (long)j)];
            sum += single.Compute(all.narrow(0, i, 1), all.narrow(0, positive, 1), all.index_select(0, torch.tensor(others))).ToDouble();
        }

        Assert.Equal(sum / (2 * Images), new NtXentLoss(0.2).Compute(a, b).ToDouble(), Tolerance);
    }

    [Fact]
    public void Exchanging_the_views_of_any_images_changes_nothing() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from exchanged in Gen.ListOf(Gen.Elements(true, false), 6)
        select (seed, exchanged: exchanged.ToArray()), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor a = Unit($"a{c.seed}", 6, 5), b = Unit($"b{c.seed}", 6, 5);
            torch.Tensor exchange = torch.tensor(c.exchanged).unsqueeze(1);
            var loss = new NtXentLoss(0.2);
            double one = loss.Compute(a, b).ToDouble();
            double other = loss.Compute(torch.where(exchange, b, a), torch.where(exchange, a, b)).ToDouble();
            double all = loss.Compute(b, a).ToDouble();
            return Math.Abs(one - other) <= Tolerance * one && Math.Abs(one - all) <= Tolerance * one;
        });

    [Fact]
    public void The_order_of_the_images_does_not_matter() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from count in Gen.Choose(2, 12)
        from shift in Gen.Choose(0, 11)
        select (seed, count, shift), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor a = Unit($"a{c.seed}", c.count, 5), b = Unit($"b{c.seed}", c.count, 5);
            var loss = new NtXentLoss(0.2);
            double one = loss.Compute(a, b).ToDouble();
            double other = loss.Compute(a.roll([c.shift], [0]).flip(0), b.roll([c.shift], [0]).flip(0)).ToDouble();
            return Math.Abs(one - other) <= Tolerance * one;
        });

    [Fact]
    public void Which_rows_are_pairs_does_matter()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = Unit("a", 4, 5), b = Unit("b", 4, 5);
        var loss = new NtXentLoss(0.2);
        // The pairs' cosines are random, so other pairs cost clearly something else.
        Assert.True(Math.Abs(loss.Compute(a, b).ToDouble() - loss.Compute(a, b.flip(0)).ToDouble()) > 0.01);
    }

    [Fact]
    public void Scaled_rows_act_like_another_temperature() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from tenths in Gen.Choose(5, 30)
        select (seed, scale: tenths / 10.0), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor a = Unit($"a{c.seed}", 4, 5), b = Unit($"b{c.seed}", 4, 5);
            double scaled = new NtXentLoss(0.5).Compute(a * c.scale, b * c.scale).ToDouble();
            double cooler = new NtXentLoss(0.5 / (c.scale * c.scale)).Compute(a, b).ToDouble();
            return Math.Abs(scaled - cooler) <= Tolerance * Math.Max(cooler, 1);
        });

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor a = Unit("a", 3, 4).requires_grad_(), b = Unit("b", 3, 4).requires_grad_();
        var loss = new NtXentLoss(0.5);
        loss.Compute(a, b).backward();
        double[] first = a.grad!.Doubles(), second = b.grad!.Doubles();
        for (int i = 0; i < first.Length; i++)
        {
            // Step² of curvature (about 1e-4) and float32 differences over the step (about 1e-5).
            Assert.Equal(Slope(a, i, moved => loss.Compute(moved, b)), first[i], 1e-3);
            Assert.Equal(Slope(b, i, moved => loss.Compute(a, moved)), second[i], 1e-3);
        }

        static double Slope(torch.Tensor rows, int element, Func<torch.Tensor, torch.Tensor> loss)
        {
            const double Step = 1e-2;
            return (At(Step) - At(-Step)) / (2 * Step);

            double At(double by)
            {
                float[] moved = rows.Floats();
                moved[element] += (float)by;
                return loss(torch.tensor(moved, [3, 4])).ToDouble();
            }
        }
    }

    [Theory]
    [InlineData(2, 0.1)]
    [InlineData(4, 0.5)]
    public void No_gradient_flows_through_a_rows_similarity_with_itself(int images, double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int rows = 2 * images;
        torch.Tensor all = torch.eye(rows);
        torch.Tensor first = all.narrow(0, 0, images).clone().requires_grad_(), second = all.narrow(0, images, images).clone().requires_grad_();
        new NtXentLoss(temperature).Compute(first, second).backward();
        double[] gradient = torch.cat([first.grad!, second.grad!], 0).Doubles();
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < rows; j++)
            {
                // Orthonormal rows: element j of row i's gradient is its derivative by the cosine of rows i and j, in which each is once the
                // query. Subtracting e^{1/τ} from the sum, instead of leaving the row out, would fill the diagonal.
                double target = j == (i + images) % rows ? 1 : 0;
                double expected = 2 * ((1.0 / (rows - 1)) - target) / (rows * temperature);
                Assert.Equal(i == j ? 0 : expected, gradient[(i * rows) + j], i == j ? 0 : Tolerance);
            }
        }
    }

    [Fact]
    public void Half_precision_does_not_make_the_loss_NaN()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor zeros = torch.zeros(3, 4).to(torch.ScalarType.Float16).requires_grad_();
        torch.Tensor small = (HashedNumbers.Tensor("small", 3, 4) * 1e-4).to(torch.ScalarType.Float16).requires_grad_();
        torch.Tensor loss = new NtXentLoss(0.1).Compute(UnitRows.Of(zeros), UnitRows.Of(small));
        loss.backward();
        Assert.True(double.IsFinite(loss.ToDouble()), $"loss is {loss.ToDouble()}");
        Assert.All(zeros.grad!.Doubles().Concat(small.grad!.Doubles()), g => Assert.False(double.IsNaN(g)));
    }

    [Fact]
    public void A_temperature_that_half_precision_cannot_divide_by_is_used_in_full()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Logits of 1e5, above the 65504 of half precision; in the second case those of negatives.
        torch.Tensor rows = torch.eye(2).to(torch.ScalarType.Float16);
        Assert.Equal(0, new NtXentLoss(1e-5).Compute(rows, rows).ToDouble());
        Assert.Equal(1e5, new NtXentLoss(1e-5).Compute(rows, rows.flip(0)).ToDouble(), 1e5 * Tolerance);
    }

    [Fact]
    public void Leaves_nothing_but_the_loss()
    {
        using torch.Tensor a = Unit("a", 3, 4), b = Unit("b", 3, 4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor loss = new NtXentLoss(0.2).Compute(a, b);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_a_temperature_that_divides_to_nonsense(double temperature)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new NtXentLoss(temperature));
        Assert.Equal($"temperature must be a finite number above 0. (Parameter 'temperature')\nActual value was {temperature}.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 3, 4 }, "first must be [N, D] with N of at least 2, but is [4]. (Parameter 'first')")]
    [InlineData(new long[] { 1, 4 }, new long[] { 1, 4 }, "first must be [N, D] with N of at least 2, but is [1, 4]. (Parameter 'first')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4, 1 }, "second must be [N, D] with N of at least 2, but is [3, 4, 1]. (Parameter 'second')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 1, 4 }, "second must be [N, D] with N of at least 2, but is [1, 4]. (Parameter 'second')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 2, 4 }, "second must have the shape of first, [3, 4], but is [2, 4]. (Parameter 'second')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 5 }, "second must have the shape of first, [3, 4], but is [3, 5]. (Parameter 'second')")]
    public void Refuses_shapes_that_do_not_fit(long[] first, long[] second, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() => new NtXentLoss(0.2).Compute(torch.zeros(first), torch.zeros(second)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Refuses_null_by_name()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var loss = new NtXentLoss(0.2);
        torch.Tensor x = torch.zeros(2, 2);
        Assert.Equal("first", Assert.Throws<ArgumentNullException>(() => loss.Compute(null!, x)).ParamName);
        Assert.Equal("second", Assert.Throws<ArgumentNullException>(() => loss.Compute(x, null!)).ParamName);
    }

    private static torch.Tensor Unit(string name, long rows, long width)
    {
        using torch.Tensor numbers = HashedNumbers.Tensor(name, rows, width);
        return UnitRows.Of(numbers);
    }

    /// <summary>ℓ(i, j) of equation 1, averaged over both orders of all positive pairs as in algorithm 1.</summary>
    private static double Loops(double[] first, double[] second, int width, double temperature)
    {
        double[] z = [.. first, .. second];
        int images = first.Length / width;
        double total = 0;
        for (int k = 0; k < images; k++) total += Pair(k, k + images) + Pair(k + images, k);
        return total / (2 * images);

        double Pair(int i, int j)
        {
            double sum = 0;
            for (int k = 0; k < 2 * images; k++)
            {
                if (k != i) sum += Math.Exp(Cosine(i, k) / temperature);
            }

            return -Math.Log(Math.Exp(Cosine(i, j) / temperature) / sum);
        }

        double Cosine(int i, int j)
        {
            double dot = 0;
            for (int d = 0; d < width; d++) dot += z[(i * width) + d] * z[(j * width) + d];
            return dot;
        }
    }
}
