using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>Turns a native status into an exception.</summary>
internal static class Status
{
    internal static void Check(int status, string operation)
    {
        if (status != 0) Throw(status, operation);
    }

    private static unsafe void Throw(int status, string operation)
    {
        string text = Marshal.PtrToStringUTF8((nint)Native.s3l_last_error()) ?? "";
        string message = $"{operation}: {text}";
        throw (NativeStatus)status switch
        {
            NativeStatus.OutOfMemory => new TorchOutOfMemoryException(operation, message),
            NativeStatus.IndexError => new TorchIndexException(operation, message),
            NativeStatus.ValueError => new TorchValueException(operation, message),
            NativeStatus.TypeError => new TorchTypeException(operation, message),
            NativeStatus.StateError => new TorchStateException(operation, message),
            _ => new TorchException(operation, message),
        };
    }
}

/// <summary>s3l_status.</summary>
internal enum NativeStatus
{
    Ok = 0,
    Error = 1,
    OutOfMemory = 2,
    IndexError = 3,
    ValueError = 4,
    TypeError = 5,
    StateError = 6,
    NotImplemented = 7,
    Foreign = 8,
}
