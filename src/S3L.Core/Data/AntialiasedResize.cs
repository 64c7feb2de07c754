using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace S3L.Core.Data;

/// <summary>
/// Resizes with a triangle filter whose support grows with the scale, as Pillow's resize(BILINEAR) and torchvision's antialias=True do.
/// Pillow rounds between its two passes and this does not, hence a difference of at most one level.
/// </summary>
internal static class AntialiasedResize
{
    private const int Channels = 3;

    /// <summary>Resizes a picture to a square, whatever its proportions.</summary>
    /// <param name="image">The picture.</param>
    /// <param name="size">Side of the square, in pixels.</param>
    /// <param name="destination">size × 3 × size bytes: [row, channel, column].</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is below 1.</exception>
    /// <exception cref="ArgumentException"><paramref name="destination"/> has another length.</exception>
    public static void ToSquareGrid(RgbImage image, int size, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        if (destination.Length != (long)size * Channels * size)
            throw new ArgumentException(
                $"destination must hold size × 3 × size = {(long)size * Channels * size} bytes, but holds {destination.Length}.",
                nameof(destination));
        ReadOnlySpan<byte> pixels = image.Pixels.Span;
        int rowBytes = image.Width * Channels;
        using var columns = new Taps(image.Width, size);
        using var rows = new Taps(image.Height, size);

        // One float more than a row: the horizontal pass reads pixels four floats at a time.
        float[] rented = ArrayPool<float>.Shared.Rent(rowBytes + 1);
        Span<float> blended = rented.AsSpan(0, rowBytes + 1);
        for (int y = 0; y < size; y++)
        {
            blended.Clear();
            ReadOnlySpan<float> weights = rows.Of(y, out int first);
            for (int i = 0; i < weights.Length; i++)
                AddRow(pixels.Slice((first + i) * rowBytes, rowBytes), weights[i], blended);
            BlendColumns(blended, columns, size, destination.Slice(y * Channels * size, Channels * size));
        }
        ArrayPool<float>.Shared.Return(rented);
    }

    private static void AddRow(ReadOnlySpan<byte> row, float weight, Span<float> sum)
    {
        int i = 0;
        if (Vector.IsHardwareAccelerated)
        {
            var factor = new Vector<float>(weight);
            int step = Vector<float>.Count;
            for (; i <= row.Length - Vector<byte>.Count; i += Vector<byte>.Count)
            {
                Vector.Widen(new Vector<byte>(row[i..]), out Vector<ushort> low, out Vector<ushort> high);
                AddWidened(low, factor, sum[i..]);
                AddWidened(high, factor, sum[(i + (2 * step))..]);
            }
        }
        for (; i < row.Length; i++)
            sum[i] += row[i] * weight;
    }

    private static void AddWidened(Vector<ushort> values, Vector<float> factor, Span<float> sum)
    {
        Vector.Widen(values, out Vector<uint> low, out Vector<uint> high);
        Span<float> next = sum[Vector<float>.Count..];
        (new Vector<float>(sum) + (Vector.ConvertToSingle(Vector.AsVectorInt32(low)) * factor)).CopyTo(sum);
        (new Vector<float>(next) + (Vector.ConvertToSingle(Vector.AsVectorInt32(high)) * factor)).CopyTo(next);
    }

    private static void BlendColumns(ReadOnlySpan<float> blended, in Taps columns, int size, Span<byte> destination)
    {
        for (int x = 0; x < size; x++)
        {
            ReadOnlySpan<float> weights = columns.Of(x, out int first);
            Vector128<float> sum = Vector128.Create(0.5f);
            for (int i = 0; i < weights.Length; i++)
                sum += Vector128.LoadUnsafe(in MemoryMarshal.GetReference(blended), (nuint)((first + i) * Channels)) * weights[i];
            Vector128<int> rounded = Vector128.Min(Vector128.ConvertToInt32(sum), Vector128.Create(255));
            destination[x] = (byte)rounded.GetElement(0);
            destination[size + x] = (byte)rounded.GetElement(1);
            destination[(2 * size) + x] = (byte)rounded.GetElement(2);
        }
    }

    /// <summary>
    /// For each output pixel of one axis: the first input pixel it blends, and the weights of that and the following ones.
    /// </summary>
    private readonly struct Taps : IDisposable
    {
        private readonly float[] _weights;
        private readonly int[] _ranges;
        private readonly int _most;

        public Taps(int inputs, int outputs)
        {
            double scale = (double)inputs / outputs, support = Math.Max(scale, 1);
            _most = (2 * (int)Math.Ceiling(support)) + 1;
            _weights = ArrayPool<float>.Shared.Rent(outputs * _most);
            _ranges = ArrayPool<int>.Shared.Rent(2 * outputs);
            for (int output = 0; output < outputs; output++)
            {
                double centre = (output + 0.5) * scale;
                int first = Math.Max((int)(centre - support + 0.5), 0), end = Math.Min((int)(centre + support + 0.5), inputs);
                Span<float> weights = _weights.AsSpan(output * _most, end - first);
                double total = 0;
                for (int input = first; input < end; input++)
                    total += Triangle((input - centre + 0.5) / support);
                for (int input = first; input < end; input++)
                    weights[input - first] = (float)(Triangle((input - centre + 0.5) / support) / total);
                _ranges[2 * output] = first;
                _ranges[(2 * output) + 1] = end - first;
            }
        }

        public ReadOnlySpan<float> Of(int output, out int first)
        {
            first = _ranges[2 * output];
            return _weights.AsSpan(output * _most, _ranges[(2 * output) + 1]);
        }

        public void Dispose()
        {
            ArrayPool<float>.Shared.Return(_weights);
            ArrayPool<int>.Shared.Return(_ranges);
        }

        private static double Triangle(double distance) => Math.Max(1 - Math.Abs(distance), 0);
    }
}
