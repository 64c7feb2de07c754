using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class SqrtKlLossTests
{
    // The difference of two logarithms of softmax, each a few float32 units of at most about 4.
    private const double Tolerance = 2e-6;

    public static TheoryData<KlDirection, double> Kinds
    {
        get
        {
            var kinds = new TheoryData<KlDirection, double>();
            foreach (KlDirection direction in Enum.GetValues<KlDirection>())
            {
                foreach (double exponent in new[] { 0.25, 0.5, 2.0 }) kinds.Add(direction, exponent);
            }

            return kinds;
        }
    }

    [Fact]
    public void Is_the_papers_loss_unless_told_otherwise()
    {
        var loss = new SqrtKlLoss();
        Assert.Equal(0.5, loss.Exponent);
        Assert.Equal(KlDirection.FromOutput, loss.Direction);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Candidates_that_are_all_alike_cost_nothing(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal(0, new SqrtKlLoss(exponent, direction).Compute(torch.full([3, 50], 0.3)).ToDouble(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Two_candidates_cost_the_divergence_of_two_coins(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = torch.tensor([0.9f, -0.6f], [1, 2]);
        double p = 1 / (1 + Math.Exp(-1.5)), u = 1 / (1 + Math.Exp(-1.5 * exponent));
        (double from, double to) = direction == KlDirection.FromOutput ? (p, u) : (u, p);
        double expected = (from * Math.Log(from / to)) + ((1 - from) * Math.Log((1 - from) / (1 - to)));
        Assert.Equal(expected, new SqrtKlLoss(exponent, direction).Compute(cosines).ToDouble(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equals_the_papers_equation_in_loops(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = HashedNumbers.Tensor("cosines", 5, 9);
        double[] c = cosines.Doubles();
        Assert.Equal(Loops(c, c, 9, exponent, direction), new SqrtKlLoss(exponent, direction).Compute(cosines).ToDouble(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Equals_what_PyTorch_computes_with_its_gradient(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        string name = $"sqrtkl.{direction}.{exponent.ToString("0.0#", CultureInfo.InvariantCulture)}";
        torch.Tensor cosines = stored["cosines"].detach().requires_grad_();
        torch.Tensor loss = new SqrtKlLoss(exponent, direction).Compute(cosines);
        loss.backward();
        Assert.Equal(stored[name].ToDouble(), loss.ToDouble(), Tolerance);
        // Differences of logarithms lose a digit or two against float64.
        Assert.InRange(TensorValues.RelativeError(stored[name + ".cosines"], cosines.grad!), 0, 2e-5);
    }

    [Fact]
    public void From_the_output_to_its_root_is_half_of_what_Shannons_entropy_lacks_to_Renyis() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from candidates in Gen.Choose(1, 20)
        select (seed, candidates), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 1, c.candidates);
            double[] p = Softmax(cosines.Doubles());
            double shannon = -p.Sum(x => x * Math.Log(x)), renyi = 2 * Math.Log(p.Sum(Math.Sqrt));
            return Math.Abs(((renyi - shannon) / 2) - new SqrtKlLoss().Compute(cosines).ToDouble()) <= Tolerance;
        });

    [Fact]
    public void Is_never_below_zero_and_zero_for_the_exponent_one() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from exponent in Gen.Choose(1, 40)
        from scale in Gen.Choose(1, 10)
        from direction in Gen.Elements(Enum.GetValues<KlDirection>())
        select (seed, exponent: exponent / 10.0, scale, direction), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 4, 7) * c.scale;
            double loss = new SqrtKlLoss(c.exponent, c.direction).Compute(cosines).ToDouble();
            return loss >= -Tolerance && new SqrtKlLoss(1, c.direction).Compute(cosines).ToDouble() == 0;
        });

    [Fact]
    public void Neither_a_shift_of_a_row_nor_any_order_changes_it() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from exponent in Gen.Choose(1, 30)
        from direction in Gen.Elements(Enum.GetValues<KlDirection>())
        from rows in Permutation(4)
        from candidates in Permutation(7)
        select (seed, exponent: exponent / 10.0, direction, rows, candidates), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 4, 7), shift = HashedNumbers.Tensor($"s{c.seed}", 4, 1) * 3;
            var loss = new SqrtKlLoss(c.exponent, c.direction);
            double one = loss.Compute(cosines).ToDouble();
            torch.Tensor moved = cosines.index_select(0, torch.tensor(c.rows)).index_select(1, torch.tensor(c.candidates));
            return Math.Abs(one - loss.Compute(cosines + shift).ToDouble()) <= Tolerance
                && Math.Abs(one - loss.Compute(moved).ToDouble()) <= Tolerance;
        });

    [Fact]
    public void A_batch_costs_the_mean_of_its_rows()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = HashedNumbers.Tensor("cosines", 5, 9);
        var loss = new SqrtKlLoss();
        double sum = Enumerable.Range(0, 5).Sum(i => loss.Compute(cosines.narrow(0, i, 1)).ToDouble());
        Assert.Equal(sum / 5, loss.Compute(cosines).ToDouble(), Tolerance);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_gradient_is_the_slope_of_the_loss_while_the_target_stands_still(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = HashedNumbers.Tensor("cosines", 3, 4).requires_grad_();
        new SqrtKlLoss(exponent, direction).Compute(cosines).backward();
        double[] c = cosines.Doubles(), gradient = cosines.grad!.Doubles();
        const double Step = 1e-5;
        for (int i = 0; i < gradient.Length; i++)
        {
            // The loops run in float64, so what is left is the float32 of the loss.
            Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], 1e-6);
        }

        double At(int element, double by)
        {
            double[] moved = [.. c];
            moved[element] += by;
            return Loops(moved, c, 4, exponent, direction);
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void No_gradient_flows_through_the_target(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = HashedNumbers.Tensor("cosines", 3, 4).requires_grad_();
        new SqrtKlLoss(exponent, direction).Compute(cosines).backward();
        double[] c = cosines.Doubles(), gradient = cosines.grad!.Doubles();
        const double Step = 1e-5;
        double[] through = [.. gradient.Select((_, i) => (At(i, Step) - At(i, -Step)) / (2 * Step))];
        // Shows that the test above could fail: with a target that follows, the slope is another.
        Assert.True(TensorValues.RelativeError(through, gradient) > 0.1);

        double At(int element, double by)
        {
            double[] moved = [.. c];
            moved[element] += by;
            return Loops(moved, moved, 4, exponent, direction);
        }
    }

    [Theory]
    [InlineData(KlDirection.FromOutput)]
    [InlineData(KlDirection.FromTarget)]
    public void The_gradient_keeps_its_precision_at_the_papers_number_of_candidates(KlDirection direction)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Cosines as small as those of random rows of width 2048; each probability is 1e-4, each logarithm's last place 1e-6.
        torch.Tensor cosines = (HashedNumbers.Tensor("cosines", 2, 10_000) * 0.04).requires_grad_();
        torch.Tensor loss = new SqrtKlLoss(0.5, direction).Compute(cosines);
        loss.backward();
        double[] c = cosines.Doubles();
        Assert.Equal(Loops(c, c, 10_000, 0.5, direction), loss.ToDouble(), Tolerance);
        Assert.InRange(TensorValues.RelativeError(Gradient(c, 10_000, 0.5, direction), cosines.grad!.Doubles()), 0, 1e-3);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Half_precision_does_not_make_the_loss_NaN(KlDirection direction, double exponent)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Half precision ends at 65504, below the sum of the exponentials, and its probabilities of 1e-5 are all but zero.
        torch.Tensor cosines = torch.ones([2, 70_000]);
        cosines.narrow(1, 0, 35_000).fill_(-1f);
        cosines = cosines.to(torch.ScalarType.Float16).requires_grad_();
        torch.Tensor loss = new SqrtKlLoss(exponent, direction).Compute(cosines);
        loss.backward();
        double[] row = cosines.narrow(0, 0, 1).Doubles();
        double expected = Loops(row, row, row.Length, exponent, direction);
        // Logarithms of about 11.
        Assert.Equal(expected, loss.ToDouble(), 1e-5);
        Assert.All(cosines.grad!.Doubles(), g => Assert.True(double.IsFinite(g), $"gradient is {g}"));
    }

    [Theory]
    [InlineData(KlDirection.FromOutput)]
    [InlineData(KlDirection.FromTarget)]
    public void Leaves_nothing_but_the_loss(KlDirection direction)
    {
        using torch.Tensor cosines = HashedNumbers.Tensor("cosines", 3, 4);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor loss = new SqrtKlLoss(0.5, direction).Compute(cosines);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.5)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_an_exponent_that_makes_no_distribution(double exponent)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SqrtKlLoss(exponent));
        Assert.Equal($"exponent must be a finite number above 0. (Parameter 'exponent')\nActual value was {exponent}.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Refuses_a_direction_that_is_none()
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new SqrtKlLoss(direction: (KlDirection)2));
        Assert.Equal("direction must be one of FromOutput, FromTarget. (Parameter 'direction')\nActual value was 2.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(new long[] { 4 }, "cosines must be [N, D] with N of at least 1, but is [4]. (Parameter 'cosines')")]
    [InlineData(new long[] { 0, 4 }, "cosines must be [N, D] with N of at least 1, but is [0, 4]. (Parameter 'cosines')")]
    [InlineData(new long[] { 3, 4, 1 }, "cosines must be [N, D] with N of at least 1, but is [3, 4, 1]. (Parameter 'cosines')")]
    public void Refuses_anything_but_rows(long[] cosines, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => new SqrtKlLoss().Compute(torch.zeros(cosines))).Message);
    }

    [Fact]
    public void Refuses_null_by_name() =>
        Assert.Equal("cosines", Assert.Throws<ArgumentNullException>(() => new SqrtKlLoss().Compute(null!)).ParamName);

    private static Gen<long[]> Permutation(int count) => Gen.Shuffle(Enumerable.Range(0, count).Select(i => (long)i)).Select(p => p.ToArray());

    private static double[] Softmax(double[] row)
    {
        double most = row.Max();
        double[] powers = [.. row.Select(c => Math.Exp(c - most))];
        double sum = powers.Sum();
        return [.. powers.Select(x => x / sum)];
    }

    private static double[] Flattened(double[] p, double exponent)
    {
        double[] powers = [.. p.Select(x => Math.Pow(x, exponent))];
        double sum = powers.Sum();
        return [.. powers.Select(x => x / sum)];
    }

    /// <summary>The divergence between the softmax of one set of cosines and the flattened softmax of another.</summary>
    private static double Loops(double[] cosines, double[] targets, int width, double exponent, KlDirection direction)
    {
        double total = 0;
        for (int start = 0; start < cosines.Length; start += width)
        {
            double[] p = Softmax(cosines[start..(start + width)]), u = Flattened(Softmax(targets[start..(start + width)]), exponent);
            for (int j = 0; j < width; j++)
            {
                total += direction == KlDirection.FromOutput ? p[j] * (Math.Log(p[j]) - Math.Log(u[j])) : u[j] * (Math.Log(u[j]) - Math.Log(p[j]));
            }
        }

        return total / (cosines.Length / width);
    }

    /// <summary>p_j (log p_j − log u_j − L) from the output, p_j − u_j from the target, over N.</summary>
    private static double[] Gradient(double[] cosines, int width, double exponent, KlDirection direction)
    {
        var gradient = new List<double>();
        for (int start = 0; start < cosines.Length; start += width)
        {
            double[] p = Softmax(cosines[start..(start + width)]), u = Flattened(p, exponent);
            double loss = p.Zip(u, (a, b) => a * Math.Log(a / b)).Sum();
            gradient.AddRange(p.Zip(u, (a, b) => direction == KlDirection.FromOutput ? a * (Math.Log(a / b) - loss) : a - b));
        }

        return [.. gradient.Select(g => g * width / cosines.Length)];
    }
}
