using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using S3L.Core.Backbones;
using S3L.Core.Training;

namespace S3L.Core.Tests.DependencyInjection;

public sealed class S3LServiceCollectionExtensionsTests
{
    [Fact]
    public void The_trainer_has_the_given_settings_and_is_one()
    {
        using ServiceProvider services = new ServiceCollection().AddS3L(TrainerOptions.SimClr).BuildServiceProvider();
        var trainer = services.GetRequiredService<Trainer>();
        Assert.Same(TrainerOptions.SimClr, trainer.Options);
        Assert.Same(trainer.Options, services.GetRequiredService<IOptions<TrainerOptions>>().Value);
        Assert.Same(trainer, services.GetRequiredService<Trainer>());
    }

    [Fact]
    public void Without_settings_it_has_the_defaults()
    {
        using ServiceProvider services = new ServiceCollection().AddS3L().BuildServiceProvider();
        Assert.Equal(new TrainerOptions().BatchSize, services.GetRequiredService<Trainer>().Options.BatchSize);
    }

    [Fact]
    public void All_settings_of_a_configuration_are_laid_over_the_given_ones()
    {
        TrainerOptions options = Options(TrainerOptions.SimSiam, ("batchsize", "32"), ("LearningRate", "0.25"), ("Precision", "bfloat16"),
            ("Threads", "3"), ("Device", "cpu"), ("CacheFolder", "kept"), ("Seed", "7"), ("ReportEverySteps", "5"),
            ("StepLimit", "99"), ("Checkpoints:Folder", "here"),
            ("Checkpoints:EverySteps", "50"), ("Checkpoints:KeepLast", "4"), ("Checkpoints:Resume", "true"),
            ("Checkpoints:SaveWhenCancelled", "false"), ("Guarding:Action", "rollback"), ("Guarding:LeastSpread", "0.2"),
            ("Guarding:LeastRank", "2.5"), ("Guarding:MostGrowth", "4"), ("Guarding:Patience", "6"),
            ("Guarding:MostRollBacks", "2"), ("Guarding:SnapshotEverySteps", "10"));
        Assert.Equal(TrainerOptions.SimSiam with
        {
            BatchSize = 32,
            LearningRate = 0.25,
            Precision = Precision.BFloat16,
            Threads = 3,
            Device = "cpu",
            Seed = 7,
            ReportEverySteps = 5,
            StepLimit = 99,
            CacheFolder = "kept",
            Checkpoints = new CheckpointOptions("here") { EverySteps = 50, KeepLast = 4, Resume = true, SaveWhenCancelled = false },
            Guarding = new GuardOptions
            {
                Action = GuardAction.RollBack,
                LeastSpread = 0.2,
                LeastRank = 2.5,
                MostGrowth = 4,
                Patience = 6,
                MostRollBacks = 2,
                SnapshotEverySteps = 10,
            },
        }, options);
    }

    [Fact]
    public void Checkpoints_may_move_to_another_folder_or_change_in_place()
    {
        TrainerOptions given = new() { Checkpoints = new CheckpointOptions("here") { KeepLast = 5 } };
        Assert.Equal(new CheckpointOptions("there") { KeepLast = 5 }, Options(given, ("Checkpoints:Folder", "there")).Checkpoints);
        Assert.Equal(new CheckpointOptions("here") { KeepLast = 3 }, Options(given, ("Checkpoints:KeepLast", "3")).Checkpoints);
    }

    [Theory]
    [InlineData("Rate", "1", "is not known here; known are BatchSize, LearningRate, Precision, StepReplay, Threads, Device, CacheFolder, Seed, "
        + "ReportEverySteps, StepLimit, Checkpoints, Guarding.")]
    [InlineData("Checkpoints:Keep", "1", "is not known here; known are Folder, EverySteps, KeepLast, Resume, SaveWhenCancelled.",
        "Checkpoints:Folder")]
    [InlineData("Checkpoints", "", "must hold a Folder, but holds none.")]
    [InlineData("BatchSize", "many", "must be an integer, but is 'many'.")]
    [InlineData("LearningRate", "0,5x", "must be a number, but is '0,5x'.")]
    [InlineData("Precision", "half", "must be one of Auto, Float32, BFloat16, but is 'half'.")]
    [InlineData("Precision", "7", "must be one of Auto, Float32, BFloat16, but is '7'.")]
    [InlineData("Device", "", "must be a text, but is ''.")]
    [InlineData("Checkpoints:Resume", "perhaps", "must be true or false, but is 'perhaps'.", "Checkpoints:Folder")]
    [InlineData("BatchSize", "1", "is refused: BatchSize must be at least 2. (Parameter 'BatchSize')\nActual value was 1.")]
    public void A_wrong_setting_is_refused_by_its_path(string name, string value, string reason, string? other = null)
    {
        (string, string)[] settings = other is null ? [(name, value)] : [(name, value), (other, "here")];
        OptionsValidationException refused = Assert.Throws<OptionsValidationException>(() => Options(new TrainerOptions(), settings));
        Assert.Equal($"The setting S3L:{name} {reason}", Assert.Single(refused.Failures));
    }

    [Fact]
    public void A_missing_argument_is_refused()
    {
        Assert.Equal("services", Assert.Throws<ArgumentNullException>(() => ((IServiceCollection)null!).AddS3L()).ParamName);
        Assert.Equal("section", Assert.Throws<ArgumentNullException>(() => new ServiceCollection().AddS3L((IConfiguration)null!)).ParamName);
    }

    private static TrainerOptions Options(TrainerOptions given, params (string Name, string Value)[] settings)
    {
        IConfiguration configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(settings.Select(s => KeyValuePair.Create("S3L:" + s.Name, (string?)s.Value)))
            .Build();
        using ServiceProvider services = new ServiceCollection().AddS3L(configuration.GetSection("S3L"), given).BuildServiceProvider();
        return services.GetRequiredService<Trainer>().Options;
    }
}
