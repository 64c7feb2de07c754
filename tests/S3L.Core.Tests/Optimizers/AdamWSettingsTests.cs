using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Optimizers;

public sealed class AdamWSettingsTests
{
    // Float32 against float64 over eight steps; measured 9e-7.
    private const double Tolerance = 1e-5;

    private const int Steps = 8;

    [Fact]
    public void The_defaults_are_PyTorchs()
    {
        var settings = new AdamWSettings();
        Assert.Equal((0.9, 0.999, 1e-8, 0.01, false),
            (settings.Beta1, settings.Beta2, settings.Epsilon, settings.WeightDecay, settings.ExcludeBiasesAndNorms));
    }

    [Theory]
    [InlineData(0.9, 0.999, 1e-8, 0.01, false)]
    [InlineData(0.9, 0.999, 1e-8, 0, false)]
    [InlineData(0.8, 0.95, 0.05, 0.3, false)]
    [InlineData(0, 0.9, 0.1, 0.3, true)]
    [InlineData(0.5, 0, 0.1, 0.3, true)]
    public void Equals_algorithm_2_in_loops(double beta1, double beta2, double epsilon, double decay, bool excludeBiases)
    {
        var settings = new AdamWSettings
        {
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = decay,
            ExcludeBiasesAndNorms = excludeBiases,
        };
        TrainerOptions options = SmallTraining.Options(settings, 0.05) with { LearningRateSchedule = new LearningRateSchedule() };
        var state = new Dictionary<string, (double[] Mean, double[] Square)>();
        var expected = SmallTraining.LeastSquaresInLoops(Steps, (step, name, w, g) =>
        {
            double rate = 0.05 * (1 + Math.Cos(Math.PI * step / Steps)) / 2;
            double lambda = excludeBiases && name == SmallTraining.Bias ? 0 : decay;
            if (step == 0) state[name] = (new double[w.Length], new double[w.Length]);
            (double[] m, double[] v) = state[name];
            for (int i = 0; i < w.Length; i++)
            {
                m[i] = (beta1 * m[i]) + ((1 - beta1) * g[i]);
                v[i] = (beta2 * v[i]) + ((1 - beta2) * g[i] * g[i]);
                double mean = m[i] / (1 - Math.Pow(beta1, step + 1));
                double square = v[i] / (1 - Math.Pow(beta2, step + 1));
                w[i] -= rate * ((mean / (Math.Sqrt(square) + epsilon)) + (lambda * w[i]));
            }
        });

        Assert.InRange(SmallTraining.LargestError(expected, SmallTraining.LeastSquares().Run(options, Steps).Weights), 0, Tolerance);
    }

    [Theory]
    [InlineData("adamw", 0.9, 0.999, 1e-8, 0.01)]
    [InlineData("adamw.plain", 0.9, 0.999, 1e-8, 0)]
    [InlineData("adamw.own", 0.8, 0.95, 0.05, 0.3)]
    [InlineData("adamw.own.falling", 0.8, 0.95, 0.05, 0.3)]
    [InlineData("adamw.own.late", 0.8, 0.95, 0.05, 0.3)]
    public void Equals_what_PyTorch_computes(string name, double beta1, double beta2, double epsilon, double decay)
    {
        var settings = new AdamWSettings { Beta1 = beta1, Beta2 = beta2, Epsilon = epsilon, WeightDecay = decay };
        Assert.InRange(SmallTraining.LargestErrorToPyTorch(name, SmallTraining.Options(settings, 0.05)), 0, Tolerance);
    }

    [Theory]
    [InlineData(1.5, 0.5)]
    [InlineData(-1.5, 0.5)]
    [InlineData(1e-4, 1e-4)]
    [InlineData(1e4, 0.5)]
    public void A_constant_slope_is_followed_in_even_steps(double slope, double epsilon)
    {
        // Corrected means of a constant are the constant, so that each step is η g / (|g| + ε): ε is outside of the root.
        var settings = new AdamWSettings { Epsilon = epsilon, WeightDecay = 0 };
        var run = SmallTraining.Sloped(("w", [1, 1], [0], [slope])).Run(SmallTraining.Options(settings, 0.1), Steps);
        double step = 0.1 * slope / (Math.Abs(slope) + epsilon);
        // The corrections divide differences near 0 in float32.
        for (int t = 1; t <= Steps; t++) Assert.Equal(-t * step, run.Weights[t]["w"][0], 1e-5 * t * Math.Abs(step));
    }

