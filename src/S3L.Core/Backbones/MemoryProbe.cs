using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>Finds out what a picture takes of a GPU's memory, by small passes of a twin forth and back.</summary>
internal static class MemoryProbe
{
    private const int MostImages = 24;

    /// <summary>Bytes that each picture of a batch keeps until its backward pass is over; null where that cannot be told.</summary>
    internal static long? BytesPerImage(IBackbone backbone, NetworkFormat format, int resolution, int batchSize, torch.Device device)
    {
        int more = Math.Min(batchSize, MostImages), few = Math.Max(more / 3, 2);
        if (few >= more || EngineSeam.MemoryOf(device) is null) return null;
        using var kept = new KeptRandomNumbers(device);
        try
        {
            using IBackbone twin = backbone.CreateTwin();
            format.ApplyTo(twin.Network);
            // The first pass of each size takes what is taken once: libraries look for their fastest algorithms, in as much memory as there is.
            Peak(few);
            Peak(more);
            return Math.Max(Peak(more) - Peak(few), 0) / (more - few);

            long Peak(int images)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                torch.Tensor batch = NetworkFormat.Pattern(images, resolution, device);
                twin.Network.zero_grad();
                return EngineSeam.PeakBytes(device, () => format.Pass(twin, batch));
            }
        }
        catch (Exception e) when (EngineSeam.IsOutOfMemory(e))
        {
            // The stage itself may need less than this and the probe before it left.
            return null;
        }
    }
}
