using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Optimizers;
using S3L.Core.Training;

namespace S3L.Core.Tests.Schedules;

public sealed class MomentumScheduleTests
{
    // Cosines in double precision.
    private const double Tolerance = 1e-12;

    [Fact]
    public void Rises_from_its_start_to_one_along_half_a_cosine()
    {
        var schedule = new MomentumSchedule(0.9);
        Assert.Equal(0.9, schedule.At(At(0, 100)), Tolerance);
        Assert.Equal(1 - (0.1 * (1 + Math.Sqrt(0.5)) / 2), schedule.At(At(25, 100)), Tolerance);
        Assert.Equal(0.95, schedule.At(At(50, 100)), Tolerance);
        Assert.Equal(1 - (0.1 * (1 - Math.Sqrt(0.5)) / 2), schedule.At(At(75, 100)), Tolerance);
        Assert.Equal(1 - (0.1 * (1 - Math.Cos(Math.PI / 100)) / 2), schedule.At(At(99, 100)), Tolerance);
        Assert.Equal(1, schedule.At(At(100, 100)), Tolerance);
    }

    [Fact]
    public void A_constant_momentum_stays()
    {
        var schedule = new MomentumSchedule(0.99, MomentumCurve.Constant);
        for (int step = 0; step < 100; step++) Assert.Equal(0.99, schedule.At(At(step, 100)));
    }

    [Fact]
    public void The_default_curve_is_the_papers() => Assert.Equal(MomentumCurve.Cosine, new MomentumSchedule(0.99).Curve);

    [Fact]
    public void Only_the_place_in_the_whole_run_counts() => Properties.Hold(
        from start in Gen.Choose(0, 1000)
        from step in Gen.Choose(0, 999)
        from stage in Gen.Choose(0, 5)
        from epoch in Gen.Choose(0, 9)
        from stageStep in Gen.Choose(0, 99)
        select (start: start / 1000.0, step, stage, epoch, stageStep), c =>
            new MomentumSchedule(c.start).At(At(c.step, 1000)) ==
            new MomentumSchedule(c.start).At(new TrainingPosition(c.stage, c.epoch, 10, c.stageStep, 100, c.step, 1000)));

    [Fact]
    public void Never_falls_and_never_leaves_its_range() => Properties.Hold(
        from start in Gen.Choose(0, 1000)
        from steps in Gen.Choose(1, 300)
        select (start: start / 1000.0, steps), c =>
        {
            var schedule = new MomentumSchedule(c.start);
            double[] all = [.. Enumerable.Range(0, c.steps).Select(s => schedule.At(At(s, c.steps)))];
            return all.All(m => m >= c.start - Tolerance && m <= 1) && all.Zip(all.Skip(1)).All(p => p.First <= p.Second);
        });

    [Fact]
    public void Asked_from_the_middle_only_it_answers_as_in_a_whole_run()
    {
        MomentumSchedule whole = new(0.9), resumed = new(0.9);
        double[] all = [.. Enumerable.Range(0, 100).Select(s => whole.At(At(s, 100)))];
        for (int step = 99; step >= 40; step--) Assert.Equal(all[step], resumed.At(At(step, 100)));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(7L)]
    public void In_a_run_of_several_stages_it_rises_once_over_all_of_them(long? stepLimit)
    {
        // Five pictures: two steps per epoch in twos, one in fours; 2 × 3 + 1 × 4 + 2 × 1 steps.
        var schedule = new ResolutionSchedule(new ResolutionStage(4, 3), new ResolutionStage(6, 4) { BatchSize = 4 }, new ResolutionStage(8, 1));
        TrainerOptions options = SmallTraining.Options(new SgdSettings(), 0.1) with { StepLimit = stepLimit };
        var momentum = new MomentumSchedule(0.5);
        var seen = new List<double>();
        SmallTraining training = SmallTraining.Sloped(("w", [1, 1], [1], [0])) with
        {
            Pictures = SmallTraining.Black(5),
            OnStep = position => seen.Add(momentum.At(position)),
        };
        training.Run(options, schedule);

        // A run that is cut short has the beginning of the same curve.
        double[] expected = [.. Enumerable.Range(0, (int)(stepLimit ?? 12)).Select(t => 1 - (0.5 * (Math.Cos(Math.PI * t / 12) + 1) / 2))];
        Assert.Equal(expected, seen, (e, a) => Math.Abs(e - a) < Tolerance);
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        Refuses(() => new MomentumSchedule(-0.1), "Start must be in [0, 1]. (Parameter 'Start')\nActual value was -0.1.");
        Refuses(() => new MomentumSchedule(1.1), "Start must be in [0, 1]. (Parameter 'Start')\nActual value was 1.1.");
        Refuses(() => new MomentumSchedule(0.9) with { Start = double.NaN }, "Start must be in [0, 1]. (Parameter 'Start')\nActual value was NaN.");
        Refuses(() => new MomentumSchedule(0.9, (MomentumCurve)7),
            "Curve must be one of Cosine, Constant. (Parameter 'Curve')\nActual value was 7.");
        // Both ends are momenta: no memory at all, and a copy that never moves.
        Assert.Equal((0, 1), (new MomentumSchedule(0).Start, new MomentumSchedule(1).Start));
    }

    /// <summary>One stage of one epoch.</summary>
    private static TrainingPosition At(int step, int steps) => new(0, 0, 1, step, steps, step, steps);

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.Throws<ArgumentOutOfRangeException>(make).Message.ReplaceLineEndings("\n"));
}