    [Fact]
    public void The_decay_is_apart_from_the_slope_and_multiplied_by_the_rate()
    {
        // In the gradient it would make even steps of about η, whatever λ.
        var settings = new AdamWSettings { WeightDecay = 0.5 };
        var run = SmallTraining.Sloped(("w", [1, 2], [3, -2], [0, 0])).Run(SmallTraining.Options(settings, 0.1), 5);
        Assert.Equal(3 * Math.Pow(0.95, 5), run.Final("w")[0], 1e-6);
        Assert.Equal(-2 * Math.Pow(0.95, 5), run.Final("w")[1], 1e-6);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parameters_of_at_most_one_dimension_can_be_left_out_of_the_decay(bool exclude)
    {
        var settings = new AdamWSettings { WeightDecay = 0.5, ExcludeBiasesAndNorms = exclude };
        var run = SmallTraining.Sloped(("matrix", [1, 1], [1], [0]), ("row", [2], [1, 1], [0, 0]), ("scalar", [], [1], [0]))
            .Run(SmallTraining.Options(settings, 0.1), 1);
        Assert.Equal(0.95, run.Final("matrix")[0], 1e-6);
        Assert.All([.. run.Final("row"), .. run.Final("scalar")], w => Assert.Equal(exclude ? 1 : 0.95, w, 1e-6));
    }

    [Fact]
    public void A_parameter_that_joins_late_starts_with_a_step_of_the_rate()
    {
        // By the corrections of the steps that it missed its first would be half as long, and a later one three times.
        var settings = new AdamWSettings { WeightDecay = 0.5 };
        var run = SmallTraining.Sloped((step, name) => name == "late" && step < 20 ? null : [1], ("late", [1, 1], [0]), ("w", [1, 1], [0]))
            .Run(SmallTraining.Options(settings, 0.1), 21);
        Assert.Equal(0, run.Weights[20]["late"][0]);
        Assert.Equal(-0.1, run.Weights[21]["late"][0], 1e-6);
    }

    [Fact]
    public void Each_stage_starts_without_means()
    {
        // A slope that turns round at the border of the stages is followed at once.
        var options = SmallTraining.Options(new AdamWSettings { WeightDecay = 0 }, 0.1);
        var run = SmallTraining.Sloped((step, _) => [step < 3 ? 1 : -1], ("w", [1, 1], [0])).Run(options, ResolutionSchedule.Stages((4, 3), (4, 1)));
        Assert.Equal(-0.3, run.Weights[3]["w"][0], 1e-6);
        Assert.Equal(-0.2, run.Weights[4]["w"][0], 1e-6);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new AdamWSettings { Beta1 = -0.1 }, "Beta1 must be in [0, 0.999999999]. (Parameter 'Beta1')\nActual value was -0.1.");
        Refuses(() => new AdamWSettings { Beta1 = 1 }, "Beta1 must be in [0, 0.999999999]. (Parameter 'Beta1')\nActual value was 1.");
        Refuses(() => new AdamWSettings { Beta2 = double.NaN }, "Beta2 must be in [0, 0.999999999]. (Parameter 'Beta2')\nActual value was NaN.");
        Refuses(() => new AdamWSettings { Beta2 = 1 }, "Beta2 must be in [0, 0.999999999]. (Parameter 'Beta2')\nActual value was 1.");
        Refuses(() => new AdamWSettings { Epsilon = 0 }, "Epsilon must be a finite number above 0. (Parameter 'Epsilon')\nActual value was 0.");
        Refuses(() => new AdamWSettings() with { Epsilon = double.NaN },
            "Epsilon must be a finite number above 0. (Parameter 'Epsilon')\nActual value was NaN.");
        Refuses(() => new AdamWSettings { WeightDecay = -1 },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was -1.");
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(make).Message.ReplaceLineEndings("\n"));
}
