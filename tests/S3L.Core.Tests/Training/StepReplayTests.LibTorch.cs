using System.Runtime.InteropServices;
using System.Text.Json;
using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Tests.Data;
using S3L.Core.Tests.Methods;
using S3L.Core.Training;
using S3L.Core.Weights;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

/// <summary>Replayed passes on a CPU follow the rules of CUDA graphs: nothing of the program runs again, and no number of it is new.</summary>
public sealed class StepReplayTests
{
    private const int Recorded = 4;

    private static readonly ResolutionSchedule Schedule = ResolutionSchedule.Parse("8x4,40x3");

    private static readonly TrainerOptions Options = TinyRun.Options with
    {
        // Every operation, and rates that change from step to step.
        Augmentations = [AugmentationOptions.ByolSecond],
        LearningRateSchedule = new LearningRateSchedule { WarmupEpochs = 1 },
    };

    [Theory]
    [MemberData(nameof(KnownMethods.NamesOfAllVariants), MemberType = typeof(KnownMethods))]
    public void Replayed_steps_train_as_steps_done_anew(string method)
    {
        (TrainingResult anew, Dictionary<string, float[]> expected) = Train(method, Options with { StepReplay = StepReplay.Never });
        (TrainingResult replayed, Dictionary<string, float[]> state) = Train(method, Options with { StepReplay = StepReplay.Always });

        Assert.All(anew.Stages, s => Assert.Equal(0, s.ReplayedSteps));
        Assert.All(replayed.Stages, s => Assert.Equal(s.Steps - Recorded, s.ReplayedSteps));
        Assert.All(replayed.Stages, s => Assert.True(s.ReplayedSteps >= 5));
        Assert.Equal(anew.Losses.Count, replayed.Losses.Distinct().Count());
        // The views are made in another way, which rounds differently; what follows from a rounding grows with each step.
        for (int i = 0; i < anew.Losses.Count; i++) Assert.Equal(anew.Losses[i], replayed.Losses[i], 2e-3 * Math.Max(1, Math.Abs(anew.Losses[i])));
        foreach ((string name, float[] values) in expected)
        {
            double length = Math.Sqrt(values.Sum(v => (double)v * v)), error = Math.Sqrt(values.Zip(state[name], (a, b) => Math.Pow(a - b, 2)).Sum());
            Assert.True(error <= (0.01 * length) + 1e-4, $"{name} differs by {error:g2} of {length:g2}");
        }
    }

    [Fact]
    public void Other_optimizers_go_with_replayed_passes()
    {
        foreach (OptimizerSettings optimizer in new OptimizerSettings[] { new AdamWSettings(), new LarsSettings() })
        {
            TrainerOptions options = Options with { Optimizer = optimizer, LearningRate = 0.003 };
            (TrainingResult anew, _) = Train("simclr", options);
            (TrainingResult replayed, _) = Train("simclr", options with { StepReplay = StepReplay.Always });
            for (int i = 0; i < anew.Losses.Count; i++) Assert.Equal(anew.Losses[i], replayed.Losses[i], 5e-3);
        }
    }

    [Fact]
    public void A_replayed_step_calls_the_method_before_it_only()
    {
        var calls = new List<string>();
        TinyRun.Train(b => new OneView(b, can: true, loss => loss) { Calls = calls }, options: Options with { StepReplay = StepReplay.Always });
        // Six steps, of which two are replayed, then the three of the second stage.
        Assert.Equal([.. Anew(Recorded), "before", "before", .. Anew(3)], calls);

        static IEnumerable<string> Anew(int steps) => Enumerable.Repeat<string[]>(["before", "forward", "after"], steps).SelectMany(c => c);
    }

    [Fact]
    public void Reports_do_not_change_what_is_replayed()
    {
        (TrainingResult often, _) = Train("mocov2", Options with { StepReplay = StepReplay.Always });
        (TrainingResult seldom, _) = Train("mocov2", Options with { StepReplay = StepReplay.Always, ReportEverySteps = 7 });
        Assert.Equal(often.Losses, seldom.Losses);
        Assert.All(often.Metrics, m => Assert.True(m.Metrics.GradientNorm > 0));
        Assert.Equal(often.Metrics[^1], seldom.Metrics[^1]);
    }

    [Fact]
    public void Gradients_that_a_probe_drops_come_back()
    {
        (TrainingResult anew, _) = Train("simclr", Options with { ProbeEveryEpochs = 1 }, new DropsGradients());
        (TrainingResult replayed, _) = Train("simclr", Options with { ProbeEveryEpochs = 1, StepReplay = StepReplay.Always }, new DropsGradients());
        for (int i = 0; i < anew.Losses.Count; i++) Assert.Equal(anew.Losses[i], replayed.Losses[i], 5e-3);
    }

