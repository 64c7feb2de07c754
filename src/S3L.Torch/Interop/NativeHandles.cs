using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>One counted reference to a c10::TensorImpl.</summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long _count;
    private static long _peak;

    internal TensorHandle(nint tensor) : base(0, ownsHandle: true)
    {
        SetHandle(tensor);
        if (tensor == 0) return;
        long count = Interlocked.Increment(ref _count);
        // Two threads may race for the peak; it is a figure for people, and not worth a loop on every creation.
        if (count > Volatile.Read(ref _peak)) Volatile.Write(ref _peak, count);
    }

    public override bool IsInvalid => handle == 0;

    internal static long Count => Interlocked.Read(ref _count);

    internal static long Peak => Volatile.Read(ref _peak);

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref _count);
        Native.s3l_tensor_release(handle);
        return true;
    }
}

/// <summary>An owned at::Generator.</summary>
internal sealed class GeneratorHandle : SafeHandle
{
    internal GeneratorHandle(nint generator) : base(0, ownsHandle: true) => SetHandle(generator);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Native.s3l_generator_release(handle);
        return true;
    }
}

/// <summary>An owned s3l::Recording.</summary>
internal sealed class RecordingHandle : SafeHandle
{
    internal RecordingHandle(nint recording) : base(0, ownsHandle: true) => SetHandle(recording);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Native.s3l_recording_release(handle);
        return true;
    }
}
