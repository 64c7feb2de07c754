using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Number format and memory layout in which a network is trained, chosen by measuring where the user left it open.</summary>
/// <param name="Precision">Number format.</param>
/// <param name="ChannelsLast">Whether channels are innermost in memory.</param>
/// <param name="BatchInnermostFrom">First stage of the network whose maps have the batch innermost but for channels; null where none has.</param>
internal sealed record NetworkFormat(Precision Precision, bool ChannelsLast, int? BatchInnermostFrom = null)
{
    // More images than this take longer to measure than the knowledge is worth.
    private const int MostImages = 256;
    private const int ProbeRuns = 3;

    private static readonly NetworkFormat[] Basic = [new(Precision.Float32, false), new(Precision.BFloat16, true)];

    // What was measured in this process: stages, repetitions and shares of labels ask for the same again.
    private static readonly ConcurrentDictionary<string, (NetworkFormat Format, string Reason)> Known = new();

    /// <summary>What every engine can do.</summary>
    internal static NetworkFormat Plain => Basic[0];

    /// <summary>The format to use, and why in words.</summary>
    internal static (NetworkFormat Format, string Reason) Choose(Precision wanted, IBackbone backbone, int resolution, int batchSize,
        torch.Device device)
    {
        if (!EngineSeam.HasAutocast)
        {
            return wanted == Precision.BFloat16
                ? throw new ArgumentException($"Precision must be Auto or Float32: the {EngineSeam.Name} engine has no bfloat16.", nameof(wanted))
                : (Plain, wanted == Precision.Float32 ? "asked for" : "the only one");
        }

        if (wanted != Precision.Auto) return (Basic.First(c => c.Precision == wanted), "asked for");
        int images = Math.Min(batchSize, MostImages);
        string situation = Situation(backbone, resolution, images, device);
        if (Known.TryGetValue(situation, out (NetworkFormat Format, string Reason) known)) return (known.Format, known.Reason + ", measured before");
        List<(NetworkFormat Format, double Seconds)> measured = Measure(backbone, resolution, images, device);
        string times = string.Join(", ", measured.Select(m => FormattableString.Invariant($"{m.Format.Describe()} {m.Seconds * 1000:f0} ms")));
        return Known[situation] = (measured.MinBy(m => m.Seconds).Format, $"fastest of {times} per {images} images at {resolution} px");
    }

    /// <summary>Puts weights and maps of a network, or of all networks in a method's state, into this layout.</summary>
    internal void ApplyTo(torch.nn.Module state)
    {
        EngineSeam.UseChannelsLast(state, ChannelsLast);
        IEnumerable<IBatchInnermost> networks = state.named_modules().Select(m => m.module).Append(state).OfType<IBatchInnermost>();
        foreach (IBatchInnermost network in networks) network.BatchInnermostFrom = BatchInnermostFrom;
    }

    /// <summary>Starts the format on this thread until disposed.</summary>
    internal IDisposable? Enter(DeviceType device) => Precision == Precision.BFloat16 ? EngineSeam.Autocast(device) : null;

    /// <summary>Pictures [N, 3, H, W] in the layout that the network takes fastest.</summary>
    internal torch.Tensor Arrange(torch.Tensor images) => ChannelsLast ? EngineSeam.ChannelsLast(images) : images;

    private string Describe() => BatchInnermostFrom is { } stage ? $"{Precision} with the batch innermost from layer{stage + 1}" : $"{Precision}";

    /// <summary>All that decides what is fastest: the network by the shapes of its weights, pictures, device and threads.</summary>
    private static string Situation(IBackbone backbone, int resolution, int images, torch.Device device)
    {
        var shapes = new StringBuilder();
        foreach (Parameter weight in backbone.Network.parameters()) shapes.AppendJoin('x', weight.shape).Append(' ');
        return FormattableString.Invariant(
            $"{backbone.GetType().FullName} {backbone.Name} {shapes}{images} images {resolution} px {device} {torch.get_num_threads()} threads");
    }

    private static List<(NetworkFormat Format, double Seconds)> Measure(IBackbone backbone, int resolution, int images, torch.Device device)
    {
        // The twin draws random weights, and some networks draw in each pass: the user's random numbers must not change by that.
        using torch.Generator generator = torch.Generator.Default;
        using torch.Tensor before = generator.get_state();
        try
        {
            using IBackbone twin = backbone.CreateTwin();
            return MeasureTwin(twin, resolution, images, device);
        }
        finally
        {
            generator.set_state(before);
        }
    }

    private static List<(NetworkFormat Format, double Seconds)> MeasureTwin(IBackbone twin, int resolution, int images, torch.Device device)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor batch = torch.arange((long)images * 3 * resolution * resolution, torch.float32, device)
            .remainder(7).div_(7).view(images, 3, resolution, resolution);
        var measured = new List<(NetworkFormat Format, double Seconds)>();
        foreach (NetworkFormat format in Basic) measured.Add((format, format.Time(twin, batch)));
        if (measured[1].Seconds > measured[0].Seconds || twin is not IBatchInnermost || device.type != DeviceType.CPU) return measured;

        // Maps shrink from stage to stage, so what does not pay at one does not pay at the one before.
        for (int stage = twin.StageCount - 1; stage >= 0; stage--)
        {
            NetworkFormat format = Basic[1] with { BatchInnermostFrom = stage };
            double best = measured[1..].Min(m => m.Seconds);
            measured.Add((format, format.Time(twin, batch)));
            if (measured[^1].Seconds > best) break;
        }

        return measured;
    }

    private double Time(IBackbone twin, torch.Tensor batch)
    {
        ApplyTo(twin.Network);
        torch.Tensor input = Arrange(batch);
        Run(twin, input);
        return Enumerable.Range(0, ProbeRuns).Min(_ => Run(twin, input));
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
