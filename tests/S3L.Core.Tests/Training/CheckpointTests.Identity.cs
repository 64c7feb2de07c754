using System.Globalization;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Backbones;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>Which run a checkpoint is of.</summary>
public sealed partial class CheckpointTests
{
    [Fact]
    public void An_empty_folder_is_begun_with()
    {
        var run = new CheckpointedRun("simclr");
        var lines = new CheckpointedRun.Lines();
        string folder = _folder.At("not/there/yet");
        run.Run(new CheckpointOptions(folder) { Resume = true }, logger: lines).MustBe(run.Run());
        Assert.Empty(lines.Warnings);
        Assert.DoesNotContain(lines.All, l => l.StartsWith("Resumed", StringComparison.Ordinal));
        Assert.Equal(2, Directory.GetFiles(folder).Length);
    }

    [Fact]
    public void A_folder_that_holds_checkpoints_is_refused_without_resuming()
    {
        var run = new CheckpointedRun("simclr");
        run.EndAfter(8, EachStep);
        var error = Assert.Throws<ArgumentException>(() => run.Run(EachStep));
        Assert.Equal("Options.Checkpoints.Folder holds step-000000008.safetensors of an earlier run. Set Resume to go on with it, or give this " +
            "run a folder of its own.", error.Message);
        Assert.Equal([CheckpointedRun.FileAt(7), CheckpointedRun.FileAt(8)], CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void A_folder_that_another_run_uses_is_refused_until_that_one_has_ended()
    {
        var run = new CheckpointedRun("simclr");
        CheckpointOptions resuming = EachStep with { Resume = true };
        ArgumentException? error = null;
        CheckpointedRun.Outcome outcome = run.Run(EachStep, afterStep: position =>
        {
            if (position.RunStep != 5) return;
            Assert.True(File.Exists(_folder.At(CheckpointedRun.Lock)));
            error = Assert.Throws<ArgumentException>(() => run.Run(resuming));
        });
        Assert.Equal($"Options.Checkpoints.Folder must be one that no other run uses, but another run uses '{_folder.Path}'. Wait until that one " +
            "has ended, or give this run a folder of its own.", error?.Message);
        Assert.False(File.Exists(_folder.At(CheckpointedRun.Lock)));
        run.Run(resuming, seed: 2).MustBe(outcome);
    }

    [Fact]
    public void The_lock_of_a_killed_run_holds_nobody_up()
    {
        _folder.Write(CheckpointedRun.Lock, []);
        new CheckpointedRun("simclr").Run(EachStep);
        Assert.False(File.Exists(_folder.At(CheckpointedRun.Lock)));
    }

    [Fact]
    public void A_checkpoint_of_a_network_with_the_same_name_and_shapes_is_refused()
    {
        var options = new ResNetOptions { Name = "tiny", Width = 2, StageCount = 1 };
        new CheckpointedRun(_ => new SimClr(new ResNet(options))).EndAfter(3, EachStep);
        var other = new CheckpointedRun(_ => new SimClr(new ResNet(options with { ZeroInitResidual = true })));
        Assert.Contains("its description of the backbone is {",
            Assert.Throws<ArgumentException>(() => other.Run(EachStep with { Resume = true })).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("seed is 0, but this run's is 1")]
    [InlineData("schedule is 16x2,24x2, but this run's is 16x2,24x3")]
    [InlineData("schedule is 16x2,24x2, but this run's is 16x2:batch=10,24x2:rate=0.1")]
    [InlineData("batch size is 16, but this run's is 15")]
    [InlineData("learning rate is 0.05, but this run's is 0.051")]
    [InlineData("method is simclr, but this run's is simsiam")]
    [InlineData("backbone is tiny, but this run's is other")]
    [InlineData("pictures is 50, but this run's is 49")]
    [InlineData("optimizer is SgdSettings {\"Momentum\":0.9,\"Nesterov\":false,\"WeightDecay\":0.0005,\"ExcludeBiasesAndNorms\":false}, but this " +
        "run's is SgdSettings {\"Momentum\":0.8,\"Nesterov\":false,\"WeightDecay\":0.0005,\"ExcludeBiasesAndNorms\":false}")]
    [InlineData("parameter groups is [], but this run's is [{\"Prefix\":\"backbone.\",\"LearningRateFactor\":0.5,\"WeightDecay\":null," +
        "\"FollowsSchedule\":true}]")]
    public void A_checkpoint_of_another_run_is_refused(string difference)
    {
        var run = new CheckpointedRun("simclr");
        run.EndAfter(3, EachStep);
        CheckpointedRun other = difference.Split(' ')[0] switch
        {
            "seed" => run with { Options = run.Options with { Seed = 1 } },
            "schedule" when !difference.EndsWith("0.1", StringComparison.Ordinal) => run with { Schedule = ResolutionSchedule.Parse("16x2,24x3") },
            "schedule" => run with
            {
                Schedule = new ResolutionSchedule(
                    new ResolutionStage(16, 2) { BatchSize = 10 }, new ResolutionStage(24, 2) { LearningRate = 0.1 }),
            },
            "batch" => run with { Options = run.Options with { BatchSize = 15 } },
            "learning" => run with { Options = run.Options with { LearningRate = 0.051 } },
            "method" => new CheckpointedRun("simsiam"),
            "backbone" => new CheckpointedRun(_ => new SimClr(new ResNet(new ResNetOptions { Name = "other", Width = 2, StageCount = 1 }))),
            "pictures" => run with { PictureCount = 49 },
            "parameter" => run with
            {
                Options = run.Options with { ParameterGroups = [new ParameterGroup("backbone.") { LearningRateFactor = 0.5 }] },
            },
            _ => run with { Options = run.Options with { Optimizer = new SgdSettings { Momentum = 0.8 } } },
        };
        var error = Assert.Throws<ArgumentException>(() => other.Run(EachStep with { Resume = true }));
        Assert.Equal($"'{PathAt(3)}' is of another run: its {difference}. Give this run a folder of its own, or the settings of that one.",
            error.Message);
        Assert.Equal([CheckpointedRun.FileAt(2), CheckpointedRun.FileAt(3)], CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void Elements_of_lists_tell_runs_apart()
    {
        var run = new CheckpointedRun("simclr");
        run.EndAfter(3, EachStep);
        AugmentationOptions augmentation = run.Options.Augmentations[0];
        Refused(run.Options with { Augmentations = [augmentation with { Statistics = ColorStatistics.Cifar10 }] }, "augmentations");
        Refused(run.Options with { Augmentations = [augmentation, augmentation with { FlipProbability = 0.4 }] }, "augmentations");
        Refused(run.Options with { LearningRateSchedule = new LearningRateSchedule { Milestones = [0.6, 0.9] } }, "learning-rate schedule");

        void Refused(TrainerOptions options, string what) => Assert.Contains($"is of another run: its {what} is",
            Assert.Throws<ArgumentException>(() => (run with { Options = options }).Run(EachStep with { Resume = true })).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Equal_settings_that_were_written_otherwise_are_of_the_same_run()
    {
        var run = new CheckpointedRun("simclr");
        run.EndAfter(3, EachStep);
        AugmentationOptions augmentation = run.Options.Augmentations[0];
        CheckpointedRun same = run with
        {
            Options = run.Options with
            {
                LearningRateSchedule = new LearningRateSchedule { Milestones = new List<double> { 0.6, 0.8 } },
                Augmentations = new List<AugmentationOptions>
                {
                    augmentation with { Statistics = new ColorStatistics([.. augmentation.Statistics.Mean], [.. augmentation.Statistics.Deviation]) },
                },
                ParameterGroups = new List<ParameterGroup>(),
            },
        };
        CultureInfo before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo("") { NumberFormat = { NumberDecimalSeparator = "," } };
            same.Run(EachStep with { Resume = true }, seed: 2).MustBe(run.Run());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void A_checkpoint_of_other_shapes_is_refused()
    {
        // Two networks of one name without settings, as a user's own may be.
        using ResNet tiny = KnownMethods.Backbone();
        ResNetOptions narrow = tiny.Options;
        new CheckpointedRun(_ => new SimClr(new Untold(new ResNet(narrow)))).EndAfter(3, EachStep);
        var other = new CheckpointedRun(_ => new SimClr(new Untold(new ResNet(narrow with { Width = 4 }))));
        var error = Assert.Throws<InvalidDataException>(() => other.Run(EachStep with { Resume = true }));
        Assert.Equal($"'{_folder.At(CheckpointedRun.FileAt(3))}': The checkpoint does not fit: " +
            "backbone.conv1.weight is [2, 3, 3, 3] in it, but [4, 3, 3, 3] here.", error.Message);
    }

    private sealed class Untold(IBackbone inner) : WrappedBackbone(inner);
}
