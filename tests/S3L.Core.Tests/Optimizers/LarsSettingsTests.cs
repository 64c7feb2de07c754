using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Optimizers;

public sealed class LarsSettingsTests
{
    // Float32 against float64 over eight steps; measured 1.3e-6.
    private const double Tolerance = 1e-5;

    private const int Steps = 8;

    [Fact]
    public void The_defaults_are_SimCLRs()
    {
        var settings = new LarsSettings();
        Assert.Equal((0.9, 0.001, 1e-6, true, true),
            (settings.Momentum, settings.TrustCoefficient, settings.WeightDecay, settings.AdaptOnlyWeights, settings.ExcludeBiasesAndNorms));
    }

    [Theory]
    [InlineData(0, 0, true, true)]
    [InlineData(0, 0.2, true, true)]
    [InlineData(0.9, 0, true, true)]
    [InlineData(0.9, 0.2, true, true)]
    [InlineData(0.9, 0.2, true, false)]
    [InlineData(0.9, 0.2, false, true)]
    [InlineData(0.5, 0.2, false, false)]
    public void Equals_algorithm_1_in_loops(double momentum, double decay, bool adaptOnlyWeights, bool excludeBiases)
    {
        // The rate differs at each step, and so shows to what it belongs.
        const double Trust = 0.1;
        var settings = new LarsSettings
        {
            Momentum = momentum,
            TrustCoefficient = Trust,
            WeightDecay = decay,
            AdaptOnlyWeights = adaptOnlyWeights,
            ExcludeBiasesAndNorms = excludeBiases,
        };
        TrainerOptions options = SmallTraining.Options(settings, 0.7) with { LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 2 } };
        var velocities = new Dictionary<string, double[]>();
        var expected = SmallTraining.LeastSquaresInLoops(Steps, (step, name, w, g) =>
        {
            double rate = 0.7 * (step < 2 ? (step + 1) / 3.0 : (1 + Math.Cos(Math.PI * (step - 2) / (Steps - 2))) / 2);
            double lambda = name == SmallTraining.Bias && excludeBiases ? 0 : decay;
            double local = name == SmallTraining.Bias && adaptOnlyWeights ? 1 : Trust * Length(w) / (Length(g) + (lambda * Length(w)));
            if (step == 0) velocities[name] = new double[w.Length];
            double[] v = velocities[name];
            for (int i = 0; i < w.Length; i++)
            {
                v[i] = (momentum * v[i]) + (rate * local * (g[i] + (lambda * w[i])));
                w[i] -= v[i];
            }
        });

