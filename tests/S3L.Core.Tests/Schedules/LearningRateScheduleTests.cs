using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Optimizers;
using S3L.Core.Training;

namespace S3L.Core.Tests.Schedules;

public sealed class LearningRateScheduleTests
{
    // Cosines in double precision.
    private const double Tolerance = 1e-12;

    [Fact]
    public void The_default_is_a_cosine_from_the_full_rate_to_none()
    {
        var schedule = new LearningRateSchedule();
        Assert.Equal(1, schedule.FactorAt(At(0, 10, 10)), Tolerance);
        Assert.Equal(0.5, schedule.FactorAt(At(50, 10, 10)), Tolerance);
        Assert.Equal((1 + Math.Cos(Math.PI * 0.99)) / 2, schedule.FactorAt(At(99, 10, 10)), Tolerance);
    }

    [Fact]
    public void By_epochs_it_stays_within_an_epoch_and_equals_the_papers_scripts()
    {
        var schedule = new LearningRateSchedule { PerEpoch = true };
        for (int step = 0; step < 100; step++)
        {
            Assert.Equal((1 + Math.Cos(Math.PI * (step / 10) / 10)) / 2, schedule.FactorAt(At(step, 10, 10)), Tolerance);
        }
    }

    [Fact]
    public void A_warm_up_rises_evenly_and_the_curve_takes_the_rest()
    {
        var schedule = new LearningRateSchedule { WarmupEpochs = 1.5 };
        for (int step = 0; step < 15; step++) Assert.Equal((step + 1) / 16.0, schedule.FactorAt(At(step, 10, 10)), Tolerance);
        Assert.Equal(1, schedule.FactorAt(At(15, 10, 10)), Tolerance);
        Assert.Equal((1 + Math.Cos(Math.PI * 42 / 85)) / 2, schedule.FactorAt(At(57, 10, 10)), Tolerance);
        Assert.Equal((1 + Math.Cos(Math.PI * 84 / 85)) / 2, schedule.FactorAt(At(99, 10, 10)), Tolerance);
    }

