using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Optimizers;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Benchmarks;

/// <summary>The same twenty steps on the CPU and on the GPU, from the same weights, pictures and draws: losses must agree.</summary>
internal static class DeviceCheck
{
    private const int Steps = 20;
    private const string NvidiaDriver = "/proc/driver/nvidia/version";

    // Sums in another order, amplified from step to step. Convolutions in TensorFloat-32 have eleven bits, those in bfloat16 eight.
    // Replayed steps do the same on the same device: they could work on old pictures and still be as near to the CPU's as numbers are coarse.
    private static readonly (Precision Precision, double ToCpu, double ToReplay)[] Cases =
        [(Precision.Float32, 5e-3, 1e-3), (Precision.BFloat16, 3e-2, 5e-3)];

    // AdamW's steps have the length of the rate, whatever the gradient: roundings decide the sign of small ones.
    private const double OtherOptimizers = 5e-3;

    internal static int Run()
    {
        if (!torch.cuda.is_available())
        {
            bool isThere = File.Exists(NvidiaDriver);
            Console.WriteLine("This libtorch sees no CUDA GPU" +
                (isThere ? ", but there is a driver of one." : ": there is nothing to compare with the CPU."));
            return isThere ? 1 : 0;
        }

        using ImageCache images = ImageCache.Open(new SyntheticImages(new SyntheticImagesOptions { Count = 64 * Steps, Size = 48 }), 32);
        bool agree = true;
        foreach ((string name, Func<IContrastiveMethod> create) in Methods())
        {
            IReadOnlyList<float> reference = Train(create, images, "cpu", Precision.Float32, StepReplay.Never).Losses;
            foreach ((Precision precision, double toCpu, double toReplay) in Cases)
            {
                IReadOnlyList<float> anew = [];
                agree &= Holds($"{name}, {precision}, steps done anew", () =>
                {
                    anew = Train(create, images, "cuda", precision, StepReplay.Never).Losses;
                    return Compare(reference, anew, toCpu);
                });
                agree &= Holds($"{name}, {precision}, steps replayed beside done anew", () =>
                {
                    TrainingResult result = Train(create, images, "cuda", precision, StepReplay.Always);
                    (bool areClose, string figures) = Compare(anew, result.Losses, toReplay);
                    return (areClose && result.Stages[0].ReplayedSteps > 0, $"{figures}; {result.Stages[0].ReplayedSteps} replayed");
                });
            }
        }

        foreach (OptimizerSettings optimizer in new OptimizerSettings[] { new AdamWSettings(), new LarsSettings() })
        {
            agree &= Holds($"BYOL with {optimizer.GetType().Name}, steps replayed beside done anew", () =>
            {
                Func<IContrastiveMethod> create = () => new Byol(Network());
                IReadOnlyList<float> anew = Train(create, images, "cuda", Precision.Float32, StepReplay.Never, optimizer).Losses;
                TrainingResult result = Train(create, images, "cuda", Precision.Float32, StepReplay.Always, optimizer);
                (bool areClose, string figures) = Compare(anew, result.Losses, OtherOptimizers);
                return (areClose && result.Stages[0].ReplayedSteps > 0, $"{figures}; {result.Stages[0].ReplayedSteps} replayed");
            });
        }

        // Draws on the device have no equal on the processor: here it is enough that they are recorded, and that losses stay finite.
        agree &= Holds("instance discrimination with candidates drawn on the device, steps replayed", () =>
        {
            Func<IContrastiveMethod> drawing = () => new InstanceDiscrimination(Network(), DrawnOnDevice);
            TrainingResult result = Train(drawing, images, "cuda", Precision.Auto, StepReplay.Always);
            return (result.Stages[0].ReplayedSteps > 0 && result.Losses.All(float.IsFinite),
                $"{result.Stages[0].ReplayedSteps} replayed, last loss {result.Losses[^1]}");
        });
        agree &= Holds("a method that says it can be replayed, but reads a number, is done one by one", () =>
        {
            TrainingResult result = Train(() => new ReadsItsLoss(Network()), images, "cuda", Precision.Float32, StepReplay.Auto);
            return (result.Stages[0].ReplayedSteps == 0 && result.Losses.All(float.IsFinite), $"last loss {result.Losses[^1]}");
        });
        agree &= Holds("random numbers go on from replay to replay", () =>
        {
            using var recording = new Recording(torch.CUDA);
            using torch.Tensor drawn = torch.zeros([64], device: torch.CUDA);
            recording.Rehearse(() => drawn.uniform_(0, 1));
            recording.Record(() => drawn.uniform_(0, 1));
            recording.Replay();
            using torch.Tensor first = drawn.clone();
            recording.Replay();
            using torch.Tensor equal = drawn.eq(first);
            using torch.Tensor share = equal.to(torch.float32).mean();
            return (share.item<float>() < 0.5, $"{share.item<float>():p0} of 64 numbers were drawn twice");
        });
        return agree ? 0 : 1;
    }

