using Microsoft.Win32.SafeHandles;

namespace S3L.Core.Data;

/// <summary>A decompressor. It serves one thread at a time and is costly to make, so each thread keeps one.</summary>
internal sealed class TurboJpegHandle : SafeHandleZeroOrMinusOneIsInvalid
{
    [ThreadStatic]
    private static TurboJpegHandle? s_ofThisThread;

    public TurboJpegHandle()
        : base(ownsHandle: true)
    {
        NativeLibraries.Require(NativeLibraries.TurboJpeg);
        SetHandle(TurboJpeg.InitDecompress());
    }

    public static TurboJpegHandle OfThisThread()
    {
        if (s_ofThisThread is { } existing)
            return existing;
        var created = new TurboJpegHandle();
        if (created.IsInvalid)
            throw new InvalidOperationException("libjpeg-turbo could not make a decompressor (out of memory?).");
        return s_ofThisThread = created;
    }

    /// <summary>
    /// Gives up this thread's decompressor. After an error it may be left in the middle of a header, and misread the next picture.
    /// </summary>
    public static void Discard()
    {
        s_ofThisThread?.Dispose();
        s_ofThisThread = null;
    }

    protected override bool ReleaseHandle() => TurboJpeg.Destroy(handle) == 0;
}
