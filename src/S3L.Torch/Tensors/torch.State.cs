namespace S3L.Torch;

public static partial class torch
{
    /// <summary>The version of libtorch in use, such as 1.13.1.</summary>
    public static string __version__ => NativeLibraryLoader.LibTorchVersion();

    /// <summary>Stops recording operations for <see cref="Tensor.backward()"/> on this thread until disposed.</summary>
    public static IDisposable no_grad() => new GradMode(false);

    /// <summary>Records operations on this thread until disposed.</summary>
    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    /// <summary>Whether operations are recorded on this thread.</summary>
    public static bool is_grad_enabled()
    {
        Status.Check(Native.s3l_grad_mode(out byte enabled), "grad_mode");
        return enabled != 0;
    }

    /// <summary>How many threads one operation uses.</summary>
    public static int get_num_threads()
    {
        Status.Check(Native.s3l_threads(out int count), "get_num_threads");
        return count;
    }

    /// <summary>Sets how many threads one operation uses, in libtorch and in its BLAS.</summary>
    public static void set_num_threads(int num) => Status.Check(Native.s3l_set_threads(num), "set_num_threads");

    /// <summary>Seeds the generators of all devices.</summary>
    public static Generator manual_seed(long seed)
    {
        Status.Check(Native.s3l_manual_seed(unchecked((ulong)seed)), "manual_seed");
        return Generator.Default;
    }

    private sealed class GradMode : IDisposable
    {
        private readonly bool _before;

        internal GradMode(bool enabled)
        {
            _before = is_grad_enabled();
            Set(enabled);
        }

        public void Dispose() => Set(_before);

        private static void Set(bool enabled) => Status.Check(Native.s3l_set_grad_mode(enabled ? (byte)1 : (byte)0), "set_grad_enabled");
    }

    /// <summary>NVIDIA GPUs.</summary>
    public static class cuda
    {
        /// <summary>Whether this libtorch can use a GPU of this machine.</summary>
        public static bool is_available() => device_count() > 0;

        /// <summary>How many GPUs this libtorch can use.</summary>
        public static int device_count()
        {
            Status.Check(Native.s3l_cuda_device_count(out int count), "cuda.device_count");
            return count;
        }

        /// <summary>Waits until all work on the GPU is done.</summary>
        public static void synchronize(Device? device = null) =>
            Status.Check(Native.s3l_cuda_synchronize(device?.index ?? -1), "cuda.synchronize");

        /// <summary>
        /// Bytes of a GPU: those of tensors, the most of them since the last reset, those that libtorch holds for tensors, those that no process has,
        /// and all.
        /// </summary>
        /// <exception cref="TorchException">The library was compiled without CUDA's headers, or there is no such GPU.</exception>
        [BeyondTorchSharp("TorchSharp tells nothing of a GPU's memory")]
        public static (long Allocated, long Peak, long Reserved, long Free, long Total) memory(Device? device = null)
        {
            Status.Check(Native.s3l_cuda_memory(device?.index ?? 0, out long allocated, out long peak, out long reserved, out long free,
                out long total), "cuda.memory");
            return (allocated, peak, reserved, free, total);
        }

        /// <summary>Lets the peak of <see cref="memory"/> begin anew.</summary>
        /// <exception cref="TorchException">The library was compiled without CUDA's headers, or there is no such GPU.</exception>
        [BeyondTorchSharp("TorchSharp tells nothing of a GPU's memory")]
        public static void reset_peak_memory(Device? device = null) =>
            Status.Check(Native.s3l_cuda_reset_peak_memory(device?.index ?? 0), "cuda.reset_peak_memory");
    }

    /// <summary>Switches of the libraries under libtorch.</summary>
    public static class backends
    {
        /// <summary>Switches of CUDA.</summary>
        public static class cuda
        {
            /// <summary>Switches of matrix products.</summary>
            public static class matmul
            {
                /// <summary>Whether single-precision products may use TensorFloat-32.</summary>
                public static bool allow_tf32
                {
                    get => Tf32().Matmul;
                    set => SetTf32(value, Tf32().Cudnn);
                }
            }
        }

        /// <summary>Switches of cuDNN.</summary>
        public static class cudnn
        {
            /// <summary>Whether single-precision convolutions may use TensorFloat-32.</summary>
            public static bool allow_tf32
            {
                get => Tf32().Cudnn;
                set => SetTf32(Tf32().Matmul, value);
            }

            /// <summary>Whether each new shape of a convolution is measured once to find its fastest algorithm.</summary>
            [BeyondTorchSharp("TorchSharp does not have this switch")]
            public static bool benchmark
            {
                get
                {
                    Status.Check(Native.s3l_cudnn_benchmark(out byte enabled), "cudnn.benchmark");
                    return enabled != 0;
                }

                set => Status.Check(Native.s3l_set_cudnn_benchmark(value ? (byte)1 : (byte)0), "cudnn.benchmark");
            }
        }

        private static (bool Matmul, bool Cudnn) Tf32()
        {
            Status.Check(Native.s3l_allow_tf32(out byte matmul, out byte cudnn), "allow_tf32");
            return (matmul != 0, cudnn != 0);
        }

        private static void SetTf32(bool matmul, bool cudnn) =>
            Status.Check(Native.s3l_set_allow_tf32(matmul ? (byte)1 : (byte)0, cudnn ? (byte)1 : (byte)0), "allow_tf32");
    }
}