    private static (bool AreClose, string Figures) Compare(IReadOnlyList<float> expected, IReadOnlyList<float> actual, double tolerance)
    {
        if (actual.Count != expected.Count) return (false, $"{actual.Count} losses beside {expected.Count}");
        double error = expected.Zip(actual, (e, a) => Math.Abs(e - a) / Math.Max(Math.Abs(e), 1)).Max();
        return (error <= tolerance, FormattableString.Invariant($"largest error of {Steps} losses {error:e1}, allowed {tolerance:e0}"));
    }

    // One that breaks keeps the others from nothing.
    private static bool Holds(string what, Func<(bool Holds, string Figures)> check)
    {
        bool holds;
        string figures;
        try
        {
            (holds, figures) = check();
        }
        catch (Exception e)
        {
            (holds, figures) = (false, e.Message);
        }

        Console.WriteLine($"{(holds ? "ok    " : "FAILED")} {what}: {figures}");
        return holds;
    }

    private static IEnumerable<(string Name, Func<IContrastiveMethod> Create)> Methods()
    {
        yield return ("MoCo v2", () => new MoCo(Network()));
        yield return ("SimCLR", () => new SimClr(Network()));
        yield return ("BYOL", () => new Byol(Network()));
        yield return ("instance discrimination", () => new InstanceDiscrimination(Network(), SameDraws));
    }

    // Nothing that is drawn on the device, whose random numbers are not the processor's.
    private static InstanceDiscriminationOptions SameDraws => new() { OtherCandidates = 0, CutMixAlpha = 0 };

    private static InstanceDiscriminationOptions DrawnOnDevice => new() { OtherCandidates = 100 };

    private static ResNet Network() => new(ResNetOptions.ResNet18 with { StageCount = 3 });

    private static TrainingResult Train(Func<IContrastiveMethod> create, ImageCache images, string device, Precision precision,
        StepReplay replay, OptimizerSettings? optimizer = null)
    {
        torch.manual_seed(0);
        using IContrastiveMethod method = create();
        // A small rate: what is compared is the arithmetic, not how far rounding can carry a run.
        var options = new TrainerOptions { BatchSize = 64, LearningRate = 0.003, Device = device, Precision = precision, StepReplay = replay };
        if (optimizer is not null) options = options with { Optimizer = optimizer };
        return new Trainer(options).Run(method, images, ResolutionSchedule.Constant(32, 1));
    }

    /// <summary>Waits for the device in the forward pass.</summary>
    private sealed class ReadsItsLoss(IBackbone backbone) : IContrastiveMethod
    {
        public string Name => "reads";

        public int ViewCount => 1;

        public IBackbone Backbone => backbone;

        public torch.nn.Module State => backbone.Network;

        public bool CanBeReplayed => true;

        public void Begin(TrainingRun run)
        {
        }

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
        {
            torch.Tensor features = backbone.Forward(views[0]);
            torch.Tensor loss = features.square().mean();
            return new MethodOutput(loss * (1 + (0 * loss.ToSingle())), features.detach());
        }

        public void AfterStep(TrainingPosition position)
        {
        }

        public void Dispose() => backbone.Dispose();
    }
}
