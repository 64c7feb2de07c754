using System.Globalization;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Core.Weights;
using S3L.Testing;
using Outcome = S3L.Core.Tests.Training.CheckpointedRun.Outcome;

namespace S3L.Core.Tests.Training;

/// <summary>A run that was ended and gone on with is the run that was not, bit by bit; and the folder holds what it should.</summary>
public sealed partial class CheckpointTests : IDisposable
{
    // Within an epoch, at the end of one, at the end of a stage, and the same in the second stage.
    private static readonly long[] Ends = [1, 3, 4, 6, 8, 9, 11];

    private readonly TemporaryFolder _folder = new();

    private CheckpointOptions Checkpoints => new(_folder.Path);

    private CheckpointOptions EachStep => Checkpoints with { EverySteps = 1 };

    private string PathAt(long step) => _folder.At(CheckpointedRun.FileAt(step));

    [Theory]
    [MemberData(nameof(KnownMethods.NamesOfAllVariants), MemberType = typeof(KnownMethods))]
    public void A_run_that_is_ended_again_and_again_ends_as_one_that_was_not(string name)
    {
        var run = new CheckpointedRun(name);
        run.EndAndGoOn(EachStep, Ends).MustBe(run.Run());
    }

    [Theory]
    [InlineData(1, 1L)]
    [InlineData(3, 1L)]
    [InlineData(4, 1L)]
    [InlineData(6, 1L)]
    [InlineData(7, 1L)]
    [InlineData(9, 1L)]
    [InlineData(11, 1L)]
    [InlineData(4, null)]
    [InlineData(6, null)]
    [InlineData(8, null)]
    [InlineData(11, null)]
    [InlineData(11, 4L)]
    public void One_end_anywhere_changes_nothing(int end, long? everySteps)
    {
        // Sampled candidates and CutMix draw from torch's own random numbers.
        var run = new CheckpointedRun("instdisc");
        run.EndAndGoOn(Checkpoints with { EverySteps = everySteps }, end).MustBe(run.Run());
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("nesterov")]
    [InlineData("lars")]
    [InlineData("adamw")]
    public void What_an_optimizer_remembers_is_saved(string optimizer)
    {
        var run = new CheckpointedRun("simsiam")
        {
            Options = CheckpointedRun.Plain with
            {
                LearningRate = optimizer == "adamw" ? 0.01 : 0.2,
                Optimizer = optimizer switch
                {
                    "lars" => new LarsSettings { TrustCoefficient = 0.1 },
                    "adamw" => new AdamWSettings(),
                    _ => new SgdSettings { Nesterov = optimizer == "nesterov" },
                },
                ParameterGroups = [new ParameterGroup("projector.") { LearningRateFactor = 0.5, WeightDecay = 0 }],
            },
        };
        run.EndAndGoOn(EachStep, Ends).MustBe(run.Run());
    }

    [Fact]
    public void A_stages_own_batch_and_rate_hold_after_it_was_ended()
    {
        var run = new CheckpointedRun("mocov2")
        {
            Schedule = new ResolutionSchedule(
                new ResolutionStage(16, 2), new ResolutionStage(24, 2) { BatchSize = 10, LearningRate = 0.02 }, new ResolutionStage(16, 1)),
        };
        Outcome undisturbed = run.Run();
        Assert.Equal([6L, 10, 3], undisturbed.Result.Stages.Select(s => s.Steps));
        run.EndAndGoOn(EachStep, 5, 6, 8, 11, 16, 17).MustBe(undisturbed);
    }

    [Fact]
    public void Saving_changes_nothing()
    {
        var run = new CheckpointedRun("instdisc");
        run.Run(EachStep).MustBe(run.Run());
    }

    [Fact]
    public void A_run_that_came_to_its_end_makes_its_last_steps_again()
    {
        var run = new CheckpointedRun("byol");
        Outcome first = run.Run(Checkpoints);
        var lines = new CheckpointedRun.Lines();
        run.Run(Checkpoints with { Resume = true }, seed: 2, lines).MustBe(first);
        Assert.Contains($"Resumed from {PathAt(9)} at step 9 of 12", lines.All);
    }

    [Fact]
    public void A_step_limit_leaves_a_run_that_can_be_ended()
    {
        var run = new CheckpointedRun("mocov1") { Options = CheckpointedRun.Plain with { StepLimit = 8 } };
        Outcome undisturbed = run.Run();
        Assert.Equal(8, undisturbed.Result.Losses.Count);
        run.EndAndGoOn(EachStep, 2, 7).MustBe(undisturbed);
    }

