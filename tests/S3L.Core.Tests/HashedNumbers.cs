using System.Runtime.InteropServices;
using System.Text;

namespace S3L.Core.Tests;

/// <summary>Numbers that tests/Parity/tensors.py computes alike, so that weights and pictures need not be stored.</summary>
public static class HashedNumbers
{
    /// <summary>Multiples of 2⁻²³ in [−1, 1): FNV-1a of the name, plus the index, through a 32-bit integer hash.</summary>
    public static double[] Of(string name, long count)
    {
        uint key = 2166136261;
        foreach (byte part in Encoding.UTF8.GetBytes(name)) key = (key ^ part) * 16777619;
        var numbers = new double[count];
        for (long i = 0; i < count; i++)
        {
            uint x = ((uint)i * 2654435769) + key;
            x = (x ^ (x >> 16)) * 0x7FEB352D;
            x = (x ^ (x >> 15)) * 0x846CA68B;
            x ^= x >> 16;
            numbers[i] = ((x >> 8) / (double)(1 << 23)) - 1;
        }

        return numbers;
    }

    /// <summary>The numbers in float32, as a tensor of a shape.</summary>
    public static torch.Tensor Tensor(string name, params long[] shape) => Tensor(Of(name, Product(shape)), shape);

    /// <summary>Gives every entry of a state dict the number that its name and place have in the generators.</summary>
    public static void Fill(torch.nn.Module module)
    {
        using IDisposable quiet = torch.no_grad();
        foreach ((string name, torch.Tensor tensor) in module.state_dict())
        {
            using torch.Tensor weight = Weight(name, tensor.shape);
            tensor.copy_(weight);
        }
    }

    /// <summary>The weight that a name has in the generators.</summary>
    public static torch.Tensor Weight(string name, long[] shape)
    {
        if (shape.Length == 0) return torch.zeros([], torch.int64);
        double[] numbers = Of(name, Product(shape));
        (double middle, double spread) = shape.Length switch
        {
            4 => (0, Math.Sqrt(6.0 / ((shape[1] > 1 ? shape[0] : 1) * shape[2] * shape[3]))),
            2 => (0, Math.Sqrt(3.0 / shape[1])),
            _ when name.EndsWith("bias", StringComparison.Ordinal) || name.EndsWith("running_mean", StringComparison.Ordinal) => (0, 0.1),
            _ when name.EndsWith(".bn2.weight", StringComparison.Ordinal) || name.EndsWith(".bn3.weight", StringComparison.Ordinal) => (0.25, 0.05),
            _ => (1.0, 0.2),
        };
        for (int i = 0; i < numbers.Length; i++) numbers[i] = middle + (spread * numbers[i]);
        return Tensor(numbers, shape);
    }

    private static torch.Tensor Tensor(double[] numbers, long[] shape)
    {
        torch.Tensor made = torch.empty(shape, torch.float32);
        Span<float> target = MemoryMarshal.Cast<byte, float>(made.bytes);
        for (int i = 0; i < numbers.Length; i++) target[i] = (float)numbers[i];
        return made;
    }

    private static long Product(long[] shape) => shape.Aggregate(1L, (a, b) => a * b);
}
