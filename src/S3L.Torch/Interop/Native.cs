using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>The functions of native/s3l_torch.h, name for name.</summary>
internal static unsafe partial class Native
{
    internal const string Library = "s3l_torch";

    static Native() => NativeLibraryLoader.Install();

    [LibraryImport(Library)] internal static partial int s3l_abi_version();
    [LibraryImport(Library)] internal static partial byte* s3l_built_against();
    [LibraryImport(Library)] internal static partial byte* s3l_runtime_config();
    [LibraryImport(Library)] internal static partial byte* s3l_last_error();

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial int s3l_operator_find(string name, string overload, out nint op);
    [LibraryImport(Library)]
    internal static partial int s3l_operator_call(nint op, NativeValue* arguments, int count, NativeValue* results, int capacity, int* returned);
    [LibraryImport(Library)] internal static partial void s3l_list_release(nint list);

    [LibraryImport(Library)] internal static partial void s3l_tensor_release(nint tensor);
    [LibraryImport(Library)] internal static partial int s3l_tensor_share(TensorHandle tensor, out nint leaf);
    [LibraryImport(Library)] internal static partial int s3l_tensor_describe(TensorHandle tensor, TensorFacts* facts);
    [LibraryImport(Library)] internal static partial int s3l_tensor_extents(TensorHandle tensor, long* sizes, long* strides);
    [LibraryImport(Library)] internal static partial int s3l_tensor_data(TensorHandle tensor, out nint data);
    [LibraryImport(Library)] internal static partial int s3l_tensor_set_data(TensorHandle tensor, TensorHandle source);

    [LibraryImport(Library)] internal static partial int s3l_set_requires_grad(TensorHandle tensor, byte value);
    [LibraryImport(Library)] internal static partial int s3l_get_grad(TensorHandle tensor, out nint grad);
    [LibraryImport(Library)] internal static partial int s3l_set_grad(TensorHandle tensor, nint grad);
    [LibraryImport(Library)] internal static partial int s3l_backward(TensorHandle tensor, nint gradient, byte retainGraph, byte createGraph);
    [LibraryImport(Library)] internal static partial int s3l_grad_mode(out byte enabled);
    [LibraryImport(Library)] internal static partial int s3l_set_grad_mode(byte enabled);

    [LibraryImport(Library)] internal static partial int s3l_autocast_get(int deviceType, out byte enabled, out int dtype);
    [LibraryImport(Library)] internal static partial int s3l_autocast_set(int deviceType, byte enabled, int dtype);
    [LibraryImport(Library)] internal static partial int s3l_autocast_enter();
    [LibraryImport(Library)] internal static partial int s3l_autocast_exit();

    [LibraryImport(Library)] internal static partial int s3l_threads(out int count);
    [LibraryImport(Library)] internal static partial int s3l_set_threads(int count);
    [LibraryImport(Library)]
    internal static partial int s3l_parallel_for(int count, delegate* unmanaged<nint, int, int, void> part, nint state);
    [LibraryImport(Library)] internal static partial int s3l_keep_freed_memory(out byte kept);
    [LibraryImport(Library)] internal static partial int s3l_manual_seed(ulong seed);
    [LibraryImport(Library)] internal static partial int s3l_generator_create(int deviceType, int deviceIndex, ulong seed, out nint generator);
    [LibraryImport(Library)] internal static partial int s3l_generator_default(int deviceType, int deviceIndex, out nint generator);
    [LibraryImport(Library)] internal static partial void s3l_generator_release(nint generator);
    [LibraryImport(Library)] internal static partial int s3l_generator_seed(GeneratorHandle generator, ulong seed);
    [LibraryImport(Library)] internal static partial int s3l_generator_state(GeneratorHandle generator, out nint state);
    [LibraryImport(Library)] internal static partial int s3l_generator_set_state(GeneratorHandle generator, TensorHandle state);
    [LibraryImport(Library)] internal static partial int s3l_cuda_device_count(out int count);
    [LibraryImport(Library)] internal static partial int s3l_cuda_synchronize(int deviceIndex);
    [LibraryImport(Library)]
    internal static partial int s3l_cuda_memory(int deviceIndex, out long allocated, out long peak, out long reserved, out long freeBytes,
        out long total);
    [LibraryImport(Library)] internal static partial int s3l_cuda_reset_peak_memory(int deviceIndex);
    [LibraryImport(Library)] internal static partial int s3l_allow_tf32(out byte matmul, out byte cudnn);
    [LibraryImport(Library)] internal static partial int s3l_set_allow_tf32(byte matmul, byte cudnn);
    [LibraryImport(Library)] internal static partial int s3l_cudnn_benchmark(out byte enabled);
    [LibraryImport(Library)] internal static partial int s3l_set_cudnn_benchmark(byte enabled);

    [LibraryImport(Library)] internal static partial int s3l_recording_create(int deviceType, int deviceIndex, out nint recording);
    [LibraryImport(Library)] internal static partial int s3l_recording_enter(RecordingHandle recording, byte record);
    [LibraryImport(Library)] internal static partial int s3l_recording_leave(RecordingHandle recording, byte keep);
    [LibraryImport(Library)] internal static partial int s3l_is_recording(out byte value);
    [LibraryImport(Library)] internal static partial int s3l_recording_replay(RecordingHandle recording);
    [LibraryImport(Library)] internal static partial void s3l_recording_release(nint recording);

    [LibraryImport(Library)] internal static partial int s3l_throw(int what);
}

/// <summary>s3l_value: an argument or a result of an operator.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeValue
{
    internal ValueKind Kind;
    internal int Length;
    internal long Bits;

    internal double Real
    {
        readonly get => BitConverter.Int64BitsToDouble(Bits);
        set => Bits = BitConverter.DoubleToInt64Bits(value);
    }
}

/// <summary>s3l_kind.</summary>
internal enum ValueKind
{
    None = 0,
    Tensor = 1,
    Int = 2,
    Double = 3,
    Bool = 4,
    IntList = 5,
    DoubleList = 6,
    TensorList = 7,
    String = 8,
    Device = 9,
    Generator = 10,
}

/// <summary>s3l_tensor_facts.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct TensorFacts
{
    internal long Elements;
    internal int DType;
    internal int DeviceType;
    internal int DeviceIndex;
    internal int Dimensions;
    internal byte RequiresGrad;
    internal byte IsLeaf;
    internal byte IsContiguous;
    internal byte IsChannelsLast;
}
