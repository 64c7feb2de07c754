using System.Runtime.CompilerServices;

namespace S3L.Core.Augmentation;

/// <summary>For each pixel along one side of a view: which cells of the picture make it, and with which weights.</summary>
/// <remarks>The weights of <see cref="CropResampler"/>, of which all but a few per pixel are 0, kept as runs.</remarks>
internal sealed class FilterAxis(int resolution)
{
    private readonly int[] _first = new int[resolution];
    private readonly int[] _count = new int[resolution];
    private readonly int[] _offset = new int[resolution];
    private float[] _weights = [];

    /// <summary>The first cell that any pixel needs.</summary>
    internal int Begin { get; private set; }

    /// <summary>The cell after the last that any pixel needs.</summary>
    internal int End { get; private set; }

    /// <summary>The first cell of a pixel.</summary>
    internal int FirstOf(int pixel) => _first[pixel];

    /// <summary>The weights of a pixel's cells; their sum is 1.</summary>
    internal ReadOnlySpan<float> WeightsOf(int pixel) => _weights.AsSpan(_offset[pixel], _count[pixel]);

    /// <summary>A triangle as wide as one pixel, but at least as one cell, cut at the box.</summary>
    /// <param name="from">Where pixel 0 begins, in shares of the picture; above <paramref name="to"/> where the view is flipped.</param>
    /// <param name="to">Where the last pixel ends.</param>
    /// <param name="cells">G.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal void Set(double from, double to, int cells)
    {
        (float start, float step, float low, float high) = AxisSpan.Of(from, to, cells, resolution);
        float support = Math.Max(Math.Abs(step), 1);
        int longest = (int)Math.Ceiling(2 * support) + 2;
        if (_weights.Length < resolution * longest) _weights = new float[resolution * longest];
        (Begin, End) = (cells, 0);
        for (int pixel = 0, offset = 0; pixel < resolution; pixel++)
        {
            float center = start + (step * pixel);
            int first = Math.Max((int)Math.Floor(Math.Max(center - support - 0.5f, low)), 0);
            int end = Math.Min((int)Math.Ceiling(Math.Min(center + support + 0.5f, high)), cells);
            int count = Math.Max(end - first, 0);
            Span<float> weights = _weights.AsSpan(offset, count);
            float sum = 0;
            for (int i = 0; i < count; i++)
            {
                float cell = first + i;
                // Which part of the cell lies in the box, so that nothing outside shines in.
                float inside = Math.Max(Math.Min(cell + 1, high) - Math.Max(cell, low), 0);
                weights[i] = Math.Max(1 - (Math.Abs(cell + 0.5f - center) / support), 0) * inside;
                sum += weights[i];
            }

            float share = 1 / Math.Max(sum, 1e-6f);
            foreach (ref float weight in weights) weight *= share;
            (_first[pixel], _count[pixel], _offset[pixel]) = (first, count, offset);
            (Begin, End) = (Math.Min(Begin, first), Math.Max(End, first + count));
            offset += count;
        }

        End = Math.Max(End, Begin);
    }
}
