using System.Runtime.InteropServices;

namespace S3L.Torch;

/// <summary>Tensors and what makes them; the names and signatures are those of TorchSharp.</summary>
public static partial class torch
{
    /// <summary>A tensor of zeros.</summary>
    public static Tensor zeros(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Operators.zeros.Call(size, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>A vector of zeros.</summary>
    public static Tensor zeros(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        zeros([size], dtype, device, requires_grad, names);

    /// <summary>A matrix of zeros.</summary>
    public static Tensor zeros(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        zeros([rows, columns], dtype, device, requires_grad, names);

    /// <summary>A tensor of ones.</summary>
    public static Tensor ones(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Operators.ones.Call(size, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>A vector of ones.</summary>
    public static Tensor ones(long size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        ones([size], dtype, device, requires_grad, names);

    /// <summary>A tensor whose elements have no defined value.</summary>
    public static Tensor empty(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, string[]? names = null) =>
        Operators.empty_memory_format.Call(size, dtype, Argument.None, device, Argument.None, Argument.None).Made(requires_grad, names);

    /// <summary>A tensor of one number.</summary>
    public static Tensor full(long[] size, Scalar value, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Operators.full.Call(size, value, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>The numbers from 0 to before <paramref name="stop"/>.</summary>
    public static Tensor arange(Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Operators.arange.Call(stop, dtype, Argument.None, device, Argument.None).Made(requires_grad, null);

    /// <summary>The numbers from start to before <paramref name="stop"/>.</summary>
    public static Tensor arange(Scalar start, Scalar stop, ScalarType? dtype = null, Device? device = null, bool requires_grad = false) =>
        Operators.arange_start.Call(start, stop, dtype, Argument.None, device, Argument.None).Made(requires_grad, null);

    /// <summary>The identity matrix.</summary>
    public static Tensor eye(long rows, long columns = -1, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Operators.eye_m.Call(rows, columns < 0 ? rows : columns, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>Numbers drawn evenly from [0, 1).</summary>
    public static Tensor rand(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) =>
        Operators.rand_generator.Call(size, generator, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>Numbers drawn from the standard normal distribution.</summary>
    public static Tensor randn(long[] size, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null,
        string[]? names = null) =>
        Operators.randn_generator.Call(size, generator, dtype, Argument.None, device, Argument.None).Made(requires_grad, names);

    /// <summary>A matrix of numbers drawn from the standard normal distribution.</summary>
    public static Tensor randn(long rows, long columns, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        Generator? generator = null, string[]? names = null) =>
        randn([rows, columns], dtype, device, requires_grad, generator, names);

    /// <summary>Draws from the standard gamma distribution, one number for each shape parameter in <paramref name="input"/>.</summary>
    public static Tensor _standard_gamma(Tensor input, Generator? generator = null) => Operators._standard_gamma.Call(input, generator);

    /// <summary>The numbers from 0 to before <paramref name="n"/> in random order.</summary>
    public static Tensor randperm(long n, ScalarType? dtype = null, Device? device = null, bool requires_grad = false, Generator? generator = null) =>
        Operators.randperm_generator.Call(n, generator, dtype ?? ScalarType.Int64, Argument.None, device, Argument.None).Made(requires_grad, null);

    /// <summary>A vector from an array.</summary>
    public static Tensor tensor(float[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        tensor(rawArray, [rawArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape from an array in row-major order.</summary>
    public static Tensor tensor(float[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(MemoryMarshal.AsBytes(rawArray.AsSpan()), ScalarType.Float32, dimensions, dtype, device).Made(requires_grad, names);

    /// <summary>A vector from an array.</summary>
    public static Tensor tensor(double[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Copied(MemoryMarshal.AsBytes(rawArray.AsSpan()), ScalarType.Float64, [rawArray.Length], dtype, device).Made(requires_grad, names);

    /// <summary>A vector from an array.</summary>
    public static Tensor tensor(long[] dataArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        tensor(dataArray, [dataArray.Length], dtype, device, requires_grad, names);

    /// <summary>A tensor of the given shape from an array in row-major order.</summary>
    public static Tensor tensor(long[] dataArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(MemoryMarshal.AsBytes(dataArray.AsSpan()), ScalarType.Int64, dimensions, dtype, device).Made(requires_grad, names);

    /// <summary>A tensor of the given shape from bytes in row-major order.</summary>
    public static Tensor tensor(byte[] rawArray, ReadOnlySpan<long> dimensions, ScalarType? dtype = null, Device? device = null,
        bool requires_grad = false, string[]? names = null) =>
        Copied(rawArray, ScalarType.Byte, dimensions, dtype, device).Made(requires_grad, names);

    /// <summary>A vector from an array.</summary>
    public static Tensor tensor(bool[] rawArray, ScalarType? dtype = null, Device? device = null, bool requires_grad = false,
        string[]? names = null) =>
        Copied(MemoryMarshal.AsBytes(rawArray.AsSpan()), ScalarType.Bool, [rawArray.Length], dtype, device).Made(requires_grad, names);

    /// <summary>A tensor of no dimensions that holds one number.</summary>
    public static Tensor tensor(float scalar, Device? device = null, bool requires_grad = false) =>
        full([], scalar, ScalarType.Float32, device, requires_grad);

    /// <summary>Tensors one behind the other along an existing dimension.</summary>
    public static Tensor cat(Tensor[] tensors, long dim = 0) => Operators.cat.Call(tensors, dim);

    /// <summary>Tensors one behind the other along a new dimension.</summary>
    public static Tensor stack(IEnumerable<Tensor> tensors, long dim = 0) => Operators.stack.Call(tensors.ToArray(), dim);

    /// <summary><paramref name="x"/> where the condition holds, <paramref name="y"/> elsewhere.</summary>
    public static Tensor where(Tensor condition, Tensor x, Tensor y) => Operators.where_self.Call(condition, x, y);

    /// <summary>Matrix product; leading dimensions broadcast.</summary>
    public static Tensor matmul(Tensor input, Tensor target) => input.matmul(target);

    private static Tensor Copied(ReadOnlySpan<byte> source, ScalarType type, ReadOnlySpan<long> dimensions, ScalarType? wanted, Device? device)
    {
        Tensor made = empty(dimensions.ToArray(), type);
        Span<byte> target = made.bytes;
        if (target.Length != source.Length)
        {
            int size = type.ElementSize();
            made.Dispose();
            throw new ArgumentException(
                $"dimensions [{string.Join(", ", dimensions.ToArray())}] need {target.Length / size} elements, " +
                $"but the array has {source.Length / size}.",
                nameof(dimensions));
        }

        source.CopyTo(target);
        if ((wanted is null || wanted == type) && device is null or { type: DeviceType.CPU }) return made;
        return made.to(wanted ?? type, device ?? CPU, disposeAfter: true);
    }

    private static Tensor Made(this Tensor tensor, bool requires_grad, string[]? names)
    {
        if (names is null) return tensor.Recorded(requires_grad);
        tensor.Dispose();
        throw new ArgumentException("names must be null: named dimensions are not supported.", nameof(names));
    }
}
