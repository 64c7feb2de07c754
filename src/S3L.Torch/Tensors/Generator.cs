namespace S3L.Torch;

public static partial class torch
{
    /// <summary>A source of random numbers.</summary>
    public class Generator : IDisposable
    {
        private readonly GeneratorHandle _handle;

        /// <summary>A new generator, seeded.</summary>
        public Generator(ulong seed = 0, Device? device = null)
        {
            this.device = device ?? CPU;
            Status.Check(Native.s3l_generator_create((int)this.device.type, this.device.index, seed, out nint handle), "Generator");
            _handle = new GeneratorHandle(handle);
        }

        private Generator(nint handle, Device device)
        {
            this.device = device;
            _handle = new GeneratorHandle(handle);
        }

        /// <summary>The processor's generator, which operations use that are given none.</summary>
        public static Generator Default => DefaultOf(CPU);

        /// <summary>A device's generator, which operations on it use that are given none.</summary>
        [BeyondTorchSharp("TorchSharp reaches the processor's alone")]
        public static Generator DefaultOf(Device device)
        {
            ArgumentNullException.ThrowIfNull(device);
            Status.Check(Native.s3l_generator_default((int)device.type, device.index, out nint handle), "Generator.DefaultOf");
            return new Generator(handle, device);
        }

        /// <summary>The device whose random numbers these are.</summary>
        public Device device { get; }

        internal GeneratorHandle SafeHandle => _handle;

        /// <summary>Starts again from a seed.</summary>
        public Generator manual_seed(long seed)
        {
            Status.Check(Native.s3l_generator_seed(_handle, unchecked((ulong)seed)), "Generator.manual_seed");
            return this;
        }

        /// <summary>The whole state, as bytes.</summary>
        public Tensor get_state()
        {
            Status.Check(Native.s3l_generator_state(_handle, out nint state), "Generator.get_state");
            return new Tensor(state);
        }

        /// <summary>Goes on from a state that <see cref="get_state"/> gave.</summary>
        public void set_state(Tensor value)
        {
            ArgumentNullException.ThrowIfNull(value);
            Status.Check(Native.s3l_generator_set_state(_handle, value.SafeHandle), "Generator.set_state");
        }

        /// <summary>Gives the native generator back.</summary>
        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        /// <summary>Gives the native generator back.</summary>
        protected virtual void Dispose(bool disposing)
        {
            if (disposing) _handle.Dispose();
        }
    }
}