    [Theory]
    [InlineData(1, 5)]
    [InlineData(2, 5)]
    [InlineData(5, 2)]
    [InlineData(3, 4)]
    public void Returns_to_a_healthy_state_are_made_again_after_an_end(int everySteps, int snapshotEverySteps)
    {
        CheckpointedRun run = TooFast(snapshotEverySteps, mostRollBacks: 100);
        using var other = new TemporaryFolder();
        Outcome undisturbed = run.Run(new CheckpointOptions(other.Path) { EverySteps = everySteps });
        Assert.Equal([0, 1], undisturbed.Result.Warnings.Select(w => w.Position.Stage).Distinct());
        run.EndAndGoOn(Checkpoints with { EverySteps = everySteps }, 2, 4, 6, 8, 9, 11).MustBe(undisturbed);
    }

    [Fact]
    public void Returns_before_an_end_count_after_it()
    {
        IReadOnlyList<TrainingWarning> returns = TooFast(100, mostRollBacks: 100).EndAndGoOn(EachStep, 6).Result.Warnings;
        Assert.Equal([0, 1], returns.Select(r => r.Position.Stage).Distinct());
        using var other = new TemporaryFolder();
        CheckpointOptions checkpoints = new(other.Path) { EverySteps = 1 };
        CheckpointedRun run = TooFast(100, returns.Count - 1);
        run.EndAfter(6, checkpoints);
        var error = Assert.Throws<TrainingFailedException>(() => run.Run(checkpoints with { Resume = true }));
        Assert.Equal(returns[^1], error.Warning);
    }

    [Fact]
    public void A_run_that_went_on_can_return_to_where_it_went_on()
    {
        // The first stage is healthy; the next snapshot of the guard would be taken long after the second diverges.
        var run = new CheckpointedRun("simclr")
        {
            Schedule = new ResolutionSchedule(new ResolutionStage(16, 2), new ResolutionStage(24, 2) { LearningRate = 1e4 }),
            Options = CheckpointedRun.Plain with
            {
                ReportEverySteps = 1,
                Guarding = new GuardOptions { Action = GuardAction.RollBack, MostRollBacks = 40, LeastSpread = 0, LeastRank = 0 },
            },
        };
        Outcome outcome = run.EndAndGoOn(EachStep, 6);
        Assert.NotEmpty(outcome.Result.Warnings);
        Assert.Equal(12, outcome.Result.Losses.Count);
    }

    [Fact]
    public void Growth_is_measured_from_the_first_step_of_the_run()
    {
        var run = new CheckpointedRun(seed =>
        {
            IContrastiveMethod method = KnownMethods.CreateUnbegun("simclr", seed);
            using IDisposable quiet = torch.no_grad();
            // To weights like these, those of the run are as good as nothing.
            if (seed > 1) foreach (Parameter parameter in method.State.parameters()) parameter.mul_(1000);
            return method;
        })
        {
            Options = CheckpointedRun.Plain with { Guarding = new GuardOptions { LeastSpread = 0, LeastRank = 0 } },
        };
        Outcome undisturbed = run.Run();
        Assert.Empty(undisturbed.Result.Warnings);
        run.EndAndGoOn(EachStep, Ends).MustBe(undisturbed);
    }

    [Theory]
    [InlineData(null, 3, 6, 9)]
    [InlineData(1L, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)]
    [InlineData(4L, 4, 8)]
    [InlineData(5L, 5, 10)]
    [InlineData(6L, 6)]
    [InlineData(100L)]
    public void Checkpoints_are_written_when_they_are_due(long? everySteps, params int[] steps)
    {
        new CheckpointedRun("simclr").Run(Checkpoints with { EverySteps = everySteps, KeepLast = 20 });
        Assert.Equal(steps.Select(s => CheckpointedRun.FileAt(s)), CheckpointedRun.Files(_folder));
    }

    [Theory]
    [InlineData(true, 3, 5)]
    [InlineData(false, 3)]
    public void A_cancelled_run_is_saved_where_it_stops_unless_that_is_not_wanted(bool wanted, params int[] steps)
    {
        using var cancel = new CancellationTokenSource();
        var lines = new CheckpointedRun.Lines();
        var run = new CheckpointedRun("simclr");
        Assert.Throws<OperationCanceledException>(() => run.Run(Checkpoints with { SaveWhenCancelled = wanted }, logger: lines, afterStep: p =>
        {
            if (p.RunStep + 1 == 5) cancel.Cancel();
        }, cancellation: cancel.Token));
        Assert.Equal(steps.Select(s => CheckpointedRun.FileAt(s)), CheckpointedRun.Files(_folder));
        Assert.Equal(wanted, lines.All.Contains($"Stopped at step 5 of 12; the last checkpoint is {PathAt(5)}"));
        run.Run(Checkpoints with { Resume = true }, seed: 2).MustBe(run.Run());
    }

