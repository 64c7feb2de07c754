using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Backbones;

/// <summary>What is measured, and what is chosen where not all formats can be; the TorchSharp engine has only one.</summary>
public sealed class FormatProbeTests
{
    private static readonly TrainerOptions Measured = TinyRun.Options with { Precision = Precision.Auto, StepLimit = 1 };

    [Theory]
    [InlineData(true, Precision.Float32, "fastest of BFloat16 with channels innermost without enough memory, BFloat16 with rows innermost without")]
    [InlineData(false, Precision.BFloat16, " images/s, Float32 with channels innermost without enough memory, Float32 with rows innermost without")]
    public void A_format_without_enough_memory_is_not_chosen(bool coarse, Precision chosen, string reason)
    {
        TrainingResult result = TinyRun.Train(b => new SimSiam(new Failing(b, $"greedy if coarse {coarse}", isCoarse => isCoarse == coarse, Spend)),
            options: Measured);
        Assert.Equal(chosen, result.Stages[0].Precision);
        Assert.Contains(reason, result.Stages[0].PrecisionReason, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_no_format_has_enough_memory_the_run_says_so()
    {
        var error = Assert.Throws<TrainingFailedException>(() =>
            TinyRun.Train(b => new SimSiam(new Failing(b, "greedy", _ => true, Spend)), options: Measured));
        Assert.Equal(TrainingFailure.OutOfMemory, error.Warning.Failure);
        Assert.IsType<TorchOutOfMemoryException>(error.InnerException);
    }

    [Fact]
    public void A_format_that_a_network_cannot_compute_in_is_not_chosen()
    {
        TrainingResult result = TinyRun.Train(b => new SimSiam(new Failing(b, "float32 alone", isCoarse => isCoarse, Refuse)), options: Measured);
        Assert.Equal(Precision.Float32, result.Stages[0].Precision);
        Assert.Contains("BFloat16 with channels innermost not possible (", result.Stages[0].PrecisionReason, StringComparison.Ordinal);
        Assert.Contains("Float32 with channels innermost ", result.Stages[0].PrecisionReason, StringComparison.Ordinal);
    }

    [Fact]
    public void In_a_precision_that_is_asked_for_layouts_are_measured()
    {
        TrainerOptions asked = Measured with { Precision = Precision.BFloat16 };
        string reason = TinyRun.Train(b => new SimSiam(new Failing(b, "asked", _ => false, Refuse)), options: asked).Stages[0].PrecisionReason;
        Assert.Contains("fastest of BFloat16 with channels innermost ", reason, StringComparison.Ordinal);
        Assert.Contains("BFloat16 with rows innermost ", reason, StringComparison.Ordinal);
        Assert.DoesNotContain("Float32", reason, StringComparison.Ordinal);
    }

    /// <summary>Networks may have the same name and weights of the same shapes, and maps of other sizes.</summary>
    [Fact]
    public void What_was_measured_for_a_network_is_not_taken_for_another()
    {
        string ReasonOf(string settings) => TinyRun.Train(b => new SimSiam(new Failing(b, "two of a name", _ => false, Refuse, settings)),
            options: Measured).Stages[0].PrecisionReason;
        Assert.DoesNotContain("measured before", ReasonOf("stride 1"), StringComparison.Ordinal);
        Assert.DoesNotContain("measured before", ReasonOf("stride 2"), StringComparison.Ordinal);
        Assert.Contains("measured before", ReasonOf("stride 1"), StringComparison.Ordinal);
    }

    /// <summary>A number format that is the slower one in the usual layouts may be by far the fastest in another.</summary>
    [Fact]
    public void A_number_format_is_tried_in_all_layouts()
    {
        var pace = new Func<bool, int?, int>((isCoarse, innermost) => (isCoarse, innermost) switch { (true, 0) => 1, (true, _) => 60, _ => 30 });
        StageResult stage = TinyRun.Train(b => new SimSiam(new Paced(b, pace)), options: Measured).Stages[0];
        Assert.Equal(Precision.BFloat16, stage.Precision);
        Assert.Contains("Float32 with the batch innermost from layer1 ", stage.PrecisionReason, StringComparison.Ordinal);
    }

    private static void Spend() => torch.zeros([1L << 46]).Dispose();

    private static void Refuse() => torch.zeros([2]).view(3).Dispose();

    /// <summary>A network whose twins, with which is measured, fail in certain formats.</summary>
    /// <param name="inner">What it is otherwise.</param>
    /// <param name="name">Names differ where formats do, as choices are remembered by them.</param>
    /// <param name="fails">Told whether numbers are bfloat16.</param>
    /// <param name="fail">Fails.</param>
    /// <param name="settings">The architecture as text.</param>
    /// <param name="isTwin">Whether this is the network itself.</param>
    private sealed class Failing(IBackbone inner, string name, Func<bool, bool> fails, Action fail, string settings = "", bool isTwin = false)
        : WrappedBackbone(inner)
    {
        public override string Name => name;

        public override string Settings => settings;

        public override torch.Tensor Forward(torch.Tensor images)
        {
            if (isTwin)
            {
                using torch.Tensor one = torch.ones([1, 1]), product = one.mm(one);
                if (fails(product.dtype == torch.bfloat16)) fail();
            }

            return base.Forward(images);
        }

        public override IBackbone CreateTwin() => new Failing(base.CreateTwin(), name, fails, fail, settings, isTwin: true);
    }

    /// <summary>A network whose passes take a time that depends on the format.</summary>
    /// <param name="inner">What it is otherwise: one that can have the batch innermost.</param>
    /// <param name="pace">Milliseconds by whether numbers are bfloat16 and by the first stage with the batch innermost.</param>
    private sealed class Paced(IBackbone inner, Func<bool, int?, int> pace) : WrappedBackbone(inner), IBatchInnermost
    {
        public override string Name => "paced";

        public int? BatchInnermostFrom
        {
            get => ((IBatchInnermost)Network).BatchInnermostFrom;
            set => ((IBatchInnermost)Network).BatchInnermostFrom = value;
        }

        public override torch.Tensor Forward(torch.Tensor images)
        {
            using torch.Tensor one = torch.ones([1, 1]), product = one.mm(one);
            Thread.Sleep(pace(product.dtype == torch.bfloat16, BatchInnermostFrom));
            return base.Forward(images);
        }

        public override IBackbone CreateTwin() => new Paced(base.CreateTwin(), pace);
    }
}
