using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

public sealed class TrainingGuardTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 200, Size = 24 });

    private static readonly TrainerOptions Plain = new()
    {
        BatchSize = 50,
        LearningRate = 0.05,
        Precision = Precision.Float32,
        Threads = 1,
        Device = "cpu",
        Augmentations = [AugmentationOptions.Cifar],
    };

    // 4 steps an epoch: 100 steps.
    private static readonly ResolutionSchedule Hundred = ResolutionSchedule.Parse("24x25");

    [Theory]
    [InlineData(true, 0.3)]
    [InlineData(false, 0.3)]
    public void SimSiam_without_its_stop_gradient_is_noticed_within_a_hundred_steps_and_said_in_plain_words(bool normalised, double learningRate)
    {
        using IContrastiveMethod method = Collapsing(normalised);
        TrainingResult result = new Trainer(Plain with { LearningRate = learningRate }).Run(method, Pictures, Hundred);
        Assert.NotEmpty(result.Warnings);
        TrainingWarning warning = result.Warnings[0];
        Assert.Equal(TrainingFailure.Collapse, warning.Failure);
        Assert.True(warning.Position.RunStep < 100);
        Assert.Matches(@"^siamese has collapsed: embeddings (lie within 0\.\d+ of a constant|differ in 1\.\d directions only) since step \d+, " +
            "whatever the picture. Try a lower learning rate, a longer warm-up, a larger batch, or crops that show more of a picture " +
            "\\(MinimumArea\\).$", warning.Message);
        // The loss of a collapsed network looks fine, which is why somebody must look.
        Assert.InRange(result.Losses[^1], -1, -0.85);
    }

    [Theory]
    [InlineData("mocov2")]
    [InlineData("simclr")]
    [InlineData("simsiam")]
    [InlineData("byol")]
    [InlineData("instdisc")]
    public void A_divergence_is_noticed_within_a_hundred_steps(string name)
    {
        using IContrastiveMethod method = Healthy(name);
        TrainingWarning? seen = null;
        try
        {
            TrainingResult result = new Trainer(Plain with { LearningRate = 1000 }).Run(method, Pictures, Hundred);
            seen = result.Warnings[0];
        }
        catch (TrainingFailedException stopped)
        {
            seen = stopped.Warning;
        }

        Assert.Equal(TrainingFailure.Divergence, seen?.Failure);
        Assert.Matches(@"diverged: at step \d+ \(stage 1, epoch \d+\) the weights are .* times as long as at the start|The loss became",
            seen!.Message);
    }

    [Theory]
    [InlineData("mocov1")]
    [InlineData("mocov2")]
    [InlineData("simclr")]
    [InlineData("simsiam")]
    [InlineData("byol")]
    [InlineData("instdisc")]
    public void A_healthy_run_raises_nothing(string name)
    {
        using IContrastiveMethod method = Healthy(name);
        TrainerOptions preset = name switch
        {
            "simclr" => TrainerOptions.SimClr,
            "simsiam" => TrainerOptions.SimSiam,
            "byol" => TrainerOptions.Byol,
            "instdisc" => TrainerOptions.InstanceDiscrimination,
            _ => TrainerOptions.MoCo,
        };
        TrainingResult result = new Trainer(Plain with
        {
            LearningRate = preset.LearningRate,
            LearningRateSchedule = preset.LearningRateSchedule,
            ParameterGroups = preset.ParameterGroups,
        }).Run(method, Pictures, Hundred);
        Assert.Empty(result.Warnings);
        Assert.Equal(10, result.Metrics.Count);
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(4, true)]
    public void The_rank_of_a_few_pictures_tells_nothing(int pictures, bool isLookedAt)
    {
        using IContrastiveMethod method = Healthy("simclr");
        TrainingResult result = new Trainer(Plain with
        {
            BatchSize = pictures,
            LearningRate = 1e-9,
            StepLimit = 8,
            ReportEverySteps = 1,
            Guarding = new GuardOptions { LeastSpread = 0, LeastRank = 3.1, Patience = 1 },
        }).Run(method, Pictures, Hundred);
        // As images are to a network that was not trained, alike.
        Assert.Contains(result.Metrics, m => m.Metrics is { EffectiveRank: < 3.1, NegativeSimilarity: > 0.5 });
        Assert.Equal(isLookedAt, result.Warnings.Count > 0);
    }

    [Fact]
    public void Stopping_is_an_option()
    {
        using IContrastiveMethod method = Collapsing();
        var error = Assert.Throws<TrainingFailedException>(() => new Trainer(Plain with
        {
            LearningRate = 0.3,
            Guarding = new GuardOptions { Action = GuardAction.Stop },
        }).Run(method, Pictures, Hundred));
        Assert.Equal(error.Warning.Message, error.Message);
        Assert.Null(error.LastCheckpoint);
    }

    [Fact]
    public void Not_looking_is_an_option()
    {
        using IContrastiveMethod method = Collapsing();
        TrainingResult result = new Trainer(Plain with
        {
            LearningRate = 0.3,
            Guarding = new GuardOptions { Action = GuardAction.Off },
        }).Run(method, Pictures, Hundred);
        Assert.Empty(result.Warnings);
    }

    [Fact]
    public void Going_back_halves_the_learning_rate_and_ends_with_finite_losses()
    {
        torch.manual_seed(1).Dispose();
        using var method = new SimClr(Backbone(), new SimClrOptions { Temperature = 0.1 });
        var rates = new List<(long Step, double Rate)>();
        TrainingResult result = new Trainer(Plain with
        {
            LearningRate = 200,
            LearningRateSchedule = new LearningRateSchedule { Curve = LearningRateCurve.Constant },
            Guarding = new GuardOptions { Action = GuardAction.RollBack, SnapshotEverySteps = 5, MostRollBacks = 40 },
            ReportEverySteps = 5,
        }).Run(method, Pictures, ResolutionSchedule.Parse("24x10"), new Each(p => rates.Add((p.Position.RunStep, p.LearningRate))));
        Assert.NotEmpty(result.Warnings);
        Assert.True(rates[^1].Rate < 200);
        Assert.Equal(200 * Math.Pow(0.5, result.Warnings.Count), rates[^1].Rate, 9);
        Assert.Equal(40, result.Losses.Count);
        Assert.All(result.Losses, loss => Assert.True(float.IsFinite(loss)));
        Assert.Equal(40, result.Steps);
    }

    [Fact]
    public void Going_back_in_vain_ends_the_run()
    {
        using IContrastiveMethod method = Healthy("simclr");
        Assert.Throws<TrainingFailedException>(() => new Trainer(Plain with
        {
            LearningRate = 1e12,
            Guarding = new GuardOptions { Action = GuardAction.RollBack, MostRollBacks = 2 },
        }).Run(method, Pictures, Hundred));
    }

    [Fact]
    public void A_loss_that_is_no_number_ends_the_run_even_when_nobody_looks()
    {
        using IContrastiveMethod method = Healthy("simsiam");
        var error = Assert.Throws<TrainingFailedException>(() => new Trainer(Plain with
        {
            LearningRate = 1e30,
            Guarding = new GuardOptions { Action = GuardAction.Off },
        }).Run(method, Pictures, Hundred));
        Assert.Equal(TrainingFailure.Divergence, error.Warning.Failure);
        Assert.StartsWith("The loss became NaN at step 1 (stage 1, epoch 1).", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-0.1, "LeastSpread must be in [0, 1].")]
    [InlineData(1.5, "LeastSpread must be in [0, 1].")]
    public void Refuses_a_spread_that_no_embeddings_have(double spread, string message) =>
        Assert.StartsWith(message, Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { LeastSpread = spread }).Message,
            StringComparison.Ordinal);

    [Fact]
    public void Refuses_options_that_make_no_sense()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { Action = (GuardAction)9 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { LeastRank = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { MostGrowth = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { Patience = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { MostRollBacks = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new GuardOptions { SnapshotEverySteps = 0 });
    }

    private static SiameseWithoutStop Collapsing(bool normalised = true)
    {
        torch.manual_seed(1).Dispose();
        return new SiameseWithoutStop(Backbone(), normalised);
    }

    private static ResNet Backbone() => new(new ResNetOptions { Width = 8, Stem = ResNetStem.SmallImage, StageCount = 3 });

    private static IContrastiveMethod Healthy(string name)
    {
        torch.manual_seed(1).Dispose();
        ResNet backbone = Backbone();
        return name switch
        {
            "mocov1" => new MoCo(backbone, MoCoOptions.SmallDataV1),
            "mocov2" => new MoCo(backbone, MoCoOptions.SmallData),
            "simclr" => new SimClr(backbone, SimClrOptions.SmallData),
            "simsiam" => new SimSiam(backbone, new SimSiamOptions { ProjectorWidth = 64, PredictorWidth = 16 }),
            "byol" => new Byol(backbone, new ByolOptions { HiddenWidth = 64, EmbeddingDimension = 32 }),
            _ => new InstanceDiscrimination(backbone, InstanceDiscriminationOptions.SmallData),
        };
    }

    private sealed class Each(Action<TrainingProgress> act) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => act(value);
    }
}
