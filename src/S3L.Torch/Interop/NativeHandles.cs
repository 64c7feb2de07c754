using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>One counted reference to a c10::TensorImpl.</summary>
internal sealed class TensorHandle : OwnedHandle
{
    private static long _count;
    private static long _peak;

    internal TensorHandle(nint tensor) : base(tensor)
    {
        if (tensor == 0) return;
        long count = Interlocked.Increment(ref _count);
        // Two threads may race for the peak; it is a figure for people, and not worth a loop on every creation.
        if (count > Volatile.Read(ref _peak)) Volatile.Write(ref _peak, count);
    }

    internal static long Count => Interlocked.Read(ref _count);

    internal static long Peak => Volatile.Read(ref _peak);

    protected override bool ReleaseHandle()
    {
        Interlocked.Decrement(ref _count);
        Native.s3l_tensor_release(handle);
        return true;
    }
}

/// <summary>An owned native object.</summary>
internal abstract class OwnedHandle : SafeHandle
{
    private protected OwnedHandle(nint owned) : base(0, ownsHandle: true) => SetHandle(owned);

    public override bool IsInvalid => handle == 0;
}

/// <summary>An owned at::Generator.</summary>
internal sealed class GeneratorHandle(nint generator) : OwnedHandle(generator)
{
    protected override bool ReleaseHandle()
    {
        Native.s3l_generator_release(handle);
        return true;
    }
}

/// <summary>An owned s3l::Recording.</summary>
internal sealed class RecordingHandle(nint recording) : OwnedHandle(recording)
{
    protected override bool ReleaseHandle()
    {
        Native.s3l_recording_release(handle);
        return true;
    }
}