    [Fact]
    public void A_resumed_run_counts_what_was_replayed_and_waited_before()
    {
        using var folder = new TemporaryFolder();
        TrainerOptions options = Options with
        {
            StepReplay = StepReplay.Always,
            Checkpoints = new CheckpointOptions(folder.Path) { EverySteps = 7, Resume = true },
        };
        Train("simsiam", options with { StepLimit = 8 });
        Dictionary<string, torch.Tensor> saved =
            Safetensors.Load(folder.At(CheckpointedRun.FileAt(7)), out IReadOnlyDictionary<string, string> texts);
        foreach (torch.Tensor tensor in saved.Values) tensor.Dispose();
        using JsonDocument facts = JsonDocument.Parse(texts["s3l.checkpoint"]);
        (TrainingResult result, _) = Train("simsiam", options);

        // Twelve steps, of which each process records anew.
        Assert.Equal(12 - (2 * Recorded), result.Stages[0].ReplayedSteps);
        double waited = facts.RootElement.GetProperty("WaitSeconds").GetDouble();
        Assert.True(waited > 0 && result.WaitSeconds > waited, $"{result.WaitSeconds} s after {waited} s");
    }

    [Fact]
    public void A_processor_replays_only_when_told_to()
    {
        (TrainingResult result, _) = Train("mocov2", Options);
        Assert.All(result.Stages, s => Assert.Equal(0, s.ReplayedSteps));
    }

    [Fact]
    public void Replayed_runs_leave_no_tensor_behind()
    {
        long before = torch.Tensor.TotalCount;
        Train("byol", Options with { StepReplay = StepReplay.Always });
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_method_that_does_not_say_that_it_can_is_refused()
    {
        string message = Assert.Throws<ArgumentException>(() => TinyRun.Train(b => ReadsItsLoss(b, can: false),
            options: Options with { StepReplay = StepReplay.Always })).Message;
        Assert.Equal("Options.StepReplay must be Auto or Never for reads, whose steps cannot be replayed (CanBeReplayed is false), " +
            "but is Always.", message);
    }

    [Fact]
    public void A_method_that_says_so_but_waits_for_a_number_is_told_which()
    {
        string message = Assert.Throws<InvalidOperationException>(() => TinyRun.Train(b => ReadsItsLoss(b, can: true),
            options: Options with { StepReplay = StepReplay.Always })).Message;
        Assert.StartsWith("Options.StepReplay is Always, but the passes cannot be recorded: ", message, StringComparison.Ordinal);
        Assert.Contains("numbers cannot be recorded that the host reads or writes", message, StringComparison.Ordinal);
    }

    [Fact]
    public void Refuses_what_is_no_choice() =>
        Assert.StartsWith("StepReplay must be one of Auto, Never, Always",
            Assert.Throws<ArgumentOutOfRangeException>(() => Options with { StepReplay = (StepReplay)7 }).Message, StringComparison.Ordinal);

    private static OneView ReadsItsLoss(IBackbone backbone, bool can) => new(backbone, can, loss => loss * loss.ToSingle());

    private static (TrainingResult Result, Dictionary<string, float[]> State) Train(string name, TrainerOptions options, IEpochProbe? probe = null)
    {
        using IContrastiveMethod method = KnownMethods.CreateUnbegun(name);
        TrainingResult result = new Trainer(options, probe: probe).Run(method, TinyPictures.Create(), Schedule);
        using DisposeScope scope = torch.NewDisposeScope();
        var state = method.State.state_dict().ToDictionary(e => e.Key,
            e => MemoryMarshal.Cast<byte, float>(e.Value.to(torch.float32).contiguous().bytes).ToArray());
        return (result, state);
    }

    private sealed class DropsGradients : IEpochProbe
    {
        public double Measure(IBackbone backbone, int resolution, CancellationToken cancellation)
        {
            backbone.Network.zero_grad();
            return 0;
        }
    }

    /// <summary>Notes when it is called.</summary>
    private sealed class OneView(IBackbone backbone, bool can, Func<torch.Tensor, torch.Tensor> loss) : IContrastiveMethod
    {
        public List<string> Calls { get; init; } = [];

        public string Name => "reads";

        public int ViewCount => 1;

        public IBackbone Backbone => backbone;

        public torch.nn.Module State => backbone.Network;

        public bool CanBeReplayed => can;

        public void Begin(TrainingRun run)
        {
        }

        public void BeforeStep(TrainingPosition position) => Calls.Add("before");

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
        {
            Calls.Add("forward");
            torch.Tensor features = backbone.Forward(views[0]);
            return new MethodOutput(loss(features.square().mean()), features.detach());
        }

        public void AfterStep(TrainingPosition position) => Calls.Add("after");

        public void Dispose() => backbone.Dispose();
    }
}
