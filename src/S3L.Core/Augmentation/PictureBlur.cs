using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace S3L.Core.Augmentation;

/// <summary>Gaussian blur of one view, along its rows and then down its columns; the weights and borders of <see cref="GaussianBlur"/>.</summary>
internal sealed class PictureBlur(int resolution)
{
    private readonly int _radius = GaussianBlur.KernelRadius(resolution);
    private readonly float[] _taps = new float[(2 * GaussianBlur.KernelRadius(resolution)) + 1];
    private readonly float[] _wide = new float[resolution + (2 * GaussianBlur.KernelRadius(resolution))];
    private readonly float[] _sideways = new float[resolution * resolution];

    /// <summary>Changes [3, R × R], with room behind each channel, in place.</summary>
    /// <param name="view">The view.</param>
    /// <param name="sigma">Standard deviation in pixels of this resolution.</param>
    internal void Apply(Span<float> view, float sigma)
    {
        SetTaps(sigma);
        int plane = view.Length / 3;
        for (int channel = 0; channel < 3; channel++)
        {
            Span<float> pixels = view.Slice(channel * plane, resolution * resolution);
            for (int y = 0; y < resolution; y++) Along(pixels.Slice(y * resolution, resolution), _sideways.AsSpan(y * resolution, resolution));
            for (int y = 0; y < resolution; y++) Down(y, pixels.Slice(y * resolution, resolution));
        }
    }

    private void SetTaps(float sigma)
    {
        float sum = 0;
        for (int i = 0; i < _taps.Length; i++)
        {
            float offset = (i - _radius) / sigma;
            _taps[i] = MathF.Exp(offset * offset / -2);
            sum += _taps[i];
        }

        foreach (ref float tap in _taps.AsSpan()) tap /= sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Along(ReadOnlySpan<float> row, Span<float> result)
    {
        row.CopyTo(_wide.AsSpan(_radius));
        for (int i = 0; i < _radius; i++)
        {
            _wide[i] = row[Mirrored(i - _radius)];
            _wide[_radius + resolution + i] = row[Mirrored(resolution + i)];
        }

        ref float from = ref MemoryMarshal.GetArrayDataReference(_wide);
        int x = 0;
        for (; x <= resolution - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = default;
            for (int i = 0; i < _taps.Length; i++)
            {
                sum = Vector.FusedMultiplyAdd(new Vector<float>(_taps[i]), Vector.LoadUnsafe(ref from, (nuint)(x + i)), sum);
            }

            sum.CopyTo(result[x..]);
        }

        for (; x < resolution; x++)
        {
            float sum = 0;
            for (int i = 0; i < _taps.Length; i++) sum += _taps[i] * _wide[x + i];
            result[x] = sum;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Down(int y, Span<float> result)
    {
        ref float from = ref MemoryMarshal.GetArrayDataReference(_sideways);
        int x = 0;
        for (; x <= resolution - Vector<float>.Count; x += Vector<float>.Count)
        {
            Vector<float> sum = default;
            for (int i = 0; i < _taps.Length; i++)
            {
                int row = Mirrored(y + i - _radius);
                sum = Vector.FusedMultiplyAdd(new Vector<float>(_taps[i]), Vector.LoadUnsafe(ref from, (nuint)((row * resolution) + x)), sum);
            }

            sum.CopyTo(result[x..]);
        }

        for (; x < resolution; x++)
        {
            float sum = 0;
            for (int i = 0; i < _taps.Length; i++) sum += _taps[i] * _sideways[(Mirrored(y + i - _radius) * resolution) + x];
            result[x] = sum;
        }
    }

    /// <summary>A place beyond the border comes back without repeating the border.</summary>
    private int Mirrored(int place) => place < 0 ? -place : place >= resolution ? (2 * (resolution - 1)) - place : place;
}
