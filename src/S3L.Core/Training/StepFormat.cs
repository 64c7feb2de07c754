using System.Diagnostics;
using S3L.Core.Backbones;
using S3L.Core.Engine;

namespace S3L.Core.Training;

/// <summary>Number format and memory layout of the steps of a stage, chosen by measuring where the user left it open.</summary>
internal sealed record StepFormat(Precision Precision, bool ChannelsLast)
{
    private const int ProbeImages = 64;
    private const int ProbeRuns = 2;

    private static readonly StepFormat[] Candidates = [new(Precision.Float32, false), new(Precision.BFloat16, true)];

    /// <summary>What every engine can do.</summary>
    internal static StepFormat Plain => Candidates[0];

    /// <summary>The format to use, and why in words.</summary>
    internal static (StepFormat Format, string Reason) Choose(Precision wanted, IBackbone backbone, int resolution, int batchSize,
        torch.Device device)
    {
        if (!EngineSeam.HasAutocast)
        {
            return wanted == Precision.BFloat16
                ? throw new ArgumentException($"Precision must be Auto or Float32: the {EngineSeam.Name} engine has no bfloat16.", nameof(wanted))
                : (Candidates[0], $"the {EngineSeam.Name} engine has only float32");
        }

        if (wanted != Precision.Auto) return (Candidates.First(c => c.Precision == wanted), "asked for");
        double[] seconds = Measure(backbone, resolution, Math.Min(batchSize, ProbeImages), device);
        int best = Array.IndexOf(seconds, seconds.Min());
        string times = string.Join(", ", Candidates.Select((c, i) => FormattableString.Invariant($"{c.Precision} {seconds[i] * 1000:f0} ms")));
        return (Candidates[best], $"fastest of {times} per {Math.Min(batchSize, ProbeImages)} images at {resolution} px");
    }

    /// <summary>Starts the format on this thread until disposed.</summary>
    internal IDisposable? Enter(DeviceType device) => Precision == Precision.BFloat16 ? EngineSeam.Autocast(device) : null;

    private static double[] Measure(IBackbone backbone, int resolution, int images, torch.Device device)
    {
        // The twin draws random weights before it takes over the backbone's: the user's random numbers must not change by that.
        using torch.Generator generator = torch.Generator.Default;
        using torch.Tensor before = generator.get_state();
        using IBackbone twin = backbone.CreateTwin();
        generator.set_state(before);
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor batch = torch.arange((long)images * 3 * resolution * resolution, torch.float32, device)
            .remainder(7).div_(7).view(images, 3, resolution, resolution);
        var seconds = new double[Candidates.Length];
        for (int i = 0; i < seconds.Length; i++)
        {
            StepFormat candidate = Candidates[i];
            EngineSeam.UseChannelsLast(twin.Network, candidate.ChannelsLast);
            torch.Tensor input = candidate.ChannelsLast ? EngineSeam.ChannelsLast(batch) : batch;
            candidate.Run(twin, input);
            seconds[i] = Enumerable.Range(0, ProbeRuns).Min(_ => candidate.Run(twin, input));
        }

        return seconds;
    }

    private double Run(IBackbone backbone, torch.Tensor images)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        long start = Stopwatch.GetTimestamp();
        torch.Tensor features;
        using (Enter(images.device_type)) features = backbone.Forward(images);
        features.to(torch.float32).square().mean().backward();
        if (images.device_type == DeviceType.CUDA) torch.cuda.synchronize();
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        backbone.Network.zero_grad();
        return seconds;
    }
}
