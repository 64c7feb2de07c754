using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>What is measured where memory does not suffice for all formats; the TorchSharp engine has only one.</summary>
public sealed class FormatProbeTests
{
    private static readonly TrainerOptions Measured = TinyRun.Options with { Precision = Precision.Auto, StepLimit = 1 };

    [Theory]
    [InlineData(true, Precision.Float32, "fastest of BFloat16 without enough memory, Float32 ")]
    [InlineData(false, Precision.BFloat16, " ms, Float32 without enough memory per 16 images at 8 px")]
    public void A_format_without_enough_memory_is_not_chosen(bool coarse, Precision chosen, string reason)
    {
        TrainingResult result = TinyRun.Train(b => new SimSiam(new Greedy(b, $"greedy if coarse {coarse}", isCoarse => isCoarse == coarse)),
            options: Measured);
        Assert.Equal(chosen, result.Stages[0].Precision);
        Assert.Contains(reason, result.Stages[0].PrecisionReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_format_has_enough_memory_the_run_says_so()
    {
        var error = Assert.Throws<TrainingFailedException>(() =>
            TinyRun.Train(b => new SimSiam(new Greedy(b, "greedy", _ => true)), options: Measured));
        Assert.Equal(TrainingFailure.OutOfMemory, error.Warning.Failure);
        Assert.IsType<TorchOutOfMemoryException>(error.InnerException);
    }

    /// <summary>A network whose twins, with which is measured, ask for more memory than there can be in certain formats.</summary>
    /// <param name="inner">What it is otherwise.</param>
    /// <param name="name">Names differ where formats do, as choices are remembered by them.</param>
    /// <param name="isGreedy">Told whether channels are innermost, as in the coarse format.</param>
    /// <param name="isTwin">Whether this is the network itself.</param>
    private sealed class Greedy(IBackbone inner, string name, Func<bool, bool> isGreedy, bool isTwin = false) : WrappedBackbone(inner)
    {
        public override string Name => name;

        public override torch.Tensor Forward(torch.Tensor images)
        {
            if (isTwin && isGreedy(images.stride()[1] == 1)) torch.zeros([1L << 46]).Dispose();
            return base.Forward(images);
        }

        public override IBackbone CreateTwin() => new Greedy(base.CreateTwin(), name, isGreedy, isTwin: true);
    }
}
