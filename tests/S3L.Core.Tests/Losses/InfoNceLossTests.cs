using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class InfoNceLossTests
{
    // Sums of at most some dozen float32 products: 1e-6 of the value, times a margin.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    [InlineData(64)]
    public void Rows_that_are_all_equal_cost_the_logarithm_of_their_number(int negatives)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor row = UnitRows.Of(torch.ones([1, 4]));
        torch.Tensor loss = new InfoNceLoss(0.2).Compute(row.repeat(3, 1), row.repeat(3, 1), row.repeat(negatives, 1));
        Assert.Equal(Math.Log(1 + negatives), loss.ToDouble(), Tolerance);
    }

    [Fact]
    public void A_key_opposite_to_its_query_costs_the_whole_span_of_cosines()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor x = torch.tensor([1f, 0f], [1, 2]);
        // Logits −1/τ and 1/τ: −log(e^{−10} / (e^{−10} + e^{10})).
        double loss = new InfoNceLoss(0.1).Compute(x, x.neg(), x).ToDouble();
        Assert.Equal(20 + Math.Log(1 + Math.Exp(-20)), loss, Tolerance * 20);
    }

    [Theory]
    [InlineData(0.07)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Equals_the_papers_equation_in_loops(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor q = Unit("q", 5, 6), k = Unit("k", 5, 6), n = Unit("n", 9, 6);
        double loss = new InfoNceLoss(temperature).Compute(q, k, n).ToDouble();
        double expected = Loops(q.Doubles(), k.Doubles(), n.Doubles(), 6, temperature);
        Assert.InRange(loss, expected - (Tolerance * expected), expected + (Tolerance * expected));
    }

    [Theory]
    [InlineData(0.07)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Equals_what_PyTorch_computes_with_all_gradients(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        string name = "infonce." + temperature.ToString("0.0#", CultureInfo.InvariantCulture);
        torch.Tensor[] inputs = [.. new[] { "queries", "keys", "negatives" }.Select(i => stored[i].detach().requires_grad_())];
        torch.Tensor loss = new InfoNceLoss(temperature).Compute(inputs[0], inputs[1], inputs[2]);
        loss.backward();
        Assert.InRange(TensorValues.RelativeError(stored[name], loss), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".queries"], inputs[0].grad!), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".keys"], inputs[1].grad!), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".negatives"], inputs[2].grad!), 0, Tolerance);
    }

    [Fact]
    public void The_order_of_the_negatives_does_not_matter() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from count in Gen.Choose(1, 20)
        from shift in Gen.Choose(0, 19)
        select (seed, count, shift), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor q = Unit($"q{c.seed}", 4, 5), k = Unit($"k{c.seed}", 4, 5), n = Unit($"n{c.seed}", c.count, 5);
            var loss = new InfoNceLoss(0.2);
            double one = loss.Compute(q, k, n).ToDouble();
            double other = loss.Compute(q, k, n.roll([c.shift], [0]).flip(0)).ToDouble();
            return Math.Abs(one - other) <= Tolerance * one;
        });

    [Fact]
    public void The_order_of_the_pairs_does_not_matter_and_the_assignment_does()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor q = Unit("q", 4, 5), k = Unit("k", 4, 5), n = Unit("n", 8, 5);
        var loss = new InfoNceLoss(0.2);
        double one = loss.Compute(q, k, n).ToDouble();
        Assert.Equal(one, loss.Compute(q.flip(0), k.flip(0), n).ToDouble(), Tolerance);
        // The pairs' cosines are random, so exchanged keys cost clearly something else.
        Assert.True(Math.Abs(one - loss.Compute(q, k.flip(0), n).ToDouble()) > 0.01);
    }

    [Fact]
    public void Scaled_queries_act_like_another_temperature() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from tenths in Gen.Choose(2, 50)
        select (seed, scale: tenths / 10.0), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor q = Unit($"q{c.seed}", 4, 5), k = Unit($"k{c.seed}", 4, 5), n = Unit($"n{c.seed}", 7, 5);
            double scaled = new InfoNceLoss(0.5).Compute(q * c.scale, k, n).ToDouble();
            double cooler = new InfoNceLoss(0.5 / c.scale).Compute(q, k, n).ToDouble();
            return Math.Abs(scaled - cooler) <= Tolerance * Math.Max(cooler, 1);
        });

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor q = Unit("q", 3, 4).requires_grad_(), k = Unit("k", 3, 4), n = Unit("n", 5, 4);
        var loss = new InfoNceLoss(0.5);
        loss.Compute(q, k, n).backward();
        double[] gradient = q.grad!.Doubles();
        const double Step = 1e-2;
        for (int i = 0; i < gradient.Length; i++)
        {
            double slope = (At(i, Step) - At(i, -Step)) / (2 * Step);
            // Step² of curvature (about 1e-4) and float32 differences over the step (about 1e-5).
            Assert.Equal(slope, gradient[i], 1e-3);
        }

        double At(int element, double by)
        {
            float[] moved = q.Floats();
            moved[element] += (float)by;
            return loss.Compute(torch.tensor(moved, [3, 4]), k, n).ToDouble();
        }
    }

    [Fact]
    public void Leaves_nothing_but_the_loss()
    {
        using torch.Tensor q = Unit("q", 3, 4), k = Unit("k", 3, 4), n = Unit("n", 5, 4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor loss = new InfoNceLoss(0.2).Compute(q, k, n);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.2)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_a_temperature_that_divides_to_nonsense(double temperature)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new InfoNceLoss(temperature));
        Assert.Equal($"temperature must be a finite number above 0. (Parameter 'temperature')\nActual value was {temperature}.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 3, 4 }, new long[] { 5, 4 },
        "queries must be [N, D] with N of at least 1, but is [4]. (Parameter 'queries')")]
    [InlineData(new long[] { 0, 4 }, new long[] { 0, 4 }, new long[] { 5, 4 },
        "queries must be [N, D] with N of at least 1, but is [0, 4]. (Parameter 'queries')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3 }, new long[] { 5, 4 },
        "keys must be [N, D] with N of at least 1, but is [3]. (Parameter 'keys')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 2, 4 }, new long[] { 5, 4 },
        "keys must have the shape of queries, [3, 4], but is [2, 4]. (Parameter 'keys')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4 }, new long[] { 5, 4, 1 },
        "negatives must be [N, D] with N of at least 1, but is [5, 4, 1]. (Parameter 'negatives')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4 }, new long[] { 5, 6 }, "negatives must be [K, 4], but is [5, 6]. (Parameter 'negatives')")]
    public void Refuses_shapes_that_do_not_fit(long[] queries, long[] keys, long[] negatives, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var error = Assert.Throws<ArgumentException>(() =>
            new InfoNceLoss(0.2).Compute(torch.zeros(queries), torch.zeros(keys), torch.zeros(negatives)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Refuses_null_by_name()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var loss = new InfoNceLoss(0.2);
        torch.Tensor x = torch.zeros(2, 2);
        Assert.Equal("queries", Assert.Throws<ArgumentNullException>(() => loss.Compute(null!, x, x)).ParamName);
        Assert.Equal("keys", Assert.Throws<ArgumentNullException>(() => loss.Compute(x, null!, x)).ParamName);
        Assert.Equal("negatives", Assert.Throws<ArgumentNullException>(() => loss.Compute(x, x, null!)).ParamName);
    }

    private static torch.Tensor Unit(string name, long rows, long width)
    {
        using torch.Tensor numbers = HashedNumbers.Tensor(name, rows, width);
        return UnitRows.Of(numbers);
    }

    private static double Loops(double[] q, double[] k, double[] n, int width, double temperature)
    {
        int rows = q.Length / width;
        double total = 0;
        for (int i = 0; i < rows; i++)
        {
            double positive = Math.Exp(Dot(q, i, k, i) / temperature);
            double sum = positive;
            for (int j = 0; j < n.Length / width; j++) sum += Math.Exp(Dot(q, i, n, j) / temperature);
            total -= Math.Log(positive / sum);
        }

        return total / rows;

        double Dot(double[] a, int row, double[] b, int other)
        {
            double dot = 0;
            for (int d = 0; d < width; d++) dot += a[(row * width) + d] * b[(other * width) + d];
            return dot;
        }
    }
}
