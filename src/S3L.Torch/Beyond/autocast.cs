namespace S3L.Torch;

public static partial class torch
{
    /// <summary>Runs convolutions and matrix products of this thread in a shorter type until disposed; losses and sums stay in float32.</summary>
    /// <param name="type">The device whose operations are meant.</param>
    /// <param name="dtype">BFloat16, or on a GPU also Float16.</param>
    [BeyondTorchSharp("TorchSharp has no autocast")]
    public static IDisposable autocast(DeviceType type, ScalarType dtype) => new Autocast(type, true, dtype);

    /// <summary>Leaves <see cref="autocast"/> until disposed.</summary>
    [BeyondTorchSharp("TorchSharp has no autocast")]
    public static IDisposable no_autocast(DeviceType type) => new Autocast(type, false, null);

    private sealed class Autocast : IDisposable
    {
        private readonly int _device;
        private readonly byte _enabled;
        private readonly int _type;

        internal Autocast(DeviceType device, bool enabled, ScalarType? type)
        {
            _device = (int)device;
            Status.Check(Native.s3l_autocast_get(_device, out _enabled, out _type), "autocast");
            Status.Check(Native.s3l_autocast_enter(), "autocast");
            Status.Check(Native.s3l_autocast_set(_device, enabled ? (byte)1 : (byte)0, type is { } wanted ? (int)wanted : -1), "autocast");
        }

        public void Dispose()
        {
            Status.Check(Native.s3l_autocast_exit(), "autocast");
            Status.Check(Native.s3l_autocast_set(_device, _enabled, _type), "autocast");
        }
    }
}
