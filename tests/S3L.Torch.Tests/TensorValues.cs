using System.Runtime.InteropServices;

namespace S3L.Torch.Tests;

/// <summary>The elements of tensors as arrays, and comparisons of them.</summary>
internal static class TensorValues
{
    internal static float[] Floats(this torch.Tensor tensor) => Elements<float>(tensor, torch.float32);

    internal static double[] Doubles(this torch.Tensor tensor) => Elements<double>(tensor, torch.float64);

    internal static long[] Longs(this torch.Tensor tensor) => Elements<long>(tensor, torch.int64);

    internal static bool[] Bools(this torch.Tensor tensor) => Elements<bool>(tensor, torch.@bool);

    /// <summary>Same shape, and a largest difference of at most <paramref name="relative"/> of the largest expected element.</summary>
    internal static void AssertClose(torch.Tensor expected, torch.Tensor actual, double relative)
    {
        Assert.Equal(expected.shape, actual.shape);
        AssertClose(expected.Doubles(), actual.Doubles(), relative);
    }

    /// <summary>A largest difference of at most <paramref name="relative"/> of the largest expected element.</summary>
    internal static void AssertClose(IReadOnlyList<double> expected, IReadOnlyList<double> actual, double relative)
    {
        Assert.Equal(expected.Count, actual.Count);
        double largest = expected.Max(Math.Abs);
        for (int i = 0; i < expected.Count; i++)
        {
            // Negated, so that NaN fails.
            if (!(Math.Abs(expected[i] - actual[i]) <= relative * largest))
            {
                Assert.Fail($"element {i} must be {expected[i]} within {relative} of {largest}, but is {actual[i]}.");
            }
        }
    }

    private static T[] Elements<T>(torch.Tensor tensor, torch.ScalarType type) where T : struct
    {
        using torch.Tensor plain = tensor.detach().DetachFromDisposeScope();
        using torch.Tensor converted = plain.to(type).DetachFromDisposeScope();
        using torch.Tensor packed = converted.contiguous().DetachFromDisposeScope();
        return MemoryMarshal.Cast<byte, T>(packed.bytes).ToArray();
    }
}
