namespace S3L.Torch;

/// <summary>Kinds of devices, numbered as in libtorch.</summary>
public enum DeviceType
{
    /// <summary>The processor.</summary>
    CPU = 0,

    /// <summary>An NVIDIA GPU.</summary>
    CUDA = 1,
}

public static partial class torch
{
    /// <summary>The processor.</summary>
    public static readonly Device CPU = new(DeviceType.CPU);

    /// <summary>The first NVIDIA GPU.</summary>
    public static Device CUDA { get; } = new(DeviceType.CUDA, 0);

    /// <summary>Makes a device from text such as <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
    public static Device device(string description) => new(description);

    /// <summary>Makes a device from its kind and number.</summary>
    public static Device device(DeviceType deviceType, int index = -1) => new(deviceType, index);

    /// <summary>A kind of device and its number; -1 stands for the current one.</summary>
    public class Device
    {
        /// <summary>From text such as <c>cpu</c>, <c>cuda</c> or <c>cuda:1</c>.</summary>
        /// <exception cref="ArgumentException">The text names no device.</exception>
        public Device(string description)
        {
            ArgumentNullException.ThrowIfNull(description);
            string[] parts = description.Split(':');
            type = parts[0].ToLowerInvariant() switch
            {
                "cpu" => DeviceType.CPU,
                "cuda" => DeviceType.CUDA,
                _ => throw Unknown(description),
            };
            index = -1;
            if (parts.Length > 2 || (parts.Length == 2 && !int.TryParse(parts[1], out int number))) throw Unknown(description);
            if (parts.Length == 2) index = int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture);
        }

        /// <summary>From a kind and a number.</summary>
        public Device(DeviceType deviceType, int index = -1)
        {
            type = deviceType;
            this.index = index;
        }

        /// <summary>The kind.</summary>
        public DeviceType type { get; }

        /// <summary>The number, or -1 for the current one.</summary>
        public int index { get; }

        /// <summary>From text such as <c>cuda:1</c>.</summary>
        public static implicit operator Device(string description) => new(description);

        /// <summary>The text that the string constructor takes.</summary>
        public override string ToString()
        {
            string name = type == DeviceType.CPU ? "cpu" : "cuda";
            return index < 0 ? name : $"{name}:{index}";
        }

        private static ArgumentException Unknown(string description) =>
            new($"description must be cpu, cuda or cuda:NUMBER, but is '{description}'.", nameof(description));
    }
}
