using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Tests.Data;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

public sealed class DecodingLogTests
{
    [Fact]
    public void Tells_of_it_after_two_seconds_and_then_every_ten()
    {
        var lines = new CheckpointedRun.Lines();
        var log = new DecodingLog(lines);
        foreach (int second in (int[])[0, 1, 2, 3, 11, 12, 13, 40]) log.Report(After(second));
        Assert.Equal(
            [
                "Decoding pictures: 20/400, 10 images/s, 00:00:38 left",
                "Decoding pictures: 120/400, 10 images/s, 00:00:28 left",
                "Decoding pictures: 400/400, 10 images/s, 00:00:00 left",
            ], lines.All);
    }

    [Fact]
    public void Begins_anew_after_a_wait_for_another_process()
    {
        var lines = new CheckpointedRun.Lines();
        var log = new DecodingLog(lines);
        log.Report(After(60) with { IsWaiting = true });
        log.Report(After(1));
        log.Report(After(2));
        Assert.Equal(["Decoding pictures: waiting for another process that decodes them", "Decoding pictures: 20/400, 10 images/s, 00:00:38 left"],
            lines.All);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(2.1, 1)]
    public void Trainer_tells_of_a_long_decoding_alone(double seconds, int told)
    {
        var lines = new CheckpointedRun.Lines();
        var pictures = new ProbedImages(40)
        {
            OnLoad = index =>
            {
                if (index == 39) Thread.Sleep(TimeSpan.FromSeconds(seconds));
            },
        };
        using SimSiam method = new(TinyBackbone.Create());
        new Trainer(TinyRun.Options with { StepLimit = 1 }, lines).Run(method, pictures, TinyRun.Schedule);
        Assert.Equal(told, lines.All.Count(l => l.StartsWith("Decoding pictures: 40/40, ", StringComparison.Ordinal)));
        Assert.Equal(told, lines.All.Count(l => l.StartsWith("Decoding", StringComparison.Ordinal)));
    }

    private static ImageCacheProgress After(int seconds) => new(10 * seconds, 400, 0, TimeSpan.FromSeconds(seconds));
}
