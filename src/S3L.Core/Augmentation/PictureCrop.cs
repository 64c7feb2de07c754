using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace S3L.Core.Augmentation;

/// <summary>Antialiased crop, resize and flip of one picture: down its columns a vector of cells at a time, then along each row.</summary>
internal sealed class PictureCrop(int resolution)
{
    private readonly FilterAxis _rows = new(resolution);
    private readonly FilterAxis _columns = new(resolution);
    private float[] _line = [];

    /// <summary>[G, 3, G] bytes → [3, R × R] in [0, 1], with room behind each channel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Apply(ReadOnlySpan<byte> grid, int cells, in ViewDraw draw, Span<float> view)
    {
        _rows.Set(draw.Box.Top, draw.Box.Bottom, cells);
        _columns.Set(draw.Flip ? draw.Box.Right : draw.Box.Left, draw.Flip ? draw.Box.Left : draw.Box.Right, cells);
        int width = _columns.End - _columns.Begin;
        if (_line.Length < 3 * width) _line = new float[3 * width];
        for (int y = 0; y < resolution; y++)
        {
            for (int channel = 0; channel < 3; channel++)
            {
                int corner = (((_rows.FirstOf(y) * 3) + channel) * cells) + _columns.Begin;
                Down(grid, corner, 3 * cells, _rows.WeightsOf(y), _line.AsSpan(channel * width, width));
            }

            Along(_line, width, view, y * resolution);
        }
    }

    /// <summary>Σ weight × row, for cells that lie side by side in memory.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Down(ReadOnlySpan<byte> grid, int corner, int stride, ReadOnlySpan<float> weights, Span<float> line)
    {
        int block = Vector<byte>.Count;
        if (line.Length < block)
        {
            DownOneByOne(grid, corner, stride, weights, line);
            return;
        }

        ref byte cells = ref MemoryMarshal.GetReference(grid);
        ref float target = ref MemoryMarshal.GetReference(line);
        for (int x = 0; x < line.Length; x += block)
        {
            // The last block ends with the line, and so repeats a part of the one before.
            x = Math.Min(x, line.Length - block);
            Vector<float> a = default, b = default, c = default, d = default;
            for (int i = 0; i < weights.Length; i++)
            {
                Vector<byte> row = Vector.LoadUnsafe(ref cells, (nuint)(corner + (i * stride) + x));
                Vector.Widen(row, out Vector<ushort> lower, out Vector<ushort> upper);
                Vector.Widen(lower, out Vector<uint> first, out Vector<uint> second);
                Vector.Widen(upper, out Vector<uint> third, out Vector<uint> fourth);
                var weight = new Vector<float>(weights[i]);
                a = Vector.FusedMultiplyAdd(weight, Vector.ConvertToSingle(Vector.AsVectorInt32(first)), a);
                b = Vector.FusedMultiplyAdd(weight, Vector.ConvertToSingle(Vector.AsVectorInt32(second)), b);
                c = Vector.FusedMultiplyAdd(weight, Vector.ConvertToSingle(Vector.AsVectorInt32(third)), c);
                d = Vector.FusedMultiplyAdd(weight, Vector.ConvertToSingle(Vector.AsVectorInt32(fourth)), d);
            }

            int quarter = Vector<float>.Count;
            a.StoreUnsafe(ref target, (nuint)x);
            b.StoreUnsafe(ref target, (nuint)(x + quarter));
            c.StoreUnsafe(ref target, (nuint)(x + (2 * quarter)));
            d.StoreUnsafe(ref target, (nuint)(x + (3 * quarter)));
        }
    }

    private static void DownOneByOne(ReadOnlySpan<byte> grid, int corner, int stride, ReadOnlySpan<float> weights, Span<float> line)
    {
        for (int x = 0; x < line.Length; x++)
        {
            float sum = 0;
            for (int i = 0; i < weights.Length; i++) sum += weights[i] * grid[corner + (i * stride) + x];
            line[x] = sum;
        }
    }

    /// <summary>One row of red, green and blue together: they share their weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Along(ReadOnlySpan<float> line, int width, Span<float> view, int at)
    {
        const float Scale = 1f / 255;
        int plane = view.Length / 3;
        ref float cells = ref MemoryMarshal.GetReference(line);
        for (int x = 0; x < resolution; x++)
        {
            ReadOnlySpan<float> weights = _columns.WeightsOf(x);
            ref float cell = ref Unsafe.Add(ref cells, _columns.FirstOf(x) - _columns.Begin);
            float red = 0, green = 0, blue = 0;
            for (int i = 0; i < weights.Length; i++)
            {
                red += weights[i] * Unsafe.Add(ref cell, i);
                green += weights[i] * Unsafe.Add(ref cell, i + width);
                blue += weights[i] * Unsafe.Add(ref cell, i + (2 * width));
            }

            view[at + x] = red * Scale;
            view[at + x + plane] = green * Scale;
            view[at + x + (2 * plane)] = blue * Scale;
        }
    }
}