    [Fact]
    public void A_warm_up_may_be_a_share_of_the_stage()
    {
        var epochs = new LearningRateSchedule { WarmupEpochs = 3.5 };
        foreach (LearningRateSchedule same in new[]
        {
            new LearningRateSchedule { WarmupShare = 0.35 }, new LearningRateSchedule { WarmupShare = 0.25, WarmupEpochs = 1 },
        })
        {
            for (int step = 0; step < 100; step++) Assert.Equal(epochs.FactorAt(At(step, 10, 10)), same.FactorAt(At(step, 10, 10)), Tolerance);
        }

        Assert.Equal("WarmupShare", Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule { WarmupShare = 1 }).ParamName);
    }

    [Fact]
    public void A_warm_up_longer_than_the_stage_never_reaches_the_full_rate()
    {
        var schedule = new LearningRateSchedule { WarmupEpochs = 30 };
        Assert.Equal(100 / 101.0, schedule.FactorAt(At(99, 10, 10)), Tolerance);
    }

    [Fact]
    public void A_constant_rate_stays_after_its_warm_up()
    {
        var schedule = new LearningRateSchedule { Curve = LearningRateCurve.Constant, WarmupEpochs = 1 };
        Assert.Equal(1 / 11.0, schedule.FactorAt(At(0, 10, 10)), Tolerance);
        for (int step = 10; step < 100; step++) Assert.Equal(1, schedule.FactorAt(At(step, 10, 10)));
    }

    [Fact]
    public void By_epochs_the_curve_after_a_warm_up_begins_with_the_first_whole_epoch_and_lasts_to_the_end()
    {
        var schedule = new LearningRateSchedule { WarmupEpochs = 2, PerEpoch = true };
        for (int step = 0; step < 20; step++) Assert.Equal((step + 1) / 21.0, schedule.FactorAt(At(step, 10, 10)), Tolerance);
        for (int step = 20; step < 100; step++)
        {
            Assert.Equal((1 + Math.Cos(Math.PI * ((step / 10) - 2) / 8)) / 2, schedule.FactorAt(At(step, 10, 10)), Tolerance);
        }

        // What is left of the epoch in which a warm-up ends has the full rate.
        var half = new LearningRateSchedule { WarmupEpochs = 1.5, PerEpoch = true };
        for (int step = 15; step < 20; step++) Assert.Equal(1, half.FactorAt(At(step, 10, 10)));
        Assert.Equal((1 + Math.Cos(Math.PI * 5 / 85)) / 2, half.FactorAt(At(25, 10, 10)), Tolerance);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Steps_fall_at_each_milestone_and_stay_between(bool perEpoch)
    {
        var schedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, PerEpoch = perEpoch };
        for (int step = 0; step < 100; step++)
        {
            Assert.Equal(step < 60 ? 1 : step < 80 ? 0.1 : 0.01, schedule.FactorAt(At(step, 10, 10)), Tolerance);
        }
    }

    [Fact]
    public void Steps_have_their_own_milestones_and_factor()
    {
        var schedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, Milestones = [0.125, 0.55, 0.9], MilestoneFactor = 0.5 };
        for (int step = 0; step < 100; step++)
        {
            // 0.125 lies within step 12.
            Assert.Equal(step < 13 ? 1 : step < 55 ? 0.5 : step < 90 ? 0.25 : 0.125, schedule.FactorAt(At(step, 10, 10)), Tolerance);
            // By epochs, the milestones within an epoch wait for the next.
            double epochs = step < 20 ? 1 : step < 60 ? 0.5 : step < 90 ? 0.25 : 0.125;
            Assert.Equal(epochs, (schedule with { PerEpoch = true }).FactorAt(At(step, 10, 10)), Tolerance);
        }

        Assert.Equal(1, (schedule with { Milestones = [] }).FactorAt(At(99, 10, 10)));
        Assert.Equal(0, (schedule with { MilestoneFactor = 0 }).FactorAt(At(99, 10, 10)));
    }

    [Fact]
    public void A_warm_up_does_not_shift_the_milestones()
    {
        var schedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, WarmupEpochs = 2, PerEpoch = true };
        Assert.Equal(20 / 21.0, schedule.FactorAt(At(19, 10, 10)), Tolerance);
        Assert.Equal([1, 1, 0.1, 0.1], new[] { 20, 59, 60, 79 }.Select(s => schedule.FactorAt(At(s, 10, 10))));
        Assert.Equal(0.01, schedule.FactorAt(At(80, 10, 10)), Tolerance);
    }

    [Fact]
    public void A_milestone_that_names_an_epoch_begins_with_it_however_many_steps_there_are() => Properties.Hold(
        from epochs in Gen.Choose(2, 1000)
        from milestone in Gen.Choose(1, epochs - 1)
        from stepsPerEpoch in Gen.Choose(1, 5005)
        from perEpoch in Gen.Elements(true, false)
        select (epochs, milestone, stepsPerEpoch, perEpoch), c =>
        {
            var schedule = new LearningRateSchedule
            {
                Curve = LearningRateCurve.Steps,
                PerEpoch = c.perEpoch,
                Milestones = [(double)c.milestone / c.epochs],
            };
            int first = c.milestone * c.stepsPerEpoch;
            return schedule.FactorAt(At(first - 1, c.epochs, c.stepsPerEpoch)) == 1 && schedule.FactorAt(At(first, c.epochs, c.stepsPerEpoch)) == 0.1;
        });

    [Fact]
    public void A_stage_of_one_step_begins_and_ends_at_the_full_rate()
    {
        Assert.Equal(1, new LearningRateSchedule().FactorAt(At(0, 1, 1)));
        Assert.Equal(1, new LearningRateSchedule { Curve = LearningRateCurve.Steps }.FactorAt(At(0, 1, 1)));
        Assert.Equal(0.5, new LearningRateSchedule { WarmupEpochs = 1 }.FactorAt(At(0, 1, 1)));
    }

    [Fact]
    public void Asked_from_the_middle_only_it_answers_as_in_a_whole_run() => Properties.Hold(
        from curve in Gen.Elements(Enum.GetValues<LearningRateCurve>())
        from warmupTenths in Gen.Choose(0, 30)
        from perEpoch in Gen.Elements(true, false)
        from middle in Gen.Choose(0, 99)
        select (curve, warmup: warmupTenths / 10.0, perEpoch, middle), c =>
        {
            LearningRateSchedule Make() => new() { Curve = c.curve, WarmupEpochs = c.warmup, PerEpoch = c.perEpoch };
            LearningRateSchedule whole = Make(), resumed = Make();
            double[] all = [.. Enumerable.Range(0, 100).Select(s => whole.FactorAt(At(s, 10, 10)))];
            return Enumerable.Range(c.middle, 100 - c.middle).Reverse().All(s => resumed.FactorAt(At(s, 10, 10)) == all[s]);
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void In_a_run_each_stage_passes_its_cosine_exactly_once(bool perEpoch)
    {
        // Five pictures in twos: two steps per epoch, and stages of six and of four steps.
        TrainerOptions options = SmallTraining.Options(new SgdSettings(), 0.2) with
        {
            LearningRateSchedule = new LearningRateSchedule { PerEpoch = perEpoch },
        };
        double[] expected = [.. new[] { 3, 2 }.SelectMany(epochs => Enumerable.Range(0, 2 * epochs).Select(step =>
            0.2 * (1 + Math.Cos(Math.PI * (perEpoch ? step / 2 / (double)epochs : step / (2.0 * epochs)))) / 2))];

        SmallTraining training = Training();
        Assert.Equal(expected, Rates(training.Run(options, ResolutionSchedule.Stages((4, 3), (6, 2)))), Close);
        // A run that is cut short has the beginning of the same curve.
        Assert.Equal(expected.Take(7), Rates(training.Run(options with { StepLimit = 7 }, ResolutionSchedule.Stages((4, 3), (6, 2)))), Close);
    }

    [Fact]
    public void In_a_run_a_warm_up_counts_the_steps_of_its_own_stage()
    {
        // Two steps per epoch at batch 2, one at batch 4.
        var schedule = new ResolutionSchedule(new ResolutionStage(4, 2), new ResolutionStage(4, 3) { BatchSize = 4 });
        TrainerOptions options = SmallTraining.Options(new SgdSettings(), 1) with
        {
            LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 1, Curve = LearningRateCurve.Constant },
        };
        Assert.Equal([1 / 3.0, 2 / 3.0, 1, 1, 1 / 2.0, 1, 1], Rates(Training().Run(options, schedule)), Close);
    }

    [Fact]
    public void Every_factor_lies_between_none_and_full_and_falls_after_the_warm_up() => Properties.Hold(
        from epochs in Gen.Choose(1, 30)
        from stepsPerEpoch in Gen.Choose(1, 30)
        from warmupTenths in Gen.Choose(0, 50)
        from perEpoch in Gen.Elements(true, false)
        select (epochs, stepsPerEpoch, warmup: warmupTenths / 10.0, perEpoch), c =>
        {
            var schedule = new LearningRateSchedule { WarmupEpochs = c.warmup, PerEpoch = c.perEpoch };
            double[] factors = [.. Enumerable.Range(0, c.epochs * c.stepsPerEpoch).Select(s => schedule.FactorAt(At(s, c.epochs, c.stepsPerEpoch)))];
            int rising = (int)Math.Ceiling(Math.Min(c.warmup * c.stepsPerEpoch, factors.Length));
            return factors.All(f => f is > 0 and <= 1)
                && factors.Take(rising).Zip(factors.Take(rising).Skip(1)).All(p => p.First < p.Second)
                && factors.Skip(rising).Zip(factors.Skip(rising).Skip(1)).All(p => p.First >= p.Second);
        });

    [Fact]
    public void Each_stage_starts_afresh()
    {
        var schedule = new LearningRateSchedule();
        Assert.Equal(schedule.FactorAt(At(5, 10, 10)), schedule.FactorAt(At(5, 10, 10) with { Stage = 1, RunStep = 105, RunStepCount = 200 }));
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new LearningRateSchedule { WarmupEpochs = -1 },
            "WarmupEpochs must be a finite number of at least 0. (Parameter 'WarmupEpochs')\nActual value was -1.");
        Refuses(() => new LearningRateSchedule { WarmupEpochs = double.NaN },
            "WarmupEpochs must be a finite number of at least 0. (Parameter 'WarmupEpochs')\nActual value was NaN.");
        Refuses(() => new LearningRateSchedule { Curve = (LearningRateCurve)5 },
            "Curve must be one of Cosine, Constant, Steps. (Parameter 'Curve')\nActual value was 5.");
        Refuses(() => new LearningRateSchedule { MilestoneFactor = -0.1 },
            "MilestoneFactor must be in [0, 1]. (Parameter 'MilestoneFactor')\nActual value was -0.1.");
        Refuses(() => new LearningRateSchedule { MilestoneFactor = 1.5 },
            "MilestoneFactor must be in [0, 1]. (Parameter 'MilestoneFactor')\nActual value was 1.5.");
        Refuses(() => new LearningRateSchedule() with { MilestoneFactor = double.NaN },
            "MilestoneFactor must be in [0, 1]. (Parameter 'MilestoneFactor')\nActual value was NaN.");
    }

    [Theory]
    [InlineData(new[] { 0.0, 0.5 }, "0, 0.5")]
    [InlineData(new[] { 0.5, 1 }, "0.5, 1")]
    [InlineData(new[] { 0.8, 0.6 }, "0.8, 0.6")]
    [InlineData(new[] { 0.6, 0.6 }, "0.6, 0.6")]
    [InlineData(new[] { -0.5 }, "-0.5")]
    [InlineData(new[] { 0.5, double.NaN }, "0.5, NaN")]
    [InlineData(new[] { 120.0, 160 }, "120, 160")]
    public void Refuses_milestones_that_do_not_rise_within_the_stage(double[] milestones, string text) => Refuses(
        () => new LearningRateSchedule { Milestones = milestones },
        $"Milestones must rise within (0, 1), but are [{text}]. (Parameter 'Milestones')");

    [Fact]
    public void Refuses_milestones_that_are_null_and_keeps_a_copy_of_those_it_is_given()
    {
        Assert.Throws<ArgumentNullException>(() => new LearningRateSchedule { Milestones = null! });
        double[] milestones = [0.5];
        var schedule = new LearningRateSchedule { Curve = LearningRateCurve.Steps, Milestones = milestones };
        milestones[0] = 0.9;
        Assert.Equal(0.1, schedule.FactorAt(At(50, 10, 10)));
    }

    /// <summary>Five pictures and one number.</summary>
    private static SmallTraining Training() => SmallTraining.Sloped(("w", [1, 1], [1], [0])) with { Pictures = SmallTraining.Black(5) };

    private static double[] Rates(SmallTraining.Trace run) => [.. run.Reports.Select(r => r.LearningRate)];

    private static bool Close(double expected, double actual) => Math.Abs(expected - actual) < Tolerance;

    private static TrainingPosition At(int step, int epochs, int stepsPerEpoch) =>
        new(0, step / stepsPerEpoch, epochs, step, (long)epochs * stepsPerEpoch, step, (long)epochs * stepsPerEpoch);

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
