using System.Runtime.InteropServices;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Testing;
using Outcome = S3L.Core.Tests.Training.CheckpointedRun.Outcome;

namespace S3L.Core.Tests.Training;

/// <summary>What a stage takes over from the one before.</summary>
public sealed class StageOptionsTests
{
    // Within an epoch, at the end of one, at the end of a stage, and the same in the second stage.
    private static readonly long[] Ends = [1, 3, 4, 6, 8, 9, 11];

    [Theory]
    [MemberData(nameof(KnownMethods.Names), MemberType = typeof(KnownMethods))]
    public void Two_stages_that_keep_everything_are_one(string method)
    {
        var run = new CheckpointedRun(method);
        Outcome one = (run with { Schedule = ResolutionSchedule.Parse("16x4") }).Run();
        Outcome two = (run with { Schedule = ResolutionSchedule.Parse("16x2,16x2:keep-curve:keep-optimizer") }).Run();
        Assert.Equal(one.Result.Losses, two.Result.Losses);
        Assert.Empty(one.State.Where(t => !t.Value.AsSpan().SequenceEqual(two.State[t.Key])).Select(t => t.Key));
    }

    [Theory]
    [InlineData("16x2,16x2:keep-curve")]
    [InlineData("16x2,16x2:keep-optimizer")]
    [InlineData("16x2,16x2")]
    public void Two_stages_that_begin_something_anew_are_not(string schedule)
    {
        var run = new CheckpointedRun("simclr");
        Outcome one = (run with { Schedule = ResolutionSchedule.Parse("16x4") }).Run();
        Outcome two = (run with { Schedule = ResolutionSchedule.Parse(schedule) }).Run();
        Assert.NotEqual(one.Result.Losses, two.Result.Losses);
    }

    [Fact]
    public void A_curve_that_is_kept_falls_over_both_stages()
    {
        Assert.Equal(Rates("16x4"), Rates("16x1,16x3:keep-curve"));
        Assert.Equal(Rates("16x2")[0], Rates("16x2,16x2")[6]);
        // Half a cosine over stages of three and of six steps, at the first step of the second.
        Assert.Equal(0.05 * (1 + Math.Cos(Math.PI * 3 / 9)) / 2, Rates("16x1,16x1:batch=8:keep-curve")[3], 1e-12);
    }

    [Theory]
    [InlineData("mocov2")]
    [InlineData("instdisc")]
    public void An_ended_run_goes_on_with_what_its_stage_keeps(string method)
    {
        using var folder = new TemporaryFolder();
        var run = new CheckpointedRun(method) { Schedule = ResolutionSchedule.Parse("16x2,24x2:keep-curve:keep-optimizer:restart-memory") };
        run.EndAndGoOn(new CheckpointOptions(folder.Path) { EverySteps = 1 }, Ends).MustBe(run.Run());
    }

    [Fact]
    public void A_queue_made_anew_has_the_keys_of_its_stage_alone()
    {
        var run = new CheckpointedRun(seed => new MoCo(Backbone(seed), new MoCoOptions { QueueLength = 1000, EmbeddingDimension = 4 }));
        Outcome kept = run.Run(), anew = (run with { Schedule = ResolutionSchedule.Parse("16x2,24x2:restart-memory") }).Run();
        Assert.Equal([12 * 16L], MemoryMarshal.Cast<byte, long>(kept.State["queue.next"]).ToArray());
        Assert.Equal([6 * 16L], MemoryMarshal.Cast<byte, long>(anew.State["queue.next"]).ToArray());
    }

    [Fact]
    public void A_bank_made_anew_holds_what_the_network_makes_of_the_pictures_now()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var method = new InstanceDiscrimination(Backbone(0), new InstanceDiscriminationOptions { EmbeddingDimension = 4, HiddenWidth = 8 });
        torch.Tensor first = HashedNumbers.Tensor("first", 6, 3, 16, 16), second = HashedNumbers.Tensor("second", 6, 3, 16, 16);
        method.Begin(Run(first));
        method.RestartMemory(Run(second));
        double[] again = method.Bank!.Doubles();
        method.Begin(Run(second));
        Assert.Equal(method.Bank!.Doubles(), again);

        static TrainingRun Run(torch.Tensor images) => new(6, 10, torch.CPU) { EveryImage = [(images, torch.arange(6, torch.int64))] };
    }

    [Fact]
    public void A_memory_cannot_be_made_anew_before_it_is_made()
    {
        var run = new TrainingRun(6, 10, torch.CPU);
        using var moco = new MoCo(Backbone(0));
        Assert.Equal("Begin must be called before RestartMemory: it makes the queue.",
            Assert.Throws<InvalidOperationException>(() => moco.RestartMemory(run)).Message);
        using var instdisc = new InstanceDiscrimination(Backbone(0));
        Assert.Equal("Begin must be called before RestartMemory: it makes the bank.",
            Assert.Throws<InvalidOperationException>(() => instdisc.RestartMemory(run)).Message);
    }

    [Fact]
    public void Enlarged_pictures_are_counted_and_said()
    {
        var lines = new CheckpointedRun.Lines();
        var run = new CheckpointedRun("simclr") { Schedule = ResolutionSchedule.Parse("24x1,32x1") };
        Assert.Equal([0, 50], run.Run(logger: lines).Result.Stages.Select(s => s.EnlargedPictures));
        Assert.Equal(["Stage 2: 50 of 50 pictures have a side below 32 px and are enlarged"], lines.Warnings);
    }

    [Fact]
    public void A_cache_that_is_too_coarse_for_a_stage_is_said()
    {
        var lines = new CheckpointedRun.Lines();
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 20, Size = 32 });
        using ImageCache cache = ImageCache.Open(pictures, resolution: 12);
        using IContrastiveMethod method = KnownMethods.CreateUnbegun("simclr", 1);
        new Trainer(CheckpointedRun.Plain, lines).Run(method, cache, ResolutionSchedule.Parse("12x1,24x1"));
        Assert.Equal(["Stage 2: 20 of 20 pictures have more pixels than the cache's grid of 24, too coarse for views of 24 px, and look blurred"],
            lines.Warnings);
    }

    [Fact]
    public void A_warm_up_of_most_of_a_stage_is_said()
    {
        var lines = new CheckpointedRun.Lines();
        new CheckpointedRun("simclr")
        {
            Options = CheckpointedRun.Plain with { LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 2 } },
            Schedule = ResolutionSchedule.Parse("24x4,24x1"),
        }.Run(logger: lines);
        Assert.Equal(["Stage 2: the learning rate rises for 100 % of it, as the warm-up is as long as that"], lines.Warnings);
    }

    private static double[] Rates(string schedule)
    {
        var rates = new List<double>();
        using var method = new SimClr(Backbone(0));
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 48, Size = 24 });
        new Trainer(CheckpointedRun.Plain with { ReportEverySteps = 1 })
            .Run(method, pictures, ResolutionSchedule.Parse(schedule), new Each(p => rates.Add(p.LearningRate)));
        return [.. rates];
    }

    private static ResNet Backbone(int seed)
    {
        torch.manual_seed(seed);
        return KnownMethods.Backbone();
    }

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
