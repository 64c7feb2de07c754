using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Optimizers;

public sealed class ParameterGroupTests
{
    // Some float32 operations on numbers of about 1.
    private const double Tolerance = 1e-6;

    private static readonly SgdSettings Plain = new() { Momentum = 0, WeightDecay = 0 };

    [Fact]
    public void Without_groups_all_parameters_have_the_rate_of_the_run()
    {
        Assert.Empty(new TrainerOptions().ParameterGroups);
        Assert.All(Moved(SmallTraining.Options(Plain, 0.1)), m => Assert.Equal(-0.1, m.Value, Tolerance));
    }

    [Fact]
    public void A_group_has_its_factor_on_the_learning_rate_and_the_others_have_none() => AssertMoved(
        new() { ["backbone.layer1.weight"] = -0.05, ["backbone.layer1.bias"] = -0.05, ["backbone.layer2.weight"] = -0.1, ["head.weight"] = -0.3 },
        new ParameterGroup("backbone.layer1.") { LearningRateFactor = 0.5 }, new ParameterGroup("head.") { LearningRateFactor = 3 });

    [Fact]
    public void A_factor_of_none_keeps_parameters_where_they_are() => AssertMoved(
        new() { ["backbone.layer1.weight"] = 0, ["backbone.layer1.bias"] = 0, ["backbone.layer2.weight"] = 0, ["head.weight"] = -0.1 },
        new ParameterGroup("backbone.") { LearningRateFactor = 0 });

    [Fact]
    public void The_first_group_that_fits_holds()
    {
        ParameterGroup wide = new("backbone.") { LearningRateFactor = 2 }, narrow = new("backbone.layer1.") { LearningRateFactor = 0.5 };
        AssertMoved(
            new() { ["backbone.layer1.weight"] = -0.05, ["backbone.layer1.bias"] = -0.05, ["backbone.layer2.weight"] = -0.2, ["head.weight"] = -0.1 },
            narrow, wide);
        AssertMoved(
            new() { ["backbone.layer1.weight"] = -0.2, ["backbone.layer1.bias"] = -0.2, ["backbone.layer2.weight"] = -0.2, ["head.weight"] = -0.1 },
            wide, narrow);
    }

    [Fact]
    public void A_group_that_fits_first_gives_all_its_settings_even_those_left_alone() => AssertMoved(
        // No slope: the decay alone moves them. The first group leaves λ to the optimizer, the second would not.
        new() { ["backbone.layer1.weight"] = -0.01, ["backbone.layer1.bias"] = -0.01, ["backbone.layer2.weight"] = -0.05, ["head.weight"] = -0.01 },
        Plain with { WeightDecay = 0.1 }, 0, new ParameterGroup("backbone.layer1."), new ParameterGroup("backbone.") { WeightDecay = 0.5 });

    [Fact]
    public void A_group_has_its_own_weight_decay() => AssertMoved(
        new() { ["backbone.layer1.weight"] = 0, ["backbone.layer1.bias"] = 0, ["backbone.layer2.weight"] = -0.02, ["head.weight"] = -0.1 },
        Plain with { WeightDecay = 0.2 }, 0,
        new ParameterGroup("backbone.layer1.") { WeightDecay = 0 }, new ParameterGroup("head.") { WeightDecay = 1 });

    [Fact]
    public void Biases_that_the_optimizer_leaves_out_stay_out_of_a_groups_decay() => AssertMoved(
        new() { ["backbone.layer1.weight"] = -0.05, ["backbone.layer1.bias"] = 0, ["backbone.layer2.weight"] = -0.05, ["head.weight"] = -0.02 },
        Plain with { WeightDecay = 0.2, ExcludeBiasesAndNorms = true }, 0, new ParameterGroup("backbone.") { WeightDecay = 0.5 });

    [Fact]
    public void Every_optimizer_knows_groups()
    {
        ParameterGroup half = new("head.") { LearningRateFactor = 0.5, WeightDecay = 0 };
        OptimizerSettings[] all = [new SgdSettings(), new LarsSettings { TrustCoefficient = 0.5 }, new AdamWSettings()];
        foreach (OptimizerSettings optimizer in all)
        {
            OptimizerSettings plain = optimizer with { WeightDecay = 0 };
            Dictionary<string, double> without = Moved(SmallTraining.Options(plain, 0.1));
            Dictionary<string, double> with = Moved(SmallTraining.Options(plain, 0.1) with { ParameterGroups = [half] });
            Assert.True(without["head.weight"] < -0.01);
            Assert.Equal(without["head.weight"] / 2, with["head.weight"], Tolerance);
            Assert.Equal(without["backbone.layer2.weight"], with["backbone.layer2.weight"]);
        }
    }

