using Microsoft.Extensions.Logging;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Training;
using S3L.Core.Training;

namespace S3L.Core.Tests.Engine;

/// <summary>What becomes of the settings that need more than TorchSharp has.</summary>
public sealed class EngineFallbackTests
{
    private static readonly SyntheticImages Pictures = new(new SyntheticImagesOptions { Count = 16, Size = 16 });

    [Fact]
    public void The_best_precision_is_float32_and_the_log_says_so_once()
    {
        var log = new CheckpointedRun.Lines();
        TrainingResult result = Run(Precision.Auto, log);

        Assert.All(result.Stages, s => Assert.Equal(Precision.Float32, s.Precision));
        string said = Assert.Single(log.All, t => t.Contains("engine", StringComparison.Ordinal));
        Assert.Equal("The TorchSharp engine has no bfloat16 and channels-last maps: float32 in the default layout takes their place", said);
    }

    [Fact]
    public void Bfloat16_that_was_asked_for_is_refused()
    {
        var error = Assert.Throws<ArgumentException>(() => Run(Precision.BFloat16));
        Assert.Equal("Options.Precision must be Auto or Float32: the TorchSharp engine has no bfloat16.", error.Message);
    }

    [Fact]
    public void So_it_is_for_fine_tuning()
    {
        using ImageCache pictures = ImageCache.Build(Pictures, 16, 1);
        using var network = new ResNet(ResNetOptions.ResNet18 with { StageCount = 1, Stem = ResNetStem.SmallImage });
        var error = Assert.Throws<ArgumentException>(() =>
            new FineTuner(new FineTunerOptions { Precision = Precision.BFloat16 }).Run(network, pictures, pictures, 16));
        Assert.Equal("Options.Precision must be Auto or Float32: the TorchSharp engine has no bfloat16.", error.Message);
    }

    private static TrainingResult Run(Precision precision, ILogger<Trainer>? logger = null)
    {
        using var method = new SimSiam(new ResNet(ResNetOptions.ResNet18 with { StageCount = 1, Stem = ResNetStem.SmallImage }));
        var options = new TrainerOptions { BatchSize = 8, Precision = precision, Threads = 1, Device = "cpu" };
        return new Trainer(options, logger).Run(method, Pictures, ResolutionSchedule.Parse("8x1,16x1"));
    }
}
