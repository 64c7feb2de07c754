using System.Diagnostics;
using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Backbones;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>Stages that begin with a pass over all pictures.</summary>
public sealed class MemoryRestartTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_is_stopped_while_the_bank_is_filled_anew_ends_as_one_that_was_not(bool restartsOptimizer)
    {
        using var folder = new TemporaryFolder();
        using var cancel = new CancellationTokenSource();
        var checkpoints = new CheckpointOptions(folder.Path);
        // The first pictures of 24 px are those of the pass before the second stage.
        CheckpointedRun run = Run(null, restartsOptimizer);
        CheckpointedRun stopped = Run(images => { if (images.size(2) == 24) cancel.Cancel(); }, restartsOptimizer);
        Assert.Throws<OperationCanceledException>(() => stopped.Run(checkpoints, cancellation: cancel.Token));
        run.Run(checkpoints with { Resume = true }, seed: 2).MustBe(run.Run());
    }

    [Fact]
    public void Filling_the_bank_anew_is_no_part_of_a_stages_time()
    {
        var pause = TimeSpan.FromSeconds(0.3);
        var paused = TimeSpan.Zero;
        long seen = 0;
        CheckpointedRun run = Run(images =>
        {
            if (images.size(2) != 24 || seen >= CheckpointedRun.Pictures) return;
            Thread.Sleep(pause);
            paused += pause;
            seen += images.size(0);
        }, restartsOptimizer: true);
        long started = Stopwatch.GetTimestamp();
        TrainingResult result = run.Run().Result;
        Assert.Equal(CheckpointedRun.Pictures, seen);
        Assert.InRange(result.TrainSeconds, double.Epsilon, (Stopwatch.GetElapsedTime(started) - paused).TotalSeconds);
    }

    private static CheckpointedRun Run(Action<torch.Tensor>? look, bool restartsOptimizer) => new(seed =>
    {
        torch.manual_seed(seed).Dispose();
        return new InstanceDiscrimination(new Watched(KnownMethods.Backbone(), look), new InstanceDiscriminationOptions { EmbeddingDimension = 6 });
    })
    {
        Schedule = new ResolutionSchedule(
            new ResolutionStage(16, 2), new ResolutionStage(24, 2) { RestartsMemory = true, RestartsOptimizer = restartsOptimizer }),
    };

    private sealed class Watched(IBackbone inner, Action<torch.Tensor>? look) : WrappedBackbone(inner)
    {
        public override torch.Tensor Forward(torch.Tensor images)
        {
            look?.Invoke(images);
            return base.Forward(images);
        }
    }
}
