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
}
