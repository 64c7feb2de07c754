using System.Runtime.InteropServices;

namespace S3L.Testing;

/// <summary>The elements of tensors as arrays, and how far two tensors are apart. Leaves no tensor behind.</summary>
public static class TensorValues
{
    /// <summary>All elements in row-major order.</summary>
    public static float[] Floats(this torch.Tensor tensor) => Elements<float>(tensor, torch.float32);

    /// <summary>All elements in row-major order.</summary>
    public static double[] Doubles(this torch.Tensor tensor) => Elements<double>(tensor, torch.ScalarType.Float64);

    /// <summary>All elements in row-major order.</summary>
    public static long[] Longs(this torch.Tensor tensor) => Elements<long>(tensor, torch.int64);

    /// <summary>‖actual − expected‖ / ‖expected‖; NaN where a shape differs, so that no bound holds.</summary>
    public static double RelativeError(torch.Tensor expected, torch.Tensor actual) =>
        expected.shape.AsSpan().SequenceEqual(actual.shape) ? RelativeError(expected.Doubles(), actual.Doubles()) : double.NaN;

    /// <summary>‖actual − expected‖ / ‖expected‖, or ‖actual‖ where nothing is expected.</summary>
    public static double RelativeError(IReadOnlyList<double> expected, IReadOnlyList<double> actual)
    {
        if (expected.Count != actual.Count) return double.NaN;
        double difference = Math.Sqrt(expected.Zip(actual, (e, a) => (e - a) * (e - a)).Sum());
        double length = Math.Sqrt(expected.Sum(e => e * e));
        return length == 0 ? difference : difference / length;
    }

    /// <summary>The largest |actual − expected|; NaN where a shape differs or an element is NaN.</summary>
    public static double LargestError(torch.Tensor expected, torch.Tensor actual) =>
        expected.shape.AsSpan().SequenceEqual(actual.shape)
            ? expected.Doubles().Zip(actual.Doubles(), (e, a) => Math.Abs(e - a)).Aggregate(0.0, Math.Max)
            : double.NaN;

    /// <summary>Peak signal-to-noise ratio in decibels of pictures whose values run from 0 to 1.</summary>
    public static double Psnr(torch.Tensor expected, torch.Tensor actual)
    {
        double square = expected.Doubles().Zip(actual.Doubles(), (e, a) => (e - a) * (e - a)).Average();
        return -10 * Math.Log10(square);
    }

    /// <summary>A tensor in few numbers: all of it if small, else evenly spaced elements; its norm comes last.</summary>
    /// <param name="tensor">Any tensor.</param>
    /// <param name="most">Elements at most, at least 1.</param>
    public static double[] Digest(this torch.Tensor tensor, int most = 64)
    {
        double[] all = tensor.Doubles();
        int step = (all.Length + most - 1) / most;
        return [.. all.Where((_, i) => i % step == 0), Math.Sqrt(all.Sum(e => e * e))];
    }

    private static T[] Elements<T>(torch.Tensor tensor, torch.ScalarType type) where T : struct
    {
        using torch.Tensor plain = tensor.detach().DetachFromDisposeScope();
        using torch.Tensor converted = plain.to(type).DetachFromDisposeScope();
        using torch.Tensor home = converted.cpu().DetachFromDisposeScope();
        using torch.Tensor packed = home.contiguous().DetachFromDisposeScope();
        return MemoryMarshal.Cast<byte, T>(packed.bytes).ToArray();
    }
}
