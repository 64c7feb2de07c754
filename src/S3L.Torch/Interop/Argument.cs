namespace S3L.Torch;

/// <summary>One argument of an operator; converts from what callers hold, so that a call reads like the operator's schema.</summary>
internal readonly struct Argument
{
    private readonly ValueKind _kind;
    private readonly long _bits;
    private readonly object? _object;

    private Argument(ValueKind kind, long bits, object? reference = null)
    {
        _kind = kind;
        _bits = bits;
        _object = reference;
    }

    internal static Argument None => default;

    public static implicit operator Argument(torch.Tensor? value) => value is null ? None : new(ValueKind.Tensor, 0, value);

    public static implicit operator Argument(long value) => new(ValueKind.Int, value);

    public static implicit operator Argument(double value) => new(ValueKind.Double, BitConverter.DoubleToInt64Bits(value));

    public static implicit operator Argument(bool value) => new(ValueKind.Bool, value ? 1 : 0);

    public static implicit operator Argument(string value) => new(ValueKind.String, 0, System.Text.Encoding.UTF8.GetBytes(value));

    public static implicit operator Argument(long? value) => value is null ? None : value.Value;

    public static implicit operator Argument(double? value) => value is null ? None : value.Value;

    public static implicit operator Argument(long[]? value) => value is null ? None : new(ValueKind.IntList, 0, value);

    public static implicit operator Argument(double[]? value) => value is null ? None : new(ValueKind.DoubleList, 0, value);

    public static implicit operator Argument(torch.Tensor[] value) => new(ValueKind.TensorList, 0, value);

    public static implicit operator Argument(torch.ScalarType value) => (long)value;

    public static implicit operator Argument(torch.ScalarType? value) => value is null ? None : (long)value.Value;

    public static implicit operator Argument(torch.Device? value) =>
        value is null ? None : new(ValueKind.Device, ((long)value.type << 32) | (uint)value.index);

    public static implicit operator Argument(torch.Generator? value) => value is null ? None : new(ValueKind.Generator, 0, value.SafeHandle);

    public static implicit operator Argument(Scalar? value) => value?.AsArgument() ?? None;

    /// <summary>How many 64-bit words this argument needs beside its own.</summary>
    internal int Words => _object switch
    {
        long[] list => list.Length,
        double[] list => list.Length,
        torch.Tensor[] list => list.Length,
        byte[] text => (text.Length + 7) / 8,
        _ => 0,
    };

    /// <summary>Writes the native form and returns the first free word. What it refers to is kept alive until <see cref="Release"/>.</summary>
    internal unsafe long* Write(NativeValue* value, long* words)
    {
        value->Kind = _kind;
        value->Length = 0;
        value->Bits = _bits;
        switch (_kind)
        {
            case ValueKind.Tensor:
                value->Bits = ((torch.Tensor)_object!).Acquire();
                return words;
            case ValueKind.Generator:
                bool added = false;
                ((GeneratorHandle)_object!).DangerousAddRef(ref added);
                value->Bits = ((GeneratorHandle)_object).DangerousGetHandle();
                return words;
            case ValueKind.IntList:
                var integers = (long[])_object!;
                integers.CopyTo(new Span<long>(words, integers.Length));
                break;
            case ValueKind.DoubleList:
                var reals = (double[])_object!;
                reals.CopyTo(new Span<double>(words, reals.Length));
                break;
            case ValueKind.TensorList:
                var tensors = (torch.Tensor[])_object!;
                AcquireAll(tensors, words);
                break;
            case ValueKind.String:
                var characters = (byte[])_object!;
                characters.CopyTo(new Span<byte>(words, characters.Length));
                break;
            default:
                return words;
        }

        value->Bits = (long)words;
        value->Length = _object is byte[] text ? text.Length : Words;
        return words + Words;
    }

    // All or none: a disposed tensor in the list must not leave those before it acquired.
    private static unsafe void AcquireAll(torch.Tensor[] tensors, long* words)
    {
        int acquired = 0;
        try
        {
            for (; acquired < tensors.Length; acquired++) words[acquired] = tensors[acquired].Acquire();
        }
        catch
        {
            while (acquired > 0) tensors[--acquired].Release();
            throw;
        }
    }

    internal void Release()
    {
        switch (_kind)
        {
            case ValueKind.Tensor:
                ((torch.Tensor)_object!).Release();
                break;
            case ValueKind.Generator:
                ((GeneratorHandle)_object!).DangerousRelease();
                break;
            case ValueKind.TensorList:
                foreach (torch.Tensor tensor in (torch.Tensor[])_object!) tensor.Release();
                break;
        }
    }
}
