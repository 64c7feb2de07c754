using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Optimizers;

public sealed class SgdSettingsTests
{
    // Float32 against float64 over eight steps; measured 4e-7.
    private const double Tolerance = 1e-5;

    private const int Steps = 8;

    [Fact]
    public void The_defaults_are_the_papers() =>
        Assert.Equal((0.9, 5e-4, false, false), (new SgdSettings().Momentum, new SgdSettings().WeightDecay, new SgdSettings().Nesterov,
            new SgdSettings().ExcludeBiasesAndNorms));

    [Theory]
    [InlineData(0, false, 0, false)]
    [InlineData(0, false, 0.1, false)]
    [InlineData(0.9, false, 0, false)]
    [InlineData(0.9, false, 0.1, false)]
    [InlineData(0.5, false, 0.2, true)]
    [InlineData(0.9, true, 0, false)]
    [InlineData(0.8, true, 0.1, false)]
    [InlineData(0.8, true, 0.1, true)]
    public void Equals_the_rule_in_loops(double momentum, bool nesterov, double decay, bool excludeBiases)
    {
        var settings = new SgdSettings
        {
            Momentum = momentum,
            Nesterov = nesterov,
            WeightDecay = decay,
            ExcludeBiasesAndNorms = excludeBiases,
        };
        TrainerOptions options = SmallTraining.Options(settings, 0.1) with { LearningRateSchedule = new LearningRateSchedule() };
        var velocities = new Dictionary<string, double[]>();
        var expected = SmallTraining.LeastSquaresInLoops(Steps, (step, name, w, g) =>
        {
            double rate = 0.1 * (1 + Math.Cos(Math.PI * step / Steps)) / 2;
            double lambda = excludeBiases && name == SmallTraining.Bias ? 0 : decay;
            if (!velocities.TryGetValue(name, out double[]? v)) velocities[name] = v = new double[w.Length];
            for (int i = 0; i < w.Length; i++)
            {
                double slope = g[i] + (lambda * w[i]);
                v[i] = (momentum * v[i]) + slope;
                w[i] -= rate * (nesterov ? slope + (momentum * v[i]) : v[i]);
            }
        });

        Assert.InRange(SmallTraining.LargestError(expected, SmallTraining.LeastSquares().Run(options, Steps).Weights), 0, Tolerance);
    }

