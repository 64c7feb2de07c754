using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;

namespace Benchmarks;

/// <summary>The same twenty steps on the CPU and on the GPU, from the same weights, pictures and draws: losses must agree.</summary>
internal static class DeviceCheck
{
    private const int Steps = 20;

    // Sums in another order, amplified from step to step. Convolutions in TensorFloat-32 have eleven bits, those in bfloat16 eight.
    private static readonly (Precision Precision, StepReplay Replay, double Tolerance)[] Cases =
    [
        (Precision.Float32, StepReplay.Never, 5e-3), (Precision.Float32, StepReplay.Always, 5e-3),
        (Precision.BFloat16, StepReplay.Never, 3e-2), (Precision.BFloat16, StepReplay.Always, 3e-2),
    ];

    internal static int Run()
    {
        if (!torch.cuda.is_available())
        {
            Console.WriteLine("This libtorch sees no CUDA GPU: there is nothing to compare with the CPU.");
            return 0;
        }

        using ImageCache images = ImageCache.Open(new SyntheticImages(new SyntheticImagesOptions { Count = 64 * Steps, Size = 48 }), 32);
        bool agree = true;
        foreach ((string name, Func<IContrastiveMethod> create) in Methods())
        {
            IReadOnlyList<float> reference = Losses(create, images, "cpu", Precision.Float32, StepReplay.Never);
            foreach ((Precision precision, StepReplay replay, double tolerance) in Cases)
            {
                IReadOnlyList<float> losses = Losses(create, images, "cuda", precision, replay);
                double error = reference.Zip(losses, (c, g) => Math.Abs(c - g) / Math.Max(Math.Abs(c), 1)).Max();
                agree &= error <= tolerance;
                Console.WriteLine(FormattableString.Invariant($"{name}, {precision}, passes {(replay == StepReplay.Never ? "done anew" : "replayed")}: ") +
                    FormattableString.Invariant(
                        $"largest error of {Steps} losses {error:e1}, allowed {tolerance:e0}{(error <= tolerance ? "" : ": TOO FAR")}"));
            }
        }

        return agree ? 0 : 1;
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

    private static ResNet Network() => new(ResNetOptions.ResNet18 with { StageCount = 3 });

    private static IReadOnlyList<float> Losses(Func<IContrastiveMethod> create, ImageCache images, string device, Precision precision,
        StepReplay replay)
    {
        torch.manual_seed(0);
        using IContrastiveMethod method = create();
        // A small rate: what is compared is the arithmetic, not how far rounding can carry a run.
        var options = new TrainerOptions { BatchSize = 64, LearningRate = 0.003, Device = device, Precision = precision, StepReplay = replay };
        return new Trainer(options).Run(method, images, ResolutionSchedule.Constant(32, 1)).Losses;
    }
}
