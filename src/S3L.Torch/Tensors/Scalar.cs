namespace S3L.Torch;

/// <summary>A number as libtorch's operators take it: floating point, integer or Boolean.</summary>
public sealed class Scalar : IDisposable
{
    private readonly double _real;
    private readonly long _integer;

    private Scalar(torch.ScalarType type, double real, long integer)
    {
        Type = type;
        _real = real;
        _integer = integer;
    }

    /// <summary>The element type that the number came as.</summary>
    public torch.ScalarType Type { get; }

    /// <summary>From a double.</summary>
    public static implicit operator Scalar(double value) => new(torch.ScalarType.Float64, value, 0);

    /// <summary>From a float.</summary>
    public static implicit operator Scalar(float value) => new(torch.ScalarType.Float32, value, 0);

    /// <summary>From a 64-bit integer.</summary>
    public static implicit operator Scalar(long value) => new(torch.ScalarType.Int64, 0, value);

    /// <summary>From a 32-bit integer.</summary>
    public static implicit operator Scalar(int value) => new(torch.ScalarType.Int32, 0, value);

    /// <summary>From a Boolean.</summary>
    public static implicit operator Scalar(bool value) => new(torch.ScalarType.Bool, 0, value ? 1 : 0);

    /// <summary>Does nothing: the number owns nothing. TorchSharp's does.</summary>
    public void Dispose()
    {
    }

    internal Argument AsArgument() => Type switch
    {
        torch.ScalarType.Bool => _integer != 0,
        torch.ScalarType.Float32 or torch.ScalarType.Float64 => _real,
        _ => _integer,
    };
}
