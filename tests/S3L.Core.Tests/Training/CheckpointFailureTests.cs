using S3L.Core.Backbones;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>A disk that fails while a run is under way costs a checkpoint, not the run.</summary>
public sealed class CheckpointFailureTests : IDisposable
{
    private static readonly CheckpointedRun Example = new("simclr");

    private readonly TemporaryFolder _folder = new();

    private CheckpointOptions EachStep => new(_folder.Path) { EverySteps = 1 };

    [Fact]
    public void A_checkpoint_that_cannot_be_written_is_named_and_the_next_one_is_written()
    {
        var lines = new CheckpointedRun.Lines();
        Example.Run(EachStep with { KeepLast = 20 }, logger: lines, afterStep: BlockAt(2, 3)).MustBe(Example.Run());
        Assert.Equal([CouldNotBe("written", CheckpointedRun.FileAt(2)), CouldNotBe("written", CheckpointedRun.FileAt(3))], Told(lines));
        Assert.Equal(new long[] { 1, 4, 5, 6, 7, 8, 9, 10, 11 }.Select(CheckpointedRun.FileAt), CheckpointedRun.Files(_folder));
    }

    [Fact]
    public void A_run_that_is_stopped_says_so_also_where_it_cannot_be_saved()
    {
        using var cancel = new CancellationTokenSource();
        var lines = new CheckpointedRun.Lines();
        Action<TrainingPosition> block = BlockAt(5);
        Assert.Throws<OperationCanceledException>(() => Example.Run(EachStep, logger: lines, cancellation: cancel.Token, afterStep: position =>
        {
            block(position);
            if (position.RunStep + 1 == 5) cancel.Cancel();
        }));
        // Once when it was due, once more when the run was stopped.
        Assert.Equal([.. Enumerable.Repeat(CouldNotBe("written", CheckpointedRun.FileAt(5)), 2)], Told(lines));
        Assert.Contains($"Stopped at step 5 of 12; the last checkpoint is {_folder.At(CheckpointedRun.FileAt(4))}", lines.All);
        Directory.Delete(_folder.At(CheckpointedRun.FileAt(5) + ".part"));
        Example.Run(EachStep with { Resume = true }, seed: 2).MustBe(Example.Run());
    }

    [Fact]
    public void A_best_one_that_cannot_be_written_is_named()
    {
        var lines = new CheckpointedRun.Lines();
        CheckpointedRun run = Example with { Probe = new One() };
        run.Run(EachStep, logger: lines, afterStep: position =>
        {
            if (position.RunStep == 0) Directory.CreateDirectory(_folder.At("best.safetensors.part"));
        }).MustBe(run.Run());
        Assert.Equal([CouldNotBe("written", "best.safetensors")], Told(lines));
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Puts folders where the files of some steps are to be written.</summary>
    private Action<TrainingPosition> BlockAt(params long[] steps) => position =>
    {
        if (steps.Contains(position.RunStep + 1)) Directory.CreateDirectory(_folder.At(CheckpointedRun.FileAt(position.RunStep + 1) + ".part"));
    };

    private string CouldNotBe(string what, string file) => $"'{_folder.At(file)}' could not be {what}, and the run goes on without that";

    /// <summary>The errors without their reasons, which are the system's.</summary>
    private static IEnumerable<string> Told(CheckpointedRun.Lines lines) => lines.Errors.Select(e => e.Split(": ")[0]);

    private sealed class One : IEpochProbe
    {
        public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation = default) => 1;
    }
}
