using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Losses;
using S3L.Testing;

namespace S3L.Core.Tests.Losses;

public sealed class InstanceDiscriminationLossTests
{
    // Sums of at most some dozen float32 exponentials: 1e-6 of the value, times a margin.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(1000)]
    public void Candidates_that_are_all_alike_cost_the_logarithm_of_their_number(int candidates)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = torch.full([3, candidates], 0.7);
        torch.Tensor targets = torch.zeros(3, torch.int64), pasted = torch.full([3], candidates - 1, torch.int64);
        var loss = new InstanceDiscriminationLoss(0.2);
        Assert.Equal(Math.Log(candidates), loss.Compute(cosines, targets).ToDouble(), Tolerance);
        Assert.Equal(Math.Log(candidates), loss.Compute(cosines, targets, pasted, torch.tensor(0.3f)).ToDouble(), Tolerance);
    }

    [Theory]
    [InlineData(5, 0.2)]
    [InlineData(40, 0.07)]
    public void A_row_that_equals_its_candidate_alone_costs_what_the_others_add(int candidates, double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor targets = torch.tensor(new long[] { candidates - 1, 0, 2 });
        torch.Tensor cosines = torch.eye(candidates).index_select(0, targets);
        double expected = Math.Log(1 + ((candidates - 1) * Math.Exp(-1 / temperature)));
        Assert.Equal(expected, new InstanceDiscriminationLoss(temperature).Compute(cosines, targets).ToDouble(), Tolerance);
    }

    [Theory]
    [InlineData(0.07)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Equals_the_papers_equation_in_loops(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = HashedNumbers.Tensor("cosines", 5, 9);
        long[] targets = [3, 0, 8, 3, 1], pasted = [1, 3, 0, 8, 3];
        double[] c = cosines.Doubles();
        double kept = Loops(c, targets, temperature), other = Loops(c, pasted, temperature);
        var loss = new InstanceDiscriminationLoss(temperature);
        double plain = loss.Compute(cosines, torch.tensor(targets)).ToDouble();
        double mixed = loss.Compute(cosines, torch.tensor(targets), torch.tensor(pasted), torch.tensor(0.25f)).ToDouble();
        Assert.Equal(kept, plain, Tolerance * kept);
        Assert.Equal((0.25 * kept) + (0.75 * other), mixed, Tolerance * kept);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Equals_what_PyTorch_computes_with_its_gradient(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        string name = "discrimination.plain." + temperature.ToString("0.0#", CultureInfo.InvariantCulture);
        torch.Tensor cosines = stored["cosines"].detach().requires_grad_();
        torch.Tensor loss = new InstanceDiscriminationLoss(temperature).Compute(cosines, stored["own"].to(torch.int64));
        loss.backward();
        Assert.InRange(TensorValues.RelativeError(stored[name], loss), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".cosines"], cosines.grad!), 0, Tolerance);
    }

    [Theory]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void With_CutMix_equals_PyTorchs_cross_entropy_of_mixed_targets_with_its_gradient(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var stored = new StoredTensors("losses", "values");
        string name = "discrimination.cutmix." + temperature.ToString("0.0#", CultureInfo.InvariantCulture);
        torch.Tensor cosines = stored["cosines"].detach().requires_grad_();
        torch.Tensor loss = new InstanceDiscriminationLoss(temperature)
            .Compute(cosines, stored["own"].to(torch.int64), stored["pasted"].to(torch.int64), stored["share"]);
        loss.backward();
        Assert.InRange(TensorValues.RelativeError(stored[name], loss), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(stored[name + ".cosines"], cosines.grad!), 0, Tolerance);
    }

    [Fact]
    public void Is_InfoNce_where_the_target_is_the_key_and_the_others_are_shared() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from others in Gen.Choose(1, 20)
        select (seed, others), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor z = UnitRows.Of(HashedNumbers.Tensor($"z{c.seed}", 4, 5));
            torch.Tensor bank = UnitRows.Of(HashedNumbers.Tensor($"w{c.seed}", 3 + c.others, 5));
            torch.Tensor key = bank.narrow(0, 2, 1), rest = torch.cat([bank.narrow(0, 0, 2), bank.narrow(0, 3, c.others)], 0);
            double expected = new InfoNceLoss(0.2).Compute(z, key.repeat(4, 1), rest).ToDouble();
            double loss = new InstanceDiscriminationLoss(0.2).Compute(z.matmul(bank.t()), torch.full([4], 2, torch.int64)).ToDouble();
            return Math.Abs(expected - loss) <= Tolerance * Math.Max(expected, 1);
        });

    [Fact]
    public void The_order_of_rows_and_of_candidates_does_not_matter() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from share in Gen.Choose(0, 100)
        from rows in Permutation(5)
        from candidates in Permutation(9)
        select (seed, share: share / 100f, rows, candidates), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 5, 9);
            long[] targets = Targets($"t{c.seed}", 5, 9), pasted = Targets($"p{c.seed}", 5, 9);
            torch.Tensor moved = cosines.index_select(0, torch.tensor(c.rows)).index_select(1, torch.tensor(c.candidates));
            var loss = new InstanceDiscriminationLoss(0.2);
            return Near(loss.Compute(cosines, torch.tensor(targets)), loss.Compute(moved, Moved(targets)))
                && Near(loss.Compute(cosines, torch.tensor(targets), torch.tensor(pasted), torch.tensor(c.share)),
                    loss.Compute(moved, Moved(targets), Moved(pasted), torch.tensor(c.share)));

            torch.Tensor Moved(long[] numbers) => torch.tensor(c.rows.Select(row => (long)Array.IndexOf(c.candidates, numbers[row])).ToArray());
        });

    [Fact]
    public void Scaled_cosines_act_like_another_temperature_and_shifted_rows_like_the_same() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from tenths in Gen.Choose(2, 50)
        select (seed, scale: tenths / 10.0), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 5, 9), shift = HashedNumbers.Tensor($"s{c.seed}", 5, 1);
            torch.Tensor targets = torch.tensor(Targets($"t{c.seed}", 5, 9));
            torch.Tensor loss = new InstanceDiscriminationLoss(0.5).Compute(cosines, targets);
            return Near(loss, new InstanceDiscriminationLoss(0.5 * c.scale).Compute(cosines * c.scale, targets))
                && Near(loss, new InstanceDiscriminationLoss(0.5).Compute(cosines + shift, targets));
        });

    [Fact]
    public void The_share_leads_straight_from_the_pasted_pictures_loss_to_the_targets() => Properties.Hold(
        from seed in Gen.Choose(1, 1_000_000)
        from percent in Gen.Choose(0, 100)
        select (seed, share: percent / 100f), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor cosines = HashedNumbers.Tensor($"c{c.seed}", 5, 9);
            torch.Tensor targets = torch.tensor(Targets($"t{c.seed}", 5, 9)), pasted = torch.tensor(Targets($"p{c.seed}", 5, 9));
            var loss = new InstanceDiscriminationLoss(0.2);
            torch.Tensor mixed = loss.Compute(cosines, targets, pasted, torch.tensor(c.share));
            torch.Tensor kept = loss.Compute(cosines, targets), other = loss.Compute(cosines, pasted);
            return Near(kept * c.share + other * (1 - c.share), mixed)
                && Near(mixed, loss.Compute(cosines, pasted, targets, torch.tensor(1 - c.share)))
                && Near(kept, loss.Compute(cosines, targets, pasted, torch.tensor(1f)))
                && Near(other, loss.Compute(cosines, targets, pasted, torch.tensor(0f)))
                // An image that was pasted into itself is whole.
                && Near(kept, loss.Compute(cosines, targets, targets, torch.tensor(c.share)));
        });

    [Theory]
    [InlineData(torch.ScalarType.Float16)]
    [InlineData(torch.ScalarType.BFloat16)]
    [InlineData(torch.ScalarType.Float32)]
    [InlineData(torch.ScalarType.Float64)]
    public void A_share_in_any_number_format_mixes_in_single_precision(torch.ScalarType type)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // 2⁻¹⁰ is exact in all formats; 1 − 2⁻¹⁰ is not in bfloat16, where it becomes 1.
        torch.Tensor share = torch.full([1, 1], 1.0 / 1024).to(type);
        torch.Tensor cosines = torch.tensor([400f, 0f], [1, 2]), zero = torch.zeros(1, torch.int64), one = torch.ones(1, torch.int64);
        torch.Tensor loss = new InstanceDiscriminationLoss(1).Compute(cosines, zero, one, share);
        Assert.Equal(torch.float32, loss.dtype);
        Assert.Empty(loss.shape);
        Assert.Equal(400 * (1 - (1.0 / 1024)), loss.ToDouble(), 400 * 1e-6);
    }

    [Fact]
    public void The_gradient_is_the_slope_of_the_loss()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor targets = torch.tensor(new long[] { 2, 0, 3 }), pasted = torch.tensor(new long[] { 0, 3, 2 }), share = torch.tensor(0.7f);
        var loss = new InstanceDiscriminationLoss(0.5);
        Check(cosines => loss.Compute(cosines, targets));
        Check(cosines => loss.Compute(cosines, targets, pasted, share));

        static void Check(Func<torch.Tensor, torch.Tensor> loss)
        {
            torch.Tensor cosines = HashedNumbers.Tensor("cosines", 3, 4).requires_grad_();
            loss(cosines).backward();
            double[] gradient = cosines.grad!.Doubles();
            const double Step = 1e-2;
            for (int i = 0; i < gradient.Length; i++)
            {
                // Step² of curvature (about 1e-4) and float32 differences over the step (about 1e-5).
                Assert.Equal((At(i, Step) - At(i, -Step)) / (2 * Step), gradient[i], 1e-3);
            }

            double At(int element, double by)
            {
                float[] moved = cosines.Floats();
                moved[element] += (float)by;
                return loss(torch.tensor(moved, [3, 4])).ToDouble();
            }
        }
    }

    [Fact]
    public void A_temperature_that_half_precision_cannot_divide_by_is_used_in_full()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Logits of ±1e5, above the 65504 of half precision.
        torch.Tensor cosines = torch.tensor([1f, -1f], [1, 2]).to(torch.ScalarType.Float16).requires_grad_();
        var loss = new InstanceDiscriminationLoss(1e-5);
        Assert.Equal(0, loss.Compute(cosines, torch.zeros(1, torch.int64)).ToDouble());
        Assert.Equal(2e5, loss.Compute(cosines, torch.ones(1, torch.int64)).ToDouble(), 2e5 * Tolerance);
    }

    [Fact]
    public void Half_precision_does_not_make_the_loss_NaN()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor z = torch.zeros(3, 4).to(torch.ScalarType.Float16).requires_grad_();
        torch.Tensor bank = UnitRows.Of(HashedNumbers.Tensor("bank", 8, 4));
        torch.Tensor loss = new InstanceDiscriminationLoss(0.2).Compute(UnitRows.Of(z).matmul(bank.t()), torch.arange(3, torch.int64));
        loss.backward();
        // Rows without a direction know nothing.
        Assert.Equal(Math.Log(8), loss.ToDouble(), Tolerance);
        Assert.All(z.grad!.Doubles(), g => Assert.False(double.IsNaN(g)));
    }

    [Fact]
    public void Leaves_nothing_but_the_loss()
    {
        using torch.Tensor cosines = HashedNumbers.Tensor("cosines", 3, 4), share = torch.tensor(0.7f);
        using torch.Tensor targets = torch.zeros(3, torch.int64), pasted = torch.ones(3, torch.int64);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor plain = new InstanceDiscriminationLoss(0.2).Compute(cosines, targets);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        using torch.Tensor mixed = new InstanceDiscriminationLoss(0.2).Compute(cosines, targets, pasted, share);
        Assert.Equal(before + 2, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-0.2)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Refuses_a_temperature_that_divides_to_nonsense(double temperature)
    {
        var error = Assert.Throws<ArgumentOutOfRangeException>(() => new InstanceDiscriminationLoss(temperature));
        Assert.Equal($"temperature must be a finite number above 0. (Parameter 'temperature')\nActual value was {temperature}.",
            error.Message.ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData(new long[] { 4 }, new long[] { 4 }, torch.ScalarType.Int64,
        "cosines must be [N, D] with N of at least 1, but is [4]. (Parameter 'cosines')")]
    [InlineData(new long[] { 0, 4 }, new long[] { 0 }, torch.ScalarType.Int64,
        "cosines must be [N, D] with N of at least 1, but is [0, 4]. (Parameter 'cosines')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 4 }, torch.ScalarType.Int64,
        "NAME must be [3] in int64, but is [4] in Int64. (Parameter 'NAME')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 1 }, torch.ScalarType.Int64,
        "NAME must be [3] in int64, but is [3, 1] in Int64. (Parameter 'NAME')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3, 4 }, torch.ScalarType.Float32,
        "NAME must be [3] in int64, but is [3, 4] in Float32. (Parameter 'NAME')")]
    [InlineData(new long[] { 3, 4 }, new long[] { 3 }, torch.ScalarType.Int32,
        "NAME must be [3] in int64, but is [3] in Int32. (Parameter 'NAME')")]
    public void Refuses_shapes_that_do_not_fit(long[] cosines, long[] targets, torch.ScalarType type, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var loss = new InstanceDiscriminationLoss(0.2);
        torch.Tensor c = torch.zeros(cosines), wrong = torch.zeros(targets).to(type), right = torch.zeros(3, torch.int64), share = torch.tensor(1f);
        string expected = message.Replace("NAME", "targets", StringComparison.Ordinal);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => loss.Compute(c, wrong)).Message);
        Assert.Equal(expected, Assert.Throws<ArgumentException>(() => loss.Compute(c, wrong, right, share)).Message);
        Assert.Equal(message.Replace("NAME", "pasted", StringComparison.Ordinal),
            Assert.Throws<ArgumentException>(() => loss.Compute(c, right, wrong, share)).Message);
    }

    [Theory]
    [InlineData(new long[] { 3 }, "share must be one number, but is [3]. (Parameter 'share')")]
    [InlineData(new long[] { 0 }, "share must be one number, but is [0]. (Parameter 'share')")]
    [InlineData(new long[] { 3, 1 }, "share must be one number, but is [3, 1]. (Parameter 'share')")]
    public void Refuses_a_share_that_is_not_one_number(long[] share, string message)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor cosines = torch.zeros(3, 4), targets = torch.zeros(3, torch.int64);
        var loss = new InstanceDiscriminationLoss(0.2);
        var error = Assert.Throws<ArgumentException>(() => loss.Compute(cosines, targets, targets, torch.zeros(share)));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Refuses_null_by_name()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var loss = new InstanceDiscriminationLoss(0.2);
        torch.Tensor c = torch.zeros(2, 2), t = torch.zeros(2, torch.int64), s = torch.tensor(1f);
        Assert.Equal("cosines", Assert.Throws<ArgumentNullException>(() => loss.Compute(null!, t)).ParamName);
        Assert.Equal("targets", Assert.Throws<ArgumentNullException>(() => loss.Compute(c, null!)).ParamName);
        Assert.Equal("cosines", Assert.Throws<ArgumentNullException>(() => loss.Compute(null!, t, t, s)).ParamName);
        Assert.Equal("targets", Assert.Throws<ArgumentNullException>(() => loss.Compute(c, null!, t, s)).ParamName);
        Assert.Equal("pasted", Assert.Throws<ArgumentNullException>(() => loss.Compute(c, t, null!, s)).ParamName);
        Assert.Equal("share", Assert.Throws<ArgumentNullException>(() => loss.Compute(c, t, t, null!)).ParamName);
    }

    private static bool Near(torch.Tensor expected, torch.Tensor actual) =>
        Math.Abs(expected.ToDouble() - actual.ToDouble()) <= Tolerance * Math.Max(expected.ToDouble(), 1);

    private static Gen<long[]> Permutation(int count) => Gen.Shuffle(Enumerable.Range(0, count).Select(i => (long)i)).Select(p => p.ToArray());

    private static long[] Targets(string name, int rows, int candidates) =>
        [.. HashedNumbers.Of(name, rows).Select(x => (long)((x + 1) / 2 * candidates))];

    private static double Loops(double[] cosines, long[] targets, double temperature)
    {
        int candidates = cosines.Length / targets.Length;
        double total = 0;
        for (int i = 0; i < targets.Length; i++)
        {
            double sum = 0;
            for (int j = 0; j < candidates; j++) sum += Math.Exp(cosines[(i * candidates) + j] / temperature);
            total -= Math.Log(Math.Exp(cosines[(i * candidates) + targets[i]] / temperature) / sum);
        }

        return total / targets.Length;
    }
}
