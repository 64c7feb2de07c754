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

    /// <summary>What every engine can do.</summary>
    internal static NetworkFormat Plain { get; } = new(Precision.Float32, false);

    /// <summary>The format to use, and why in words.</summary>
    /// <param name="wanted">What the user said.</param>
    /// <param name="backbone">The network, which is not changed.</param>
    /// <param name="resolution">Height and width of its pictures, in pixels.</param>
    /// <param name="batchSize">Pictures per step.</param>
    /// <param name="device">Where it is trained.</param>
    /// <param name="isReplayed">Whether passes are recorded and replayed.</param>
    /// <param name="folder">Where measurements are kept for the next process; null keeps them in this one.</param>
    internal static (NetworkFormat Format, string Reason) Choose(Precision wanted, IBackbone backbone, int resolution, int batchSize,
        torch.Device device, bool isReplayed, string? folder)
    {
        if (!EngineSeam.HasAutocast)
        {
            Check(wanted);
            return (Plain, wanted == Precision.Float32 ? "asked for" : "the only one");
        }

        // Always the same one, for runs that must be close to each other.
        if (wanted == Precision.Float32) return (Plain, "asked for");
        int images = Math.Min(batchSize, MostImages);
        FormatChoice choice = FormatChoices.Get(folder, Situation(wanted, backbone, resolution, images, device, isReplayed),
            () => FormatProbe.Measure(wanted, backbone, resolution, images, device, isReplayed));
        return (choice.Format, choice.Reason);
    }

    /// <summary>Refuses a number format of the user's options that the engine lacks.</summary>
    /// <exception cref="ArgumentException">It lacks it.</exception>
    internal static void Check(Precision wanted)
    {
        if (EngineSeam.HasAutocast || wanted != Precision.BFloat16) return;
        throw new ArgumentException($"Options.Precision must be Auto or Float32: the {EngineSeam.Name} engine has no bfloat16.");
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

    /// <summary>A network's pass forth and back over pictures, for measuring. Gradients stay in its parameters.</summary>
    internal void Pass(IBackbone backbone, torch.Tensor images)
    {
        torch.Tensor features;
        using (Enter(images.device_type)) features = backbone.Forward(images);
        features.to(torch.float32).square().mean().backward();
    }

    /// <summary>Pictures to measure with, [N, 3, R, R].</summary>
    internal static torch.Tensor Pattern(int images, int resolution, torch.Device device) =>
        torch.arange((long)images * 3 * resolution * resolution, torch.float32, device).remainder(7).div_(7).view(images, 3, resolution, resolution);

    internal string Describe() =>
        BatchInnermostFrom is { } stage ? $"{Precision} with the batch innermost from layer{stage + 1}"
        : ChannelsLast ? $"{Precision} with channels innermost"
        : $"{Precision} with rows innermost";

    /// <summary>All that decides what is fastest: the network with the shapes of its weights, pictures, device and threads.</summary>
    private static string Situation(Precision wanted, IBackbone backbone, int resolution, int images, torch.Device device, bool isReplayed)
    {
        var shapes = new StringBuilder();
        // The processor is told apart elsewhere; a GPU by what it has of memory.
        string memory = EngineSeam.MemoryOf(device) is { } m ? FormattableString.Invariant($" of {m.Total >> 20} MiB") : "";
        foreach (Parameter weight in backbone.Network.parameters()) shapes.AppendJoin('x', weight.shape).Append(' ');
        return FormattableString.Invariant(
            $"{wanted} {backbone.GetType().FullName} {backbone.Name} {backbone.Settings} {shapes}{images} images {resolution} px {device}{memory} ") +
            FormattableString.Invariant($"{torch.get_num_threads()} threads") + (isReplayed ? " replayed" : "");
    }
}
