using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Core.Weights;

namespace ConsumerService;

/// <summary>Pretrains in the background until the schedule is done or the host stops; the next start goes on from the checkpoint.</summary>
internal sealed class PretrainingService(Trainer trainer, IOptions<PretrainingSettings> settings, IHostApplicationLifetime application,
    ILogger<PretrainingService> logger) : BackgroundService
{
    // A run keeps its thread until it is done, and the host's is not ours.
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => Run(stoppingToken), CancellationToken.None);

    private void Run(CancellationToken stopping)
    {
        try
        {
            Pretrain(settings.Value, stopping);
        }
        catch (OperationCanceledException)
        {
            logger.LogInformation("Stopped before the end; the next start goes on from the checkpoint");
        }
        catch (Exception e)
        {
            // The exit code is what a supervisor sees.
            logger.LogCritical(e, "Pretraining failed");
            Environment.ExitCode = 1;
        }
        finally
        {
            application.StopApplication();
        }
    }

    private void Pretrain(PretrainingSettings wanted, CancellationToken stopping)
    {
        // Checkpoints hold all that is random after the first step; the weights before it follow from this seed.
        torch.manual_seed(trainer.Options.Seed);
        IImageDataset pictures = wanted.Pictures == "synthetic"
            ? new SyntheticImages(new SyntheticImagesOptions { Count = 200, Size = 32 })
            : ImageDataset.Open(wanted.Pictures);
        using var owned = pictures as IDisposable;
        using var method = new MoCo(new ResNet(ResNetOptions.ResNet18 with { StageCount = 2 }), MoCoOptions.SmallData);
        TrainingResult result = trainer.Run(method, pictures, ResolutionSchedule.Parse(wanted.Schedule), new Lines(logger), stopping);
        if (Path.GetDirectoryName(Path.GetFullPath(wanted.Weights)) is { } folder) Directory.CreateDirectory(folder);
        Safetensors.Save(wanted.Weights, method.Backbone.Network.state_dict());
        logger.LogInformation("Done after {Steps} steps on {Count} pictures: {File}", result.Steps, result.ImageCount, wanted.Weights);
    }

    private sealed class Lines(ILogger logger) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => logger.LogInformation("Step {Step} of {Count}: loss {Loss:f3}, {Rate:f0} images/s",
            value.Position.RunStep + 1, value.Position.RunStepCount, value.Loss, value.ImagesPerSecond);
    }
}
