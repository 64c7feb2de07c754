using S3L.Core.Engine;

namespace S3L.Core.Losses;

/// <summary>The way out of bfloat16 for a loss of one's own.</summary>
/// <remarks>
/// The Trainer may run a method's forward pass in autocast, where matrix products round to eight bits: too few for cosines that are divided by a
/// temperature. All losses of this namespace leave it by themselves.
/// </remarks>
public static class FullPrecision
{
    /// <summary>Operators compute in the types of their tensors until the result is disposed; make these float32 first.</summary>
    /// <param name="device">Where the tensors are.</param>
    /// <exception cref="ArgumentNullException"><paramref name="device"/> is null.</exception>
    public static IDisposable On(torch.Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        return EngineSeam.FullPrecision(device.type);
    }
}
