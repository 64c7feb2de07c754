using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

public sealed partial class TrainerTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 40, Size = 24 });

    private static readonly TrainerOptions Plain = new()
    {
        BatchSize = 16,
        LearningRate = 0.05,
        Precision = Precision.Float32,
        Threads = 1,
        Device = "cpu",
        ReportEverySteps = 1,
    };

    [Fact]
    public void Runs_all_stages_and_says_what_each_took()
    {
        using SimSiam method = Method();
        TrainingResult result = new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("16x2,24x1"));

        Assert.Equal([(16, 2, 4L), (24, 1, 2L)], result.Stages.Select(s => (s.Resolution, s.Epochs, s.Steps)));
        Assert.All(result.Stages, s => Assert.Equal((16, Precision.Float32), (s.BatchSize, s.Precision)));
        Assert.All(result.Stages, s => Assert.True(s.Seconds > 0 && s.ImagesPerSecond > 0));
        Assert.Equal(6, result.Losses.Count);
        Assert.Equal(6, result.Steps);
        Assert.Equal(40, result.ImageCount);
        Assert.Empty(result.Skipped);
    }

    [Fact]
    public void Decodes_no_picture_before_it_has_checked_what_it_can()
    {
        using SimSiam method = Method();
        ResolutionSchedule schedule = ResolutionSchedule.Parse("16x1");
        var unread = new Unread();
        Assert.Throws<ArgumentNullException>("method", () => new Trainer(Plain).Run(null!, unread, schedule));
        Assert.Throws<ArgumentException>("schedule", () => new Trainer(Plain).Run(method, unread, ResolutionSchedule.Parse("2x1")));
        Assert.Throws<ArgumentException>("images", () => new Trainer(Plain).Run(method, new Unread { Count = 1 }, schedule));
        int gpus = torch.cuda.device_count();
        Assert.Equal(gpus == 0
            ? "Options.Device is 'cuda:0', but this engine sees no CUDA GPU."
            : $"Options.Device must be one of cuda:0 to cuda:{gpus - 1}, the GPUs that this engine sees, but is 'cuda:{gpus}'.",
            Refusal(Plain with { Device = $"cuda:{gpus}" }));

        AugmentationOptions crops = AugmentationOptions.Cifar with { MinimumArea = 0.5, MaximumArea = 0.4 };
        Assert.StartsWith("options.MinimumArea must not be above MaximumArea, 0.4, but is 0.5.", Refusal(Plain with { Augmentations = [crops] }),
            StringComparison.Ordinal);
        Assert.StartsWith("Options.ParameterGroups names 'nowhere', but no parameter of simsiam starts with it",
            Refusal(Plain with { ParameterGroups = [new ParameterGroup("nowhere")] }), StringComparison.Ordinal);

        using var folder = new TemporaryFolder();
        string inFile = Path.Combine(folder.Write("file", [1]), "checkpoints");
        Assert.StartsWith($"Options.Checkpoints.Folder must be one that can be written, but '{inFile}' cannot: ",
            Refusal(Plain with { Checkpoints = new CheckpointOptions(inFile) }), StringComparison.Ordinal);
        TrainerOptions kept = Plain with { Checkpoints = new CheckpointOptions(folder.Path) };
        new Trainer(kept).Run(method, Pictures, ResolutionSchedule.Parse("16x2"));
        Assert.Throws<ArgumentException>(() => new Trainer(kept).Run(method, unread, schedule));

        string Refusal(TrainerOptions options) => Assert.Throws<ArgumentException>(() => new Trainer(options).Run(method, unread, schedule)).Message;
    }

    [Fact]
    public void The_same_seed_gives_the_same_losses_and_weights()
    {
        (float[] losses, float[] weights) = RunOnce(Plain);
        (float[] again, float[] weightsAgain) = RunOnce(Plain);
        Assert.Equal(losses, again);
        Assert.Equal(weights, weightsAgain);
    }

    [Fact]
    public void Another_seed_gives_other_losses() => Assert.NotEqual(RunOnce(Plain).Losses, RunOnce(Plain with { Seed = 1 }).Losses);

    [Fact]
    public void Live_tensors_are_constant_from_step_to_step()
    {
        using MoCo method = new(Backbone());
        var counts = new List<long>();
        new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("16x5"), new Each(_ => counts.Add(torch.Tensor.TotalCount)));

        // The first step makes the optimizer's buffers.
        Assert.Equal(10, counts.Count);
        Assert.Single(counts.Skip(1).Distinct());
    }

    [Fact]
    public void A_run_leaves_no_tensor_behind()
    {
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (SimSiam method = Method()) new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("16x1,24x1"));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Progress_tells_position_resolution_and_rate()
    {
        using SimSiam method = Method();
        var reports = new List<TrainingProgress>();
        new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("16x2,24x1"), new Each(reports.Add));

        Assert.Equal(6, reports.Count);
        Assert.Equal([16, 16, 16, 16, 24, 24], reports.Select(r => r.Resolution));
        Assert.Equal([0, 0, 1, 1, 0, 0], reports.Select(r => r.Position.Epoch));
        Assert.Equal([0L, 1, 2, 3, 0, 1], reports.Select(r => r.Position.Step));
        Assert.Equal([0L, 1, 2, 3, 4, 5], reports.Select(r => r.Position.RunStep));
        Assert.All(reports, r => Assert.Equal(6, r.Position.RunStepCount));
        // A fresh cosine per stage: each begins at the full rate.
        Assert.Equal(0.05, reports[0].LearningRate, 12);
        Assert.Equal(0.05, reports[4].LearningRate, 12);
        Assert.True(reports[3].LearningRate < 0.02);
        Assert.Equal(TimeSpan.Zero, reports[^1].Remaining);
    }

    [Theory]
    [InlineData(null, (2 * 16) + (2 * 81))]
    [InlineData(5, (2 * 16) + 81)]
    public void The_time_that_is_left_is_told_by_pixels_and_without_what_is_done_but_once(int? limit, double unitsAfterSecond)
    {
        using SimSiam method = Method();
        var reports = new List<TrainingProgress>();
        var setup = TimeSpan.FromSeconds(0.5);
        // The first stage is announced within the first step.
        var slow = new CheckpointedRun.Lines(line =>
        {
            if (line.StartsWith("Stage 1: 16 px", StringComparison.Ordinal)) Thread.Sleep(setup);
        });
        TrainingResult result = new Trainer(Plain with { StepLimit = limit }, slow)
            .Run(method, Pictures, ResolutionSchedule.Parse("16x2,36x1"), new Each(reports.Add));

        // The second step has 16 units; what is left was told between its report and the next.
        double ratio = unitsAfterSecond / 16, first = result.SecondsToFirstStep;
        Assert.True(first > setup.TotalSeconds);
        Assert.InRange(reports[1].Remaining.TotalSeconds, (reports[1].Elapsed.TotalSeconds - first) * ratio - 1e-4,
            (reports[2].Elapsed.TotalSeconds - first) * ratio);
        Assert.True(reports[0].Remaining > reports[0].Elapsed);
    }

    [Fact]
    public void The_predictor_of_SimSiam_keeps_its_learning_rate()
    {
        // At the last steps of a cosine the scheduled weights hardly move, the predictor's do.
        using SimSiam method = Method();
        TrainerOptions options = Plain with { Optimizer = new SgdSettings { Momentum = 0, WeightDecay = 0 } };
        Dictionary<string, float[]>? before = null;
        Dictionary<string, float[]> after = [];
        new Trainer(options).Run(method, Pictures, ResolutionSchedule.Parse("16x50"), new Each(p =>
        {
            if (p.Position.RunStep == 97) before = Copy(method);
            if (p.Position.RunStep == 99) after = Copy(method);
        }));
        double Moved(string prefix) => after.Where(a =>
            a.Key.StartsWith(prefix, StringComparison.Ordinal) && a.Key.EndsWith("weight", StringComparison.Ordinal))
            .Average(a => a.Value.Zip(before![a.Key], (x, y) => Math.Abs(x - y)).Average() / a.Value.Average(Math.Abs));
        Assert.True(Moved("predictor") > 20 * Moved("projector"), $"{Moved("predictor")} against {Moved("projector")}");
    }

    [Fact]
    public void A_step_limit_ends_the_run()
    {
        using SimSiam method = Method();
        TrainingResult result = new Trainer(Plain with { StepLimit = 3 }).Run(method, Pictures, ResolutionSchedule.Parse("16x1,24x5,16x1"));
        Assert.Equal([2L, 1], result.Stages.Select(s => s.Steps));
        Assert.Equal(3, result.Losses.Count);
    }

    [Fact]
    public void A_set_smaller_than_the_batch_is_one_batch()
    {
        using SimSiam method = Method();
        TrainingResult result = new Trainer(Plain with { BatchSize = 64 }).Run(method, Pictures, ResolutionSchedule.Parse("16x2"));
        Assert.Equal(40, result.Stages[0].BatchSize);
        Assert.Equal(2, result.Steps);
    }

    [Fact]
    public void A_cancelled_run_stops_between_two_steps()
    {
        using SimSiam method = Method();
        using var cancel = new CancellationTokenSource();
        int steps = 0;
        Assert.Throws<OperationCanceledException>(() => new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("16x100"), new Each(_ =>
        {
            if (++steps == 3) cancel.Cancel();
        }), cancel.Token));
        Assert.Equal(3, steps);
    }

    [Fact]
    public void A_loss_that_is_no_number_stops_the_run_with_its_step()
    {
        using SimSiam method = Method();
        var error = Assert.Throws<TrainingFailedException>(() =>
            new Trainer(Plain with { LearningRate = 1e30 }).Run(method, Pictures, ResolutionSchedule.Parse("16x5")));
        Assert.Equal("The loss became NaN at step 1 (stage 1, epoch 1). A lower learning rate, a longer warm-up, or float32 instead of bfloat16 " +
            "usually helps.", error.Message);
        Assert.Equal(1, error.Warning.Position.RunStep);
    }

    [Fact]
    public void A_resolution_below_the_networks_least_is_refused()
    {
        using var method = new SimSiam(new ResNet(ResNetOptions.ResNet18 with { Width = 8 }), new SimSiamOptions
        {
            ProjectorWidth = 16,
            PredictorWidth = 8
        });
        var error = Assert.Throws<ArgumentException>(() => new Trainer(Plain).Run(method, Pictures, ResolutionSchedule.Parse("64x1,24x1")));
        Assert.Equal("schedule must not go below 32 px, the least that resnet18 takes, but has a stage of 24 px. (Parameter 'schedule')",
            error.Message);
    }

    [Fact]
    public void Unreadable_pictures_are_skipped_and_listed()
    {
        using SimSiam method = Method();
        TrainingResult result = new Trainer(Plain).Run(method, new Damaged(Pictures), ResolutionSchedule.Parse("16x1"));
        Assert.Equal(39, result.ImageCount);
        Assert.Equal([Pictures.GetName(7)], result.Skipped.Select(s => s.Name));
        Assert.Contains("cut", result.Skipped[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_that_are_left_are_refused_with_those_that_were_skipped()
    {
        using SimSiam method = Method();
        var lines = new CheckpointedRun.Lines();
        var error = Assert.Throws<ArgumentException>("images", () =>
            new Trainer(Plain, lines).Run(method, new Damaged(Pictures) { IsOnlyOne = false }, ResolutionSchedule.Parse("16x1")));
        Assert.Equal($"images must hold at least 2 pictures, but holds 1, as 39 were skipped; the first: '{Pictures.GetName(0)}': it was cut. " +
            "(Parameter 'images')", error.Message);
        Assert.Equal(Enumerable.Range(0, 40).Where(i => i != 7).Select(i => $"Skipped {Pictures.GetName(i)}: it was cut"), lines.Warnings);
    }

    [Fact]
    public void With_a_folder_for_pictures_the_second_run_reads_none_and_is_the_same()
    {
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 40, Size = 64 });
        using var folder = new Data.TemporaryFolder();
        float[] memory = Losses(pictures, null), first = Losses(pictures, folder.Path), second = Losses(new Unreadable(pictures), folder.Path);
        Assert.Equal(4, memory.Length);
        Assert.Equal(memory, first);
        Assert.Equal(memory, second);

        // Two levels: the grid of 64 for 32 px, and its half for 16.
        static float[] Losses(IImageDataset images, string? folder)
        {
            torch.manual_seed(5);
            using SimSiam method = Method();
            return [.. new Trainer(Plain with { CacheFolder = folder }).Run(method, images, ResolutionSchedule.Parse("16x1,32x1")).Losses];
        }
    }

    [Fact]
    public void Auto_precision_leaves_torchs_random_numbers_alone()
    {
        torch.manual_seed(3);
        using SimSiam method = Method();
        new Trainer(Plain with { Precision = Precision.Auto }).Run(method, Pictures, ResolutionSchedule.Parse("16x1"));
        using torch.Tensor after = torch.rand([4]);
        torch.manual_seed(3);
        using SimSiam same = Method();
        using torch.Tensor expected = torch.rand([4]);
        Assert.Equal(expected.bytes.ToArray(), after.bytes.ToArray());
    }

    private static ResNet Backbone() => new(new ResNetOptions { Width = 8, Stem = ResNetStem.SmallImage, StageCount = 3 });

    private static SimSiam Method() => new(Backbone(), new SimSiamOptions { ProjectorWidth = 16, PredictorWidth = 8 });

    private static (float[] Losses, float[] Weights) RunOnce(TrainerOptions options)
    {
        torch.manual_seed(5);
        using SimSiam method = Method();
        TrainingResult result = new Trainer(options).Run(method, Pictures, ResolutionSchedule.Parse("16x2"));
        return ([.. result.Losses], [.. Copy(method).Values.SelectMany(v => v)]);
    }

    private static Dictionary<string, float[]> Copy(SimSiam method)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return method.State.state_dict().Where(e => e.Value.dtype == torch.float32).ToDictionary(
            e => e.Key, e => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(e.Value.detach().contiguous().bytes).ToArray());
    }

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }

    private sealed class Unreadable(IImageDataset inner) : IImageDataset
    {
        public int Count => inner.Count;

        public IReadOnlyList<string> ClassNames => inner.ClassNames;

        public string? Identity => inner.Identity;

        public int GetLabel(int index) => inner.GetLabel(index);

        public string GetName(int index) => inner.GetName(index);

        public RgbImage Load(int index, int minimumSide = 0) => throw new InvalidOperationException("A picture was read.");
    }

    private sealed class Damaged(IImageDataset inner) : IImageDataset
    {
        /// <summary>Whether one picture is damaged, or all but that one.</summary>
        public bool IsOnlyOne { get; init; } = true;

        public int Count => inner.Count;

        public IReadOnlyList<string> ClassNames => inner.ClassNames;

        public int GetLabel(int index) => inner.GetLabel(index);

        public string GetName(int index) => inner.GetName(index);

        public RgbImage Load(int index, int minimumSide = 0) =>
            (index == 7) == IsOnlyOne ? throw new UnreadableImageException(GetName(7), "it was cut", null) : inner.Load(index, minimumSide);
    }

    /// <summary>Pictures that nobody may look at.</summary>
    private sealed class Unread : IImageDataset
    {
        public int Count { get; init; } = 40;

        public IReadOnlyList<string> ClassNames => [];

        public int GetLabel(int index) => throw new InvalidOperationException("The pictures are unlabelled.");

        public string GetName(int index) => "unread";

        public RgbImage Load(int index, int minimumSide = 0) => throw new InvalidOperationException("A picture was read.");
    }
}
