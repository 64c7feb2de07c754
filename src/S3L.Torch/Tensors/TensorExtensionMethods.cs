namespace S3L.Torch;

/// <summary>Reads single elements, and what depends on element types.</summary>
public static class TensorExtensionMethods
{
    /// <summary>The bytes of one element.</summary>
    public static int ElementSize(this torch.ScalarType type) => type switch
    {
        torch.ScalarType.Byte or torch.ScalarType.Int8 or torch.ScalarType.Bool => 1,
        torch.ScalarType.Int16 or torch.ScalarType.Float16 or torch.ScalarType.BFloat16 => 2,
        torch.ScalarType.Int32 or torch.ScalarType.Float32 => 4,
        torch.ScalarType.Int64 or torch.ScalarType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "type must be a plain element type."),
    };

    /// <summary>The one element as a single-precision number. Waits for the device.</summary>
    public static float ToSingle(this torch.Tensor value) => (float)value.ToDouble();

    /// <summary>The one element as a double-precision number. Waits for the device.</summary>
    public static double ToDouble(this torch.Tensor value)
    {
        using torch.Tensor converted = value.to(torch.ScalarType.Float64).DetachFromDisposeScope();
        return converted.item<double>();
    }

    /// <summary>The one element as a 64-bit integer. Waits for the device.</summary>
    public static long ToInt64(this torch.Tensor value)
    {
        using torch.Tensor converted = value.to(torch.ScalarType.Int64).DetachFromDisposeScope();
        return converted.item<long>();
    }

    /// <summary>The one element as a Boolean. Waits for the device.</summary>
    public static bool ToBoolean(this torch.Tensor value)
    {
        using torch.Tensor converted = value.to(torch.ScalarType.Bool).DetachFromDisposeScope();
        return converted.item<bool>();
    }
}