        Assert.InRange(SmallTraining.LargestError(expected, SmallTraining.LeastSquares().Run(options, Steps).Weights), 0, Tolerance);
    }

    [Theory]
    [InlineData(1e-3)]
    [InlineData(1)]
    [InlineData(1e3)]
    public void A_first_step_is_as_long_as_its_share_of_each_tensor_whatever_the_gradient(double scale)
    {
        // κ η ‖w‖ for each tensor by itself: lengths 5 and 1 of gradients in other proportions.
        var settings = new LarsSettings { TrustCoefficient = 0.01, WeightDecay = 0 };
        var run = SmallTraining.Sloped(("a.weight", [1, 2], [3, 4], [scale, -scale]), ("b.weight", [2, 2], [0.5, 0.5, -0.5, 0.5],
            [0, 7 * scale, 0, scale])).Run(SmallTraining.Options(settings, 2), 1);
        Assert.Equal(0.1, Length(Moved(run, "a.weight")), 1e-6);
        Assert.Equal(0.02, Length(Moved(run, "b.weight")), 1e-6);
        // Along the gradient.
        Assert.Equal(-0.1 / Math.Sqrt(2), Moved(run, "a.weight")[0], 1e-6);
        Assert.Equal(0.1 / Math.Sqrt(2), Moved(run, "a.weight")[1], 1e-6);
    }

    [Fact]
    public void A_later_rate_does_not_change_what_the_momentum_holds()
    {
        // Steps η g and μ η g + 0.1 η g; PyTorch's SGD differs here.
        TrainerOptions options = SmallTraining.Options(new LarsSettings(), 0.5) with
        {
            LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, Milestones = [0.5] },
        };
        var run = SmallTraining.Sloped(("bias", [1], [1], [0.4])).Run(options, 2);
        Assert.Equal(1 - (0.5 * 0.4) - (((0.9 * 0.5) + 0.05) * 0.4), run.Final("bias")[0], 1e-6);
    }

    [Fact]
    public void Weights_that_are_all_zero_follow_plain_momentum()
    {
        // A share of nothing would keep them at zero for ever.
        var settings = new LarsSettings { TrustCoefficient = 0.1, WeightDecay = 0 };
        var run = SmallTraining.Sloped(("weight", [1, 2], [0, 0], [3, -4])).Run(SmallTraining.Options(settings, 0.1), 2);
        Assert.Equal(-0.3, run.Weights[1]["weight"][0], 1e-6);
        Assert.Equal(0.4, run.Weights[1]["weight"][1], 1e-6);
        // From then on they have a length: κ η ‖w‖ = 0.005 beside the momentum's 0.45.
        Assert.Equal(0.5 + 0.45 + 0.005, Length(run.Final("weight")), 1e-6);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(0.5, 0.95)]
    public void A_zero_gradient_leaves_only_the_decay(double decay, double kept)
    {
        var run = SmallTraining.Sloped(("weight", [1, 2], [3, -2], [0, 0]), ("none", [1, 1], [0], [0]))
            .Run(SmallTraining.Options(new LarsSettings { WeightDecay = decay }, 0.1), 1);
        Assert.Equal(3 * kept, run.Final("weight")[0], 1e-6);
        Assert.Equal(-2 * kept, run.Final("weight")[1], 1e-6);
        Assert.Equal(0, run.Final("none")[0]);
    }

    [Fact]
    public void Parameters_of_at_most_one_dimension_follow_plain_momentum_without_decay()
    {
        var run = SmallTraining.Sloped(("norm.weight", [2], [1, 1], [1, 2]), ("scalar", [], [1], [1]), ("weight", [1, 1], [1], [1]))
            .Run(SmallTraining.Options(new LarsSettings { WeightDecay = 0.5, Momentum = 0.5 }, 0.1), 2);
        // η g and (μ + 1) η g.
        Assert.Equal(1 - 0.25, run.Final("norm.weight")[0], 1e-6);
        Assert.Equal(1 - 0.5, run.Final("norm.weight")[1], 1e-6);
        Assert.Equal(1 - 0.25, run.Final("scalar")[0], 1e-6);
        Assert.InRange(run.Final("weight")[0], 0.999, 0.9999);
    }

    [Fact]
    public void Biases_can_be_adapted_and_decayed_too()
    {
        var settings = new LarsSettings { TrustCoefficient = 0.01, WeightDecay = 0.5, AdaptOnlyWeights = false, ExcludeBiasesAndNorms = false };
        var run = SmallTraining.Sloped(("bias", [2], [3, 4], [3, 4])).Run(SmallTraining.Options(settings, 1), 1);
        // r = 0.01 × 5 / (5 + 2.5), times g + λ w = 1.5 w.
        Assert.Equal(3 * 0.99, run.Final("bias")[0], 1e-6);
        Assert.Equal(4 * 0.99, run.Final("bias")[1], 1e-6);
    }

    [Fact]
    public void A_parameter_without_gradient_stays_as_it_is()
    {
        var run = SmallTraining.Sloped((step, name) => name == "w" && step == 1 ? null : [1], ("w", [1], [4]), ("other", [1, 1], [4]))
            .Run(SmallTraining.Options(new LarsSettings { Momentum = 0.5 }, 1), 3);
        Assert.Equal([4, 3, 3, 1.5], run.Weights.Select(w => w["w"][0]));
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new LarsSettings { Momentum = -0.1 }, "Momentum must be in [0, 0.999999999]. (Parameter 'Momentum')\nActual value was -0.1.");
        Refuses(() => new LarsSettings { Momentum = 1 }, "Momentum must be in [0, 0.999999999]. (Parameter 'Momentum')\nActual value was 1.");
        Refuses(() => new LarsSettings { TrustCoefficient = 0 },
            "TrustCoefficient must be a finite number above 0. (Parameter 'TrustCoefficient')\nActual value was 0.");
        Refuses(() => new LarsSettings() with { TrustCoefficient = double.NaN },
            "TrustCoefficient must be a finite number above 0. (Parameter 'TrustCoefficient')\nActual value was NaN.");
        Refuses(() => new LarsSettings { WeightDecay = double.NegativeInfinity },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was -Infinity.");
    }

    private static double Length(IEnumerable<double> values) => Math.Sqrt(values.Sum(v => v * v));

    private static double[] Moved(SmallTraining.Trace run, string name) =>
        [.. run.Final(name).Zip(run.Weights[0][name], (now, before) => now - before)];

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(make).Message.ReplaceLineEndings("\n"));
}
