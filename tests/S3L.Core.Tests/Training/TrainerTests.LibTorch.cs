using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace S3L.Core.Tests.Training;

/// <summary>What needs autocast.</summary>
public sealed partial class TrainerTests
{
    [Fact]
    public void Bfloat16_trains_float32_weights()
    {
        using SimSiam method = Method();
        TrainingResult result = new Trainer(Plain with { Precision = Precision.BFloat16 }).Run(method, Pictures, ResolutionSchedule.Parse("16x3"));
        Assert.All(method.State.parameters(), p => Assert.Equal(torch.float32, p.dtype));
        Assert.All(result.Losses, l => Assert.InRange(l, -1, 1));
    }

    [Fact]
    public void What_is_fastest_is_measured_once_for_all_stages_alike()
    {
        using SimSiam method = Method();
        var lines = new CheckpointedRun.Lines();
        // A batch size that no other test has, so that nothing is known of it.
        new Trainer(Plain with { Precision = Precision.Auto, BatchSize = 13 }, lines)
            .Run(method, Pictures, ResolutionSchedule.Parse("16x1,20x1,16x1"));
        string[] reasons = [.. lines.All.Where(l => l.Contains("fastest of", StringComparison.Ordinal))];
        Assert.Equal(3, reasons.Length);
        Assert.DoesNotContain("measured before", reasons[0], StringComparison.Ordinal);
        Assert.DoesNotContain("measured before", reasons[1], StringComparison.Ordinal);
        Assert.Equal(reasons[0].Split('(')[1].TrimEnd(')') + ", measured before", reasons[2].Split('(')[1].TrimEnd(')'));
    }
}
