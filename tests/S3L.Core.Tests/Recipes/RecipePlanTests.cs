using S3L.Core.Backbones;
using S3L.Core.Evaluation;
using S3L.Core.Recipes;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Recipes;

public sealed class RecipePlanTests
{
    private static readonly RecipeFacts Clothes = new() { Images = 3000, TypicalSide = 213, NetworkStages = 4, LeastResolution = 33 };

    [Fact]
    public void Says_each_setting_with_its_reason() => Assert.Equal(
        [
            "stages pretrained: 3 of 4 (the last stage has most of the weights, and grows back when labels are there)",
            "batch: 64 (many small steps teach a small set more than few large ones)",
            "resolution: 56 px (a quarter of the usual 224 px costs a sixteenth)",
            "epochs: 109 (about 5,000 steps of 64 pictures, within 10 to 800 epochs)",
            "precision: Auto (what is fastest on this machine, measured at each stage)",
            "fine-tuning: at 56 px (the last resolution of pretraining)",
        ],
        RecipePlan.For(Clothes).Settings.Select(s => s.ToString()));

    [Fact]
    public void Refuses_a_resolution_below_what_the_whole_network_takes()
    {
        Assert.Equal("Options.Resolution must be at least 33 px, the least that the whole network takes, but is 32 px.",
            Assert.Throws<ArgumentException>(() => RecipePlan.For(Clothes, new RecipeOptions { Resolution = 32 })).Message);
        var low = new RecipeOptions { Schedule = ResolutionSchedule.Parse("24x10") };
        Assert.Equal(
            "Options.Resolution must be at least 33 px, the least that the whole network takes, but is left to the schedule, whose last one is " +
            "24 px.", Assert.Throws<ArgumentException>(() => RecipePlan.For(Clothes, low)).Message);
    }

    [Theory]
    [InlineData(3000, 213, false, 56, 109)]
    [InlineData(3000, 213, true, 112, 800)]
    [InlineData(100_000, 500, true, 112, 26)]
    [InlineData(1_000_000, 500, false, 56, 10)]
    [InlineData(3000, 45, false, 40, 109)]
    [InlineData(3000, 20, false, 33, 109)]
    [InlineData(40, 213, false, 56, 625)]
    public void Resolution_and_epochs_follow_from_the_pictures(int images, int side, bool gpu, int resolution, int epochs)
    {
        RecipePlan plan = RecipePlan.For(Clothes with { Images = images, TypicalSide = side, HasGpu = gpu });
        Assert.Equal(new ResolutionStage(resolution, epochs), Assert.Single(plan.Schedule));
        Assert.Equal(resolution, plan.Resolution);
    }

    [Theory]
    [InlineData(4, 5)]
    [InlineData(40, 5)]
    [InlineData(400, 50)]
    [InlineData(3000, 64)]
    public void A_small_set_has_small_batches(int images, int batch) =>
        Assert.Equal(Math.Max(Math.Min(batch, images / 8), 2), RecipePlan.For(Clothes with { Images = images }).Pretraining.BatchSize);

    [Theory]
    [InlineData(20_000, 0)]
    [InlineData(20_001, 10_000)]
    public void A_large_bank_is_not_compared_with_as_a_whole(int images, int candidates) =>
        Assert.Equal(candidates, RecipePlan.For(Clothes with { Images = images }).Method.OtherCandidates);

    [Fact]
    public void A_network_of_one_stage_is_pretrained_whole() =>
        Assert.Equal("stages pretrained: 1 of 1 (the network has no stage to leave out)",
            RecipePlan.For(Clothes with { NetworkStages = 1 }).Settings[0].ToString());

    [Fact]
    public void What_is_asked_for_holds()
    {
        RecipePlan plan = RecipePlan.For(Clothes, new RecipeOptions
        {
            Schedule = ResolutionSchedule.Parse("40x3,48x2"),
            PretrainedStages = 2,
            Resolution = 44,
            Pretraining = TrainerOptions.SimClr with { Precision = Precision.Float32 },
            FineTuning = new FineTunerOptions { Epochs = 7 },
        });
        Assert.Equal(("40x3,48x2", 2, 44), (plan.Schedule.ToString(), plan.PretrainedStages, plan.Resolution));
        Assert.Equal(TrainerOptions.SimClr with { Precision = Precision.Float32 }, plan.Pretraining);
        Assert.Equal((7, 7), (plan.FineTuningFor(5).Epochs, plan.FineTuningFor(5000).Epochs));
        Assert.All(plan.Settings, s => Assert.Equal("as asked for", s.Reason));
    }

    [Theory]
    [InlineData(2, 300)]
    [InlineData(64, 300)]
    [InlineData(640, 150)]
    [InlineData(3000, 33)]
    [InlineData(100_000, 20)]
    public void Few_labels_are_learned_from_for_more_epochs(int labels, int epochs)
    {
        FineTunerOptions tuning = RecipePlan.For(Clothes).FineTuningFor(labels);
        Assert.Equal((epochs, 64, 0.1, 1.0), (tuning.Epochs, tuning.BatchSize, tuning.LearningRate, tuning.MixupAlpha));
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        Assert.Equal("Options.PretrainedStages must be at most 4, the stages of the network, but is 5.",
            Assert.Throws<ArgumentException>(() => RecipePlan.For(Clothes, new RecipeOptions { PretrainedStages = 5 })).Message);
        Assert.Equal("LabelFractions must be in (0, 1], but are [0.1, 1.5]. (Parameter 'LabelFractions')",
            Assert.Throws<ArgumentException>(() => new RecipeOptions { LabelFractions = [0.1, 1.5] }).Message);
        Assert.Equal("labels must be at least 2. (Parameter 'labels')\nActual value was 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() => RecipePlan.For(Clothes).FineTuningFor(1)).Message.ReplaceLineEndings("\n"));
    }
}