    [Fact]
    public void Factors_follow_the_schedule_and_the_rate_of_each_stage()
    {
        TrainerOptions options = SmallTraining.Options(Plain, 0.1) with
        {
            LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, Milestones = [0.5] },
            ParameterGroups = [new ParameterGroup("head.") { LearningRateFactor = 0.5 }],
        };
        var schedule = new ResolutionSchedule(new ResolutionStage(4, 2), new ResolutionStage(4, 2) { LearningRate = 0.4 });
        var run = Parameters(1).Run(options, schedule);
        double[] head = [.. run.Weights.Select(w => w["head.weight"][0])], other = [.. run.Weights.Select(w => w["backbone.layer2.weight"][0])];
        double[] rates = [0.1, 0.01, 0.4, 0.04];
        for (int t = 0; t < 4; t++)
        {
            Assert.Equal(-rates[t], other[t + 1] - other[t], Tolerance);
            Assert.Equal(-rates[t] / 2, head[t + 1] - head[t], Tolerance);
            // Reports tell the rate without factors.
            Assert.Equal(rates[t], run.Reports[t].LearningRate, 1e-12);
        }
    }

    [Fact]
    public void Parameters_with_a_constant_rate_leave_the_schedule_but_not_their_group()
    {
        TrainerOptions options = SmallTraining.Options(Plain, 0.1) with
        {
            LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 1 },
            ParameterGroups = [new ParameterGroup("backbone.layer1.") { LearningRateFactor = 0.5 }],
        };
        var schedule = new ResolutionSchedule(new ResolutionStage(4, 3), new ResolutionStage(4, 1) { LearningRate = 0.4 });
        var run = Parameters(1, "head.weight", "backbone.layer1.weight").Run(options, schedule);
        // The warm-up's only step, then a cosine's first and middle; the last stage is a warm-up of one step.
        double[] rates = [0.05, 0.1, 0.05, 0.2], constant = [0.1, 0.1, 0.1, 0.4];
        for (int t = 0; t < 4; t++)
        {
            double Step(string name) => run.Weights[t][name][0] - run.Weights[t + 1][name][0];
            Assert.Equal(rates[t], Step("backbone.layer2.weight"), Tolerance);
            Assert.Equal(constant[t], Step("head.weight"), Tolerance);
            Assert.Equal(constant[t] / 2, Step("backbone.layer1.weight"), Tolerance);
            Assert.Equal(rates[t] / 2, Step("backbone.layer1.bias"), Tolerance);
        }
    }

    [Fact]
    public void A_group_may_leave_the_schedule()
    {
        TrainerOptions options = SmallTraining.Options(Plain, 0.1) with
        {
            LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 1 },
            ParameterGroups = [new ParameterGroup("head.") { LearningRateFactor = 0.5, FollowsSchedule = false }],
        };
        var schedule = new ResolutionSchedule(new ResolutionStage(4, 3), new ResolutionStage(4, 1) { LearningRate = 0.4 });
        var run = Parameters(1).Run(options, schedule);
        double[] rates = [0.05, 0.1, 0.05, 0.2], constant = [0.05, 0.05, 0.05, 0.2];
        for (int t = 0; t < 4; t++)
        {
            double Step(string name) => run.Weights[t][name][0] - run.Weights[t + 1][name][0];
            Assert.Equal(rates[t], Step("backbone.layer2.weight"), Tolerance);
            Assert.Equal(constant[t], Step("head.weight"), Tolerance);
        }
    }

    [Theory]
    [InlineData("predictor.")]
    [InlineData("layer1.")]
    [InlineData("Backbone.")]
    [InlineData("head.weights")]
    public void A_prefix_that_names_nothing_is_refused(string prefix)
    {
        ParameterGroup[] groups = [new("head."), new(prefix)];
        TrainerOptions options = SmallTraining.Options(Plain, 0.1) with { ParameterGroups = groups };
        var error = Assert.Throws<ArgumentException>(() => Parameters(1).Run(options, 1));
        Assert.Equal($"Options.ParameterGroups names '{prefix}', but no parameter of small starts with it; they are backbone.layer1.weight, " +
            "backbone.layer1.bias, backbone.layer2.weight, …", error.Message);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new ParameterGroup(""), "The value cannot be an empty string. (Parameter 'prefix')");
        Refuses(() => new ParameterGroup(null!), "Value cannot be null. (Parameter 'prefix')");
        Refuses(() => new ParameterGroup("head.") { LearningRateFactor = -1 },
            "LearningRateFactor must be a finite number of at least 0. (Parameter 'LearningRateFactor')\nActual value was -1.");
        Refuses(() => new ParameterGroup("head.") { LearningRateFactor = double.NaN },
            "LearningRateFactor must be a finite number of at least 0. (Parameter 'LearningRateFactor')\nActual value was NaN.");
        Refuses(() => new ParameterGroup("head.") { WeightDecay = -1 },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was -1.");
        Refuses(() => new ParameterGroup("head.") with { WeightDecay = double.PositiveInfinity },
            "WeightDecay must be a finite number of at least 0. (Parameter 'WeightDecay')\nActual value was Infinity.");
    }

    [Fact]
    public void The_defaults_change_nothing()
    {
        var group = new ParameterGroup("head.");
        Assert.Equal(("head.", 1.0, null), (group.Prefix, group.LearningRateFactor, group.WeightDecay));
        Assert.Null((group with { WeightDecay = 1 } with { WeightDecay = null }).WeightDecay);
    }

    /// <summary>Numbers of 1 on a loss of one slope.</summary>
    private static SmallTraining Parameters(double slope, params string[] constantRate) => SmallTraining.Sloped(
        ("backbone.layer1.weight", [1, 1], [1], [slope]), ("backbone.layer1.bias", [1], [1], [slope]),
        ("backbone.layer2.weight", [1, 1], [1], [slope]), ("head.weight", [1, 1], [1], [slope])) with
    {
        ConstantRate = constantRate,
    };

    private static Dictionary<string, double> Moved(TrainerOptions options, double slope = 1) =>
        Parameters(slope).Run(options, 1).Weights[1].ToDictionary(w => w.Key, w => w.Value[0] - 1);

    private static void AssertMoved(Dictionary<string, double> expected, params ParameterGroup[] groups) => AssertMoved(expected, Plain, 1, groups);

    private static void AssertMoved(Dictionary<string, double> expected, OptimizerSettings optimizer, double slope, params ParameterGroup[] groups)
    {
        Dictionary<string, double> moved = Moved(SmallTraining.Options(optimizer, 0.1) with { ParameterGroups = groups }, slope);
        Assert.Equal(expected.Keys, moved.Keys);
        Assert.All(expected, e => Assert.Equal(e.Value, moved[e.Key], Tolerance));
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
