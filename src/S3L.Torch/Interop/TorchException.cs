using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>libtorch refused an operation. The message holds the operation's name and libtorch's text.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public class TorchException : ExternalException
{
    /// <summary>An error that belongs to no operation, such as a library that cannot be loaded.</summary>
    public TorchException(string message) : base(message) => Operation = "";

    /// <summary>An error of one operation.</summary>
    public TorchException(string operation, string message) : base(message) => Operation = operation;

    /// <summary>The operation as libtorch calls it, such as <c>aten::add.Tensor</c>; empty where there is none.</summary>
    public string Operation { get; }
}

/// <summary>A tensor could not be allocated, on the processor or on the GPU.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public sealed class TorchOutOfMemoryException(string operation, string message) : TorchException(operation, message);

/// <summary>An index or a dimension is out of range.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public sealed class TorchIndexException(string operation, string message) : TorchException(operation, message);

/// <summary>An argument has a value that the operation does not take.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public sealed class TorchValueException(string operation, string message) : TorchException(operation, message);

/// <summary>An argument has a type that the operation does not take.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public sealed class TorchTypeException(string operation, string message) : TorchException(operation, message);

/// <summary>Autograd refused: no graph was recorded, it was freed already, or a tensor that it needs was changed in place.</summary>
[BeyondTorchSharp("TorchSharp throws ExternalException for everything")]
public sealed class TorchStateException(string operation, string message) : TorchException(operation, message);
