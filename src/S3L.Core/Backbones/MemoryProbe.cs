using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Finds out what a picture takes of a GPU's memory, by two small passes of a twin forth and back.</summary>
internal static class MemoryProbe
{
    private const int Few = 8, More = 24;

    /// <summary>Bytes that each picture of a batch keeps until its backward pass is over; null where the engine or the device cannot tell.</summary>
    internal static long? BytesPerImage(IBackbone backbone, NetworkFormat format, int resolution, torch.Device device)
    {
        if (EngineSeam.MemoryOf(device) is null) return null;
        // As in FormatProbe: the user's random numbers must not change.
        using torch.Generator generator = torch.Generator.Default;
        using torch.Tensor before = generator.get_state();
        try
        {
            using IBackbone twin = backbone.CreateTwin();
            format.ApplyTo(twin.Network);
            // The first pass takes what is taken once, such as the work space of libraries.
            Peak(More);
            return Math.Max(Peak(More) - Peak(Few), 0) / (More - Few);

            long Peak(int images)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                torch.Tensor batch = format.Arrange(NetworkFormat.Pattern(images, resolution, device));
                twin.Network.zero_grad();
                return EngineSeam.PeakBytes(device, () => format.Pass(twin, batch));
            }
        }
        finally
        {
            generator.set_state(before);
        }
    }
}
