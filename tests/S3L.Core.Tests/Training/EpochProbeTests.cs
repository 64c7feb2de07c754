using System.Diagnostics;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Recipes;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

public sealed class EpochProbeTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 40, Size = 24 });

    private static readonly ResolutionSchedule Five = ResolutionSchedule.Parse("16x3,24x2");

    [Theory]
    [InlineData(1, new[] { 1, 2, 3, 4, 5 })]
    [InlineData(2, new[] { 2, 4, 5 })]
    [InlineData(10, new[] { 5 })]
    public void Is_asked_between_epochs_and_at_the_end(int every, int[] epochs)
    {
        var probe = new Scripted(_ => 0.5);
        TrainingResult result = Run(CheckpointedRun.Plain with { ProbeEveryEpochs = every }, probe);
        Assert.Equal(epochs, result.Scores.Select(s => s.Epoch));
        Assert.Equal(epochs.Select(e => 2L * e), result.Scores.Select(s => s.RunStep));
        Assert.Equal(epochs.Select(e => e <= 3 ? 16 : 24), probe.Resolutions);
    }

    [Fact]
    public void Changes_nothing_of_the_training()
    {
        using ImageCache labelled = ImageCache.Build(Pictures, 32, 1);
        TrainingResult without = Run(CheckpointedRun.Plain, null);
        TrainingResult with = Run(CheckpointedRun.Plain with { ProbeEveryEpochs = 1 }, new KnnProbe(labelled));
        Assert.Equal(without.Losses, with.Losses);
        Assert.All(with.Scores, s => Assert.InRange(s.Score, 0, 1));
        Assert.Empty(without.Scores);
    }

    [Fact]
    public void The_best_checkpoint_is_kept_apart()
    {
        using var folder = new TemporaryFolder();
        double[] scores = [0.1, 0.4, 0.4, 0.3, 0.2];
        var kept = new List<double[]>();
        Run(Saved(folder), new Scripted(epoch => scores[epoch - 1], backbone => kept.Add(FirstWeights(backbone))));
        Dictionary<string, torch.Tensor> best = Safetensors.Load(folder.At("best.safetensors"));
        Assert.Equal(kept[1], best["method.backbone.conv1.weight"].Doubles());
        foreach (torch.Tensor tensor in best.Values) tensor.Dispose();
    }

    [Fact]
    public void A_resumed_run_knows_the_scores_before()
    {
        using var folder = new TemporaryFolder();
        double[] scores = [0.1, 0.4, 0.3, 0.2, 0.35];
        using var cancel = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => Run(Saved(folder), new Scripted(epoch =>
        {
            if (epoch == 3) cancel.Cancel();
            return scores[epoch - 1];
        }), cancel.Token));
        DateTime best = File.GetLastWriteTimeUtc(folder.At("best.safetensors"));
        TrainerOptions options = Saved(folder);
        TrainingResult result = Run(options with { Checkpoints = options.Checkpoints! with { Resume = true } },
            new Scripted(epoch => scores[epoch - 1], firstEpoch: 4));
        Assert.Equal(scores, result.Scores.Select(s => s.Score));
        Assert.Equal(best, File.GetLastWriteTimeUtc(folder.At("best.safetensors")));
    }

    [Fact]
    public void The_best_checkpoint_of_an_earlier_run_is_not_written_over()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = Saved(folder);
        Run(options with { Checkpoints = options.Checkpoints! with { EverySteps = 100 } }, new Scripted(_ => 0.5));
        Assert.Equal(["best.safetensors"], CheckpointedRun.Files(folder));
        byte[] best = File.ReadAllBytes(folder.At("best.safetensors"));
        var error = Assert.Throws<ArgumentException>(() => Run(options, new Scripted(_ => 0.6)));
        Assert.Equal("Options.Checkpoints.Folder holds best.safetensors of an earlier run. Set Resume to go on with it, or give this run a folder " +
            "of its own.", error.Message);
        options = options with { Seed = 1, Checkpoints = options.Checkpoints! with { Resume = true } };
        error = Assert.Throws<ArgumentException>(() => Run(options, new Scripted(_ => 0.6)));
        Assert.StartsWith($"'{folder.At("best.safetensors")}' is of another run: its seed is 0, but this run's is 1.", error.Message,
            StringComparison.Ordinal);
        Assert.Equal(best, File.ReadAllBytes(folder.At("best.safetensors")));
    }

    [Fact]
    public void A_run_that_has_saved_its_best_alone_goes_on_from_that()
    {
        using var folder = new TemporaryFolder();
        var checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 100 };
        var run = new CheckpointedRun("instdisc") { Options = CheckpointedRun.Plain with { ProbeEveryEpochs = 1 }, Probe = new Measured() };
        run.EndAfter(8, checkpoints);
        Assert.Equal(["best.safetensors"], CheckpointedRun.Files(folder));
        var lines = new CheckpointedRun.Lines();
        run.Run(checkpoints with { Resume = true }, seed: 2, lines).MustBe(run.Run());
        Assert.Contains(lines.All, l => l.StartsWith($"Resumed from {folder.At("best.safetensors")} at step ", StringComparison.Ordinal));
    }

    [Fact]
    public void Its_time_is_not_that_of_the_stages()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        using ImageCache images = ImageCache.Build(Pictures, 24, 1);
        var asked = TimeSpan.FromSeconds(0.5);
        int count = 0;
        var probe = new Scripted(epoch =>
        {
            Thread.Sleep(asked);
            if (++count == 2) cancel.Cancel();
            return 1.0 / epoch;
        });
        var rates = new List<double>();
        TrainerOptions options = Saved(folder) with { ReportEverySteps = 1 };
        long started = Stopwatch.GetTimestamp();
        Assert.Throws<OperationCanceledException>(() => Train(cancel.Token));
        options = options with { Checkpoints = options.Checkpoints! with { Resume = true } };
        TrainingResult result = Train(default);
        Assert.Equal(4, count);
        Assert.Equal(result.Losses.Count, rates.Count);
        Assert.InRange(result.TrainSeconds, double.Epsilon, (Stopwatch.GetElapsedTime(started) - (4 * asked)).TotalSeconds);
        // With that of the probe before it, the first step of an epoch would have fewer.
        Assert.All(rates, rate => Assert.True(rate > 16 / asked.TotalSeconds, $"{rate}"));

        TrainingResult Train(CancellationToken cancellation)
        {
            torch.manual_seed(0);
            using var method = new SimClr(KnownMethods.Backbone());
            return new Trainer(options, probe: probe).Run(method, images, ResolutionSchedule.Parse("16x4"), new Rates(rates), cancellation);
        }
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 6)]
    [InlineData(3, 9)]
    // After the last step, where nothing but the probe is left.
    [InlineData(4, 12)]
    public void A_run_that_is_stopped_while_it_is_asked_is_saved_there_and_ends_as_one_that_was_not(int epoch, int step)
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var checkpoints = new CheckpointOptions(folder.Path);
        var run = new CheckpointedRun("instdisc") { Options = CheckpointedRun.Plain with { ProbeEveryEpochs = 1 }, Probe = new Measured() };
        CheckpointedRun stopped = run with { Probe = new Measured(count => { if (count == epoch) cancel.Cancel(); }) };
        Assert.Throws<OperationCanceledException>(() => stopped.Run(checkpoints, cancellation: cancel.Token));
        Assert.Equal(CheckpointedRun.FileAt(step), CheckpointedRun.Files(folder)[^1]);

        CheckpointedRun.Outcome resumed = run.Run(checkpoints with { Resume = true }, seed: 2);
        Assert.Equal([1, 2, 3, 4], resumed.Result.Scores.Select(s => s.Epoch));
        resumed.MustBe(run.Run());
    }

    [Fact]
    public void A_run_that_is_stopped_while_it_is_asked_after_its_limit_can_be_ended_with_a_higher_one()
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var checkpoints = new CheckpointOptions(folder.Path);
        var run = new CheckpointedRun("byol") { Options = CheckpointedRun.Plain with { ProbeEveryEpochs = 2 }, Probe = new Measured() };
        CheckpointedRun limited = run with { Options = run.Options with { StepLimit = 4 } };
        CheckpointedRun stopped = limited with { Probe = new Measured(_ => cancel.Cancel()) };
        Assert.Throws<OperationCanceledException>(() => stopped.Run(checkpoints, cancellation: cancel.Token));
        Assert.Equal(CheckpointedRun.FileAt(4), CheckpointedRun.Files(folder)[^1]);

        limited.Run(checkpoints with { Resume = true }, seed: 2).MustBe(limited.Run());
        (run with { Probe = null }).Run(checkpoints with { Resume = true }, seed: 3).MustBe((run with { Probe = null }).Run());
    }

    [Fact]
    public void Knn_probes_say_what_a_classifier_says()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ImageCache train = ImageCache.Build(Pictures, 32, 1);
        using ImageCache test = ImageCache.Build(new SyntheticImages(new SyntheticImagesOptions { Count = 30, Size = 24, Seed = 1 }), 32, 1);
        using ResNet backbone = KnownMethods.Backbone();
        torch.Tensor known = FeatureExtractor.Extract(backbone, train, 16, ColorStatistics.ImageNet);
        torch.Tensor asked = FeatureExtractor.Extract(backbone, test, 16, ColorStatistics.ImageNet);
        var options = new KnnOptions { Neighbors = 5 };
        using var knn = new KnnClassifier(known, train.Labels, 10, options);
        Assert.Equal(knn.LeaveOneOutAccuracy(), new KnnProbe(train, options: options).Measure(backbone, 16));
        Assert.Equal(knn.Accuracy(asked, test.Labels),
            new KnnProbe(train, test, options: options).Measure(backbone, 16));
    }

    [Fact]
    public void Knn_probes_need_labels()
    {
        using ImageCache train = ImageCache.Build(Pictures, 8, 1);
        using ImageCache unlabelled = ImageCache.Build(new InMemoryImages([Pictures.Load(0)]), 8, 1);
        Assert.Equal("train must have labels, but has none. (Parameter 'train')",
            Assert.Throws<ArgumentException>(() => new KnnProbe(unlabelled)).Message);
        Assert.StartsWith("test must have the classes of train, [", Assert.Throws<ArgumentException>(() => new KnnProbe(train, unlabelled)).Message,
            StringComparison.Ordinal);
    }

    private static TrainerOptions Saved(TemporaryFolder folder) =>
        CheckpointedRun.Plain with { ProbeEveryEpochs = 1, Checkpoints = new CheckpointOptions(folder.Path) };

    private static TrainingResult Run(TrainerOptions options, IEpochProbe? probe, CancellationToken cancellation = default)
    {
        torch.manual_seed(0);
        using var method = new SimClr(KnownMethods.Backbone());
        return new Trainer(options, probe: probe).Run(method, Pictures, Five, cancellation: cancellation);
    }

    private static double[] FirstWeights(IBackbone backbone)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return backbone.Network.parameters().First().detach().Doubles();
    }

    private sealed class Rates(List<double> rates) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => rates.Add(value.ImagesPerSecond);
    }

    /// <summary>Gives scores by the number of the epoch, and shows the backbone.</summary>
    private sealed class Scripted(Func<int, double> score, Action<IBackbone>? look = null, int firstEpoch = 1) : IEpochProbe
    {
        public List<int> Resolutions { get; } = [];

        public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default)
        {
            look?.Invoke(backbone);
            Resolutions.Add(resolution);
            return score(firstEpoch + Resolutions.Count - 1);
        }
    }

    /// <summary>Scores that follow from weights and resolution.</summary>
    private sealed class Measured(Action<int>? asked = null) : IEpochProbe
    {
        private int _count;

        public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default)
        {
            asked?.Invoke(++_count);
            cancellation.ThrowIfCancellationRequested();
            return resolution + FirstWeights(backbone).Sum();
        }
    }
}