    [Theory]
    [InlineData("sgd", 0, false, 0)]
    [InlineData("sgd.decay", 0, false, 0.1)]
    [InlineData("sgd.momentum", 0.9, false, 0)]
    [InlineData("sgd.momentum.decay", 0.9, false, 0.1)]
    [InlineData("sgd.nesterov", 0.9, true, 0)]
    [InlineData("sgd.nesterov.decay", 0.8, true, 0.1)]
    [InlineData("sgd.nesterov.decay.falling", 0.8, true, 0.1)]
    [InlineData("sgd.nesterov.decay.late", 0.8, true, 0.1)]
    public void Equals_what_PyTorch_computes(string name, double momentum, bool nesterov, double decay)
    {
        var settings = new SgdSettings { Momentum = momentum, Nesterov = nesterov, WeightDecay = decay };
        Assert.InRange(SmallTraining.LargestErrorToPyTorch(name, SmallTraining.Options(settings, 0.1)), 0, Tolerance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_constant_slope_adds_up_as_a_geometric_series(bool nesterov)
    {
        // v after t steps is g (1 − μᵗ) / (1 − μ); Nesterov's step is one ahead, g (1 − μᵗ⁺¹) / (1 − μ).
        const double Mu = 0.5, Rate = 0.25, Slope = 2;
        var settings = new SgdSettings { Momentum = Mu, Nesterov = nesterov, WeightDecay = 0 };
        var run = SmallTraining.Sloped(("w", [1, 1], [1], [Slope])).Run(SmallTraining.Options(settings, Rate), 6);
        double expected = 1;
        for (int t = 1; t <= 6; t++)
        {
            expected -= Rate * Slope * (1 - Math.Pow(Mu, nesterov ? t + 1 : t)) / (1 - Mu);
            // Powers of two: exact in float32.
            Assert.Equal(expected, run.Weights[t]["w"][0]);
        }
    }

    [Fact]
    public void Without_slope_and_momentum_weights_fall_by_their_decay()
    {
        var settings = new SgdSettings { Momentum = 0, WeightDecay = 0.5 };
        var run = SmallTraining.Sloped(("w", [1, 2], [3, -2], [0, 0])).Run(SmallTraining.Options(settings, 0.1), 5);
        Assert.Equal(3 * Math.Pow(0.95, 5), run.Final("w")[0], 1e-6);
        Assert.Equal(-2 * Math.Pow(0.95, 5), run.Final("w")[1], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parameters_of_at_most_one_dimension_can_be_left_out_of_the_decay(bool exclude)
    {
        var settings = new SgdSettings { WeightDecay = 0.5, ExcludeBiasesAndNorms = exclude };
        var run = SmallTraining.Sloped(("matrix", [1, 1], [1], [0]), ("row", [2], [1, 1], [0, 0]), ("scalar", [], [1], [0]))
            .Run(SmallTraining.Options(settings, 0.1), 1);
        Assert.Equal(0.95, run.Final("matrix")[0], 1e-6);
        Assert.All([.. run.Final("row"), .. run.Final("scalar")], w => Assert.Equal(exclude ? 1 : 0.95, w, 1e-6));
    }

    [Fact]
    public void A_later_rate_holds_for_the_whole_momentum()
    {
        // Steps η g and 0.1 η (μ + 1) g; LARS differs here.
        var options = SmallTraining.Options(new SgdSettings { WeightDecay = 0 }, 0.5) with { LearningRateSchedule = Falling(0.5) };
        var run = SmallTraining.Sloped(("w", [1, 1], [1], [0.4])).Run(options, 2);
        Assert.Equal(1 - (0.5 * 0.4) - (0.05 * 1.9 * 0.4), run.Final("w")[0], 1e-6);
    }

    [Fact]
    public void Without_momentum_Nesterov_changes_nothing()
    {
        var plain = SmallTraining.LeastSquares().Run(SmallTraining.Options(new SgdSettings { Momentum = 0 }, 0.1), Steps);
        var ahead = SmallTraining.LeastSquares().Run(SmallTraining.Options(new SgdSettings { Momentum = 0, Nesterov = true }, 0.1), Steps);
        Assert.Equal(plain.Final(SmallTraining.Weight), ahead.Final(SmallTraining.Weight));
    }

    [Fact]
    public void A_parameter_without_gradient_stays_as_it_is_and_so_does_its_momentum()
    {
        // v: 1, then left alone, then 0.5 + 1. Neither decay nor momentum moves the weight in between.
        var settings = new SgdSettings { Momentum = 0.5, WeightDecay = 0 };
        var run = SmallTraining.Sloped((step, name) => name == "w" && step == 1 ? null : [1], ("w", [1, 1], [4]), ("other", [1, 1], [4]))
            .Run(SmallTraining.Options(settings, 1), 3);
        Assert.Equal([4, 3, 3, 1.5], run.Weights.Select(w => w["w"][0]));
        Assert.Equal([4, 3, 1.5, -0.25], run.Weights.Select(w => w["other"][0]));

        var decayed = SmallTraining.Sloped((step, name) => name == "w" ? null : [1], ("w", [1, 1], [4]), ("other", [1, 1], [4]))
            .Run(SmallTraining.Options(settings with { WeightDecay = 0.5 }, 1), 3);
        Assert.Equal([4, 4, 4, 4], decayed.Weights.Select(w => w["w"][0]));
    }

    [Fact]
    public void Each_stage_starts_without_momentum()
    {
        var options = SmallTraining.Options(new SgdSettings { Momentum = 0.5, WeightDecay = 0 }, 1);
        var run = SmallTraining.Sloped(("w", [1, 1], [8], [1])).Run(options, ResolutionSchedule.Stages((4, 2), (4, 2)));
        // Steps 1 and 1.5 in each stage; with the momentum of the first the second's would be 1.75 and 1.875.
        Assert.Equal([8, 7, 5.5, 4.5, 3], run.Weights.Select(w => w["w"][0]));
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new SgdSettings { Momentum = -0.1 }, "Momentum must be in [0, 0.999999999]. (Parameter 'Momentum')\nActual value was -0.1.");
        Refuses(() => new SgdSettings { Momentum = 1 }, "Momentum must be in [0, 0.999999999]. (Parameter 'Momentum')\nActual value was 1.");
        Refuses(() => new SgdSettings { Momentum = double.NaN },
            "Momentum must be in [0, 0.999999999]. (Parameter 'Momentum')\nActual value was NaN.");
        Refuses(() => new SgdSettings { WeightDecay = -1e-4 },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was -0.0001.");
        Refuses(() => new SgdSettings { WeightDecay = double.NaN },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was NaN.");
        Refuses(() => new SgdSettings() with { WeightDecay = double.PositiveInfinity },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was Infinity.");
    }

    private static LearningRateSchedule Falling(double milestone) => new() { Curve = LearningRateCurve.Steps, Milestones = [milestone] };

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(make).Message.ReplaceLineEndings("\n"));
}
