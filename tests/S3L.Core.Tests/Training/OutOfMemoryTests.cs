using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

public sealed class OutOfMemoryTests
{
    [Fact]
    public void A_run_that_finds_no_memory_says_where_and_what_takes_less()
    {
        var error = Assert.Throws<TrainingFailedException>(() => TinyRun.Train(b => new Greedy(b)));

        Assert.Equal(
            "Memory of cpu ran out in stage 2 (16 px, batch 16). A smaller batch, a lower resolution or fewer stages of the network take less.",
            error.Message);
        Assert.Equal((TrainingFailure.OutOfMemory, 6L), (error.Warning.Failure, error.Warning.Position.RunStep));
        Assert.NotNull(error.InnerException);
        Assert.Null(error.LastCheckpoint);
    }

    [Fact]
    public void The_last_checkpoint_is_named()
    {
        string folder = Directory.CreateTempSubdirectory("s3l-test-").FullName;
        try
        {
            var error = Assert.Throws<TrainingFailedException>(() => TinyRun.Train(b => new Greedy(b),
                options: TinyRun.Options with { Checkpoints = new CheckpointOptions(folder) { EverySteps = 4 } }));
            Assert.NotNull(error.LastCheckpoint);
            Assert.EndsWith($" The last good checkpoint is {error.LastCheckpoint}.", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Asks for more memory than there can be, once views are large.</summary>
    private sealed class Greedy(IBackbone backbone) : IContrastiveMethod
    {
        public string Name => "greedy";

        public int ViewCount => 1;

        public IBackbone Backbone => backbone;

        public torch.nn.Module State => backbone.Network;

        public void Begin(TrainingRun run)
        {
        }

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
        {
            if (views[0].size(2) == 16) torch.zeros([1L << 46]).Dispose();
            torch.Tensor features = backbone.Forward(views[0]);
            return new MethodOutput(features.square().mean(), features.detach());
        }

        public void AfterStep(TrainingPosition position)
        {
        }

        public void Dispose() => backbone.Dispose();
    }
}
