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
        throw status switch
        {
            2 => new TorchOutOfMemoryException(operation, message),
            3 => new TorchIndexException(operation, message),
            4 => new TorchValueException(operation, message),
            5 => new TorchTypeException(operation, message),
            6 => new TorchStateException(operation, message),
            _ => new TorchException(operation, message),
        };
    }
}
