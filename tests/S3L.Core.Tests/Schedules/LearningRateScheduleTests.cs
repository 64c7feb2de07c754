using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Schedules;

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
            "Curve must be one of Cosine, Constant. (Parameter 'Curve')\nActual value was 5.");
    }

    private static TrainingPosition At(int step, int epochs, int stepsPerEpoch) =>
        new(0, step / stepsPerEpoch, epochs, step, (long)epochs * stepsPerEpoch, step, (long)epochs * stepsPerEpoch);

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
