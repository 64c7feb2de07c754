using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Schedules;

namespace S3L.Core.Tests.Schedules;

public sealed class ResolutionScheduleTests
{
    private static readonly Gen<ResolutionStage> AnyStage =
        from resolution in Gen.Choose(1, 100_000)
        from epochs in Gen.Choose(1, int.MaxValue)
        from batch in Gen.Elements<int?>(null, 2, 64, int.MaxValue)
        from rate in Gen.Elements<double?>(null, 0.03, 1, 1e-300, 123456.789)
        from flags in Gen.Choose(0, 7)
        select new ResolutionStage(resolution, epochs)
        {
            BatchSize = batch,
            LearningRate = rate,
            RestartsCurve = (flags & 1) == 0,
            RestartsOptimizer = (flags & 2) == 0,
            RestartsMemory = (flags & 4) != 0,
        };

    [Fact]
    public void Text_and_schedule_are_each_others_inverse() => Properties.Hold(Gen.NonEmptyListOf(AnyStage), stages =>
    {
        var schedule = new ResolutionSchedule(stages);
        string text = schedule.ToString();
        ResolutionSchedule back = ResolutionSchedule.Parse(text);
        return back.Equals(schedule) && back.GetHashCode() == schedule.GetHashCode() && back.ToString() == text
            && stages.All(s => ResolutionStage.Parse(s.ToString()) == s);
    });

    [Fact]
    public void Text_shows_what_differs_from_the_defaults()
    {
        Assert.Equal("56x100", new ResolutionStage(56, 100).ToString());
        Assert.Equal("112x50:batch=64:rate=0.03:keep-curve:keep-optimizer:restart-memory", new ResolutionStage(112, 50)
        {
            BatchSize = 64,
            LearningRate = 0.03,
            RestartsCurve = false,
            RestartsOptimizer = false,
            RestartsMemory = true,
        }.ToString());
        Assert.Equal(new ResolutionStage(112, 50) { BatchSize = 64, RestartsCurve = false }, ResolutionStage.Parse(" 112x50:keep-curve:batch=64 "));
    }

    [Fact]
    public void The_papers_schedules_have_equal_stages()
    {
        Assert.Equal(["112x200", "56x200", "112x200,224x200", "56x200,112x200"],
            new[] { ResolutionSchedule.At112(), ResolutionSchedule.At56(), ResolutionSchedule.From112To224(), ResolutionSchedule.From56To112() }
                .Select(s => s.ToString()));
        Assert.Equal("56x3,112x3", ResolutionSchedule.From56To112(3).ToString());
    }

    [Fact]
    public void A_schedule_is_the_list_of_its_stages()
    {
        ResolutionSchedule schedule = ResolutionSchedule.Parse("56x100, 112x50");
        Assert.Equal([new ResolutionStage(56, 100), new ResolutionStage(112, 50)], schedule);
        Assert.Equal((2, 150, 112), (schedule.Count, schedule.Epochs, schedule.HighestResolution));
        Assert.Equal(112, schedule[1].Resolution);
        Assert.Equal(56, schedule.ResolutionAt(new TrainingPosition(0, 99, 100, 0, 1, 0, 1)));
        Assert.Equal(112, schedule.ResolutionAt(new TrainingPosition(1, 0, 50, 0, 1, 0, 1)));
        Assert.Equal("224x3", ResolutionSchedule.Constant(224, 3).ToString());
        Assert.Equal(112, ResolutionSchedule.Parse("112x1,56x1").HighestResolution);
    }

    [Fact]
    public void Schedules_are_equal_where_all_stages_are()
    {
        ResolutionSchedule one = ResolutionSchedule.Parse("56x100,112x50");
        Assert.True(one.Equals((object)ResolutionSchedule.Stages((56, 100), (112, 50))));
        Assert.False(one.Equals(ResolutionSchedule.Parse("112x50,56x100")));
        Assert.False(one.Equals(ResolutionSchedule.Parse("56x100")));
        Assert.False(one.Equals(null));
        Assert.False(one.Equals(ResolutionSchedule.Parse("56x100,112x50:keep-optimizer")));
        Assert.False(one.Equals(new ResolutionSchedule(new ResolutionStage(56, 100) { BatchSize = 8 }, new ResolutionStage(112, 50))));
        Assert.False(one.Equals(new ResolutionSchedule(new ResolutionStage(56, 100) { LearningRate = 0.1 }, new ResolutionStage(112, 50))));
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("56", "56")]
    [InlineData("56x", "56x")]
    [InlineData("x100", "x100")]
    [InlineData("56x100,", "")]
    [InlineData("56x100,112", "112")]
    [InlineData("56x0", "56x0")]
    [InlineData("0x5", "0x5")]
    [InlineData("-56x5", "-56x5")]
    [InlineData("56x5x7", "56x5x7")]
    [InlineData("56X5", "56X5")]
    [InlineData("56x5.5", "56x5.5")]
    [InlineData("56x99999999999", "56x99999999999")]
    [InlineData("5 6x5", "5 6x5")]
    [InlineData("56x5:", "56x5:")]
    [InlineData("56x5:batch", "56x5:batch")]
    [InlineData("56x5:batch=1", "56x5:batch=1")]
    [InlineData("56x5:batch=8:batch=9", "56x5:batch=8:batch=9")]
    [InlineData("56x5:rate=0", "56x5:rate=0")]
    [InlineData("56x5:rate=-1", "56x5:rate=-1")]
    [InlineData("56x5:rate=1e999", "56x5:rate=1e999")]
    [InlineData("56x5:rate=0.1,5", "5")]
    [InlineData("56x5:Keep-curve", "56x5:Keep-curve")]
    [InlineData("56x5:keep-curve=1", "56x5:keep-curve=1")]
    public void Refuses_text_of_another_form(string text, string part) => Assert.Equal(
        "A stage reads RESOLUTIONxEPOCHS[:batch=N][:rate=X][:keep-curve][:keep-optimizer][:restart-memory] such as 112x100 or " +
        $"112x100:batch=64, several separated by commas, but '{part}' in '{text}' does not.",
        Assert.Throws<FormatException>(() => ResolutionSchedule.Parse(text)).Message);

    [Fact]
    public void Refuses_stages_that_are_none()
    {
        Refuses(() => new ResolutionSchedule(), "stages must hold at least one stage, but is empty. (Parameter 'stages')");
        Refuses(() => ResolutionSchedule.Stages(), "stages must hold at least one stage, but is empty. (Parameter 'stages')");
        Refuses(() => new ResolutionSchedule(new ResolutionStage(1, 1), null!), "stages must not hold null. (Parameter 'stages')");
        Refuses(() => ResolutionSchedule.Constant(0, 1), "Resolution must be at least 1. (Parameter 'Resolution')\nActual value was 0.");
        Refuses(() => ResolutionSchedule.Constant(1, 0), "Epochs must be at least 1. (Parameter 'Epochs')\nActual value was 0.");
        Refuses(() => new ResolutionStage(1, 1) { BatchSize = 1 }, "BatchSize must be at least 2. (Parameter 'BatchSize')\nActual value was 1.");
        Refuses(() => new ResolutionStage(1, 1) { LearningRate = 0 },
            "LearningRate must be a finite number above 0. (Parameter 'LearningRate')\nActual value was 0.");
        Refuses(() => new ResolutionStage(1, 1) with { Epochs = -3 }, "Epochs must be at least 1. (Parameter 'Epochs')\nActual value was -3.");
        Assert.Equal("text", Assert.Throws<ArgumentNullException>(() => ResolutionSchedule.Parse(null!)).ParamName);
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));
}