    [Fact]
    public void A_run_that_is_cancelled_before_its_first_step_saves_nothing()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = CheckpointedRun.Pictures, Size = 24 });
        using ImageCache cache = ImageCache.Build(pictures, 24, threads: 1);
        using IContrastiveMethod method = KnownMethods.CreateUnbegun("simclr", 1);
        var trainer = new Trainer(CheckpointedRun.Plain with { Checkpoints = EachStep });
        Assert.Throws<OperationCanceledException>(() =>
            trainer.Run(method, cache, ResolutionSchedule.Parse("16x2"), cancellation: cancel.Token));
        Assert.Empty(CheckpointedRun.Files(_folder));
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void As_many_are_kept_as_are_asked_for_and_nothing_else(int keepLast)
    {
        var seen = new List<string[]>();
        new CheckpointedRun("simclr").Run(EachStep with { KeepLast = keepLast }, afterStep: _ => seen.Add(CheckpointedRun.Files(_folder)));
        seen.Add(CheckpointedRun.Files(_folder));
        Assert.Equal(13, seen.Count);
        for (int i = 0; i < seen.Count; i++)
        {
            // After the i-th step, those of the i-1 steps before it; the last of all leaves none.
            int newest = Math.Min(i, 11);
            Assert.Equal(Enumerable.Range(1, newest).TakeLast(keepLast).Select(s => CheckpointedRun.FileAt(s)), seen[i]);
        }
    }

    [Fact]
    public void What_a_killed_run_left_half_written_is_not_kept()
    {
        var run = new CheckpointedRun("simclr");
        run.EndAfter(5, EachStep);
        byte[] half = File.ReadAllBytes(PathAt(5))[..1000];
        _folder.Write(CheckpointedRun.FileAt(6) + ".part", half);
        _folder.Write(CheckpointedRun.FileAt(500) + ".part", half);
        _folder.Write("best.safetensors.part", half);
        run.Run(EachStep with { Resume = true }, seed: 2).MustBe(run.Run());
        Assert.Equal([CheckpointedRun.FileAt(10), CheckpointedRun.FileAt(11)], CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void Other_files_in_the_folder_are_left_alone()
    {
        string[] others = [_folder.Write("step-best.safetensors", [1]), _folder.Write("notes.txt", [2]), _folder.Write("step-000000099.pt", [3])];
        new CheckpointedRun("simclr").Run(EachStep);
        Assert.All(others, o => Assert.True(File.Exists(o)));
        Assert.Equal(5, CheckpointedRun.Files(_folder).Length);
    }

    [Fact]
    public void Nothing_is_saved_while_the_run_looks_collapsed()
    {
        CheckpointedRun run = LooksCollapsed(GuardAction.Warn);
        var lines = new CheckpointedRun.Lines();
        Outcome outcome = run.Run(EachStep with { KeepLast = 20 }, logger: lines);
        // The first report comes with the fourth step, before its checkpoint.
        Assert.Equal([CheckpointedRun.FileAt(1), CheckpointedRun.FileAt(2), CheckpointedRun.FileAt(3)], CheckpointedRun.Files(_folder));
        Assert.Contains("since step 3,", Assert.Single(outcome.Result.Warnings).Message, StringComparison.Ordinal);
        Assert.Equal(Enumerable.Range(4, 8).Select(s => $"No checkpoint at step {s}: the run looks collapsed or diverged there"),
            lines.Warnings.Where(w => w.StartsWith("No checkpoint", StringComparison.Ordinal)));

        run.Run(EachStep with { KeepLast = 20, Resume = true }, seed: 2).MustBe(outcome);
    }

    [Fact]
    public void A_run_that_failed_names_its_last_good_checkpoint()
    {
        CheckpointedRun run = LooksCollapsed(GuardAction.Stop);
        var error = Assert.Throws<TrainingFailedException>(() => run.Run(EachStep));
        Assert.Equal(PathAt(3), error.LastCheckpoint);
        Assert.Equal($"{error.Warning.Message} The last good checkpoint is {PathAt(3)}.", error.Message);

        // Also where it was not this process that wrote it.
        error = Assert.Throws<TrainingFailedException>(() => run.Run(EachStep with { Resume = true }));
        Assert.Equal(PathAt(3), error.LastCheckpoint);
    }

    [Theory]
    [InlineData(1, GuardAction.Warn)]
    [InlineData(3, GuardAction.Warn)]
    [InlineData(100, GuardAction.Warn)]
    [InlineData(1, GuardAction.Off)]
    [InlineData(100, GuardAction.Off)]
    public void The_last_good_checkpoint_of_a_run_that_diverged_is_from_before_it_did(int reportEverySteps, GuardAction action)
    {
        var run = new CheckpointedRun("simsiam")
        {
            Schedule = new ResolutionSchedule(new ResolutionStage(16, 2), new ResolutionStage(24, 2) { LearningRate = 1e30 }),
            Options = CheckpointedRun.Plain with
            {
                ReportEverySteps = reportEverySteps,
                Guarding = new GuardOptions { Action = action, LeastSpread = 0, LeastRank = 0 },
            },
        };
        var error = Assert.Throws<TrainingFailedException>(() => run.Run(EachStep with { KeepLast = 20 }));
        // Its first step of the second stage has a loss like any other, and leaves weights of 1e30.
        Assert.Equal(PathAt(6), error.LastCheckpoint);
        Assert.Equal(6, CheckpointedRun.Files(_folder).Length);
        Assert.Equal("The loss became NaN at step 7 (stage 2, epoch 1). A lower learning rate, a longer warm-up, or float32 instead of bfloat16 " +
            $"usually helps. The last good checkpoint is {PathAt(6)}.", error.Message);
        using DisposeScope scope = torch.NewDisposeScope();
        Assert.All(Safetensors.Load(PathAt(6)).Where(t => t.Key.StartsWith("method.", StringComparison.Ordinal) && t.Value.dtype == torch.float32),
            t => Assert.All(t.Value.Floats(), x => Assert.InRange(x, -100, 100)));
    }

    [Fact]
    public void Reported_losses_are_the_same_with_and_without_checkpoints()
    {
        var run = new CheckpointedRun("simclr") { Options = CheckpointedRun.Plain with { ReportEverySteps = 3 } };
        var lines = new CheckpointedRun.Lines();
        run.Run(EachStep, logger: lines);
        var without = new CheckpointedRun.Lines();
        run.Run(logger: without);
        string[] losses = [.. Losses(lines)];
        Assert.Equal(4, losses.Length);
        Assert.Equal(Losses(without), losses);

        static IEnumerable<string> Losses(CheckpointedRun.Lines from) =>
            from.All.Where(l => l.Contains("loss", StringComparison.Ordinal)).Select(l => l.Split(',')[0]);
    }

    [Fact]
    public void Options_that_make_no_sense_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new CheckpointOptions(""));
        Assert.StartsWith("EverySteps must be at least 1.", Assert.Throws<ArgumentOutOfRangeException>(() =>
            Checkpoints with { EverySteps = 0 }).Message, StringComparison.Ordinal);
        Assert.StartsWith("KeepLast must be at least 2.", Assert.Throws<ArgumentOutOfRangeException>(() =>
            Checkpoints with { KeepLast = 1 }).Message, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A run that diverges in both stages until its learning rate has been halved several times.</summary>
    private static CheckpointedRun TooFast(int snapshotEverySteps, int mostRollBacks) => new("simclr")
    {
        Schedule = new ResolutionSchedule(new ResolutionStage(16, 2), new ResolutionStage(24, 2) { LearningRate = 1e8 }),
        Options = CheckpointedRun.Plain with
        {
            LearningRate = 300,
            LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Constant },
            ReportEverySteps = 2,
            Guarding = new GuardOptions
            {
                Action = GuardAction.RollBack,
                SnapshotEverySteps = snapshotEverySteps,
                MostRollBacks = mostRollBacks,
                LeastSpread = 0,
                LeastRank = 0,
            },
        },
    };

    /// <summary>A run whose guard asks for more than any embeddings have: bad from the first report on, told of at the second.</summary>
    private static CheckpointedRun LooksCollapsed(GuardAction action) => new("simclr")
    {
        Options = CheckpointedRun.Plain with { Guarding = new GuardOptions { Action = action, LeastSpread = 1, Patience = 2 } },
    };
}
