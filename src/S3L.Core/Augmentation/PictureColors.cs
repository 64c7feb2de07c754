using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace S3L.Core.Augmentation;

/// <summary>Colour jitter, grayscale, solarisation and normalisation of one view: the arithmetic of <see cref="ColorJitter"/>.</summary>
/// <remarks>Views are [3, P] with P a multiple of a vector's length: what stands behind the R × R pixels of a channel is of no use.</remarks>
internal static class PictureColors
{
    /// <summary>Colour operations in their order, then grayscale.</summary>
    internal static void Jitter(Span<Vector<float>> view, int pixels, in ViewDraw draw)
    {
        for (int position = 0; position < 4; position++)
        {
            switch (draw.Order[position])
            {
                case JitterOperation.Brightness when draw.Brightness != 1:
                    Blend(view, (float)draw.Brightness, 0);
                    break;
                case JitterOperation.Contrast when draw.Contrast != 1:
                    Blend(view, (float)draw.Contrast, (1 - (float)draw.Contrast) * MeanGray(view, pixels));
                    break;
                case JitterOperation.Saturation when draw.Saturation != 1:
                    BlendWithGray(view, (float)draw.Saturation, 1 - (float)draw.Saturation);
                    break;
                case JitterOperation.Hue when draw.Hue != 0:
                    TurnHue(view, (float)(draw.Hue * 6));
                    break;
            }
        }

        if (draw.Grayscale) BlendWithGray(view, 0, 1);
    }

    /// <summary>Inverts values of at least one half.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Solarize(Span<Vector<float>> view)
    {
        foreach (ref Vector<float> x in view)
        {
            x = Vector.ConditionalSelect(Vector.GreaterThanOrEqual(x, new Vector<float>(0.5f)), Vector<float>.One - x, x);
        }
    }

    /// <summary>y ← x × scale + shift.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    internal static void Normalize(ReadOnlySpan<float> channel, float scale, float shift, Span<float> result)
    {
        var (factors, constants) = (new Vector<float>(scale), new Vector<float>(shift));
        int i = 0;
        for (; i <= result.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            Vector.FusedMultiplyAdd(new Vector<float>(channel[i..]), factors, constants).CopyTo(result[i..]);
        }

        for (; i < result.Length; i++) result[i] = MathF.FusedMultiplyAdd(channel[i], scale, shift);
    }

    /// <summary>x ← own × x + constant, cut to [0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Blend(Span<Vector<float>> view, float own, float constant)
    {
        foreach (ref Vector<float> x in view) x = Mixed(x, own, new Vector<float>(constant));
    }

    /// <summary>x ← own × x + gray × gray(x), cut to [0, 1].</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void BlendWithGray(Span<Vector<float>> view, float own, float gray)
    {
        int plane = view.Length / 3;
        Span<Vector<float>> red = view[..plane], green = view[plane..(2 * plane)], blue = view[(2 * plane)..];
        for (int i = 0; i < red.Length; i++)
        {
            Vector<float> other = Gray(red[i], green[i], blue[i]) * new Vector<float>(gray);
            red[i] = Mixed(red[i], own, other);
            green[i] = Mixed(green[i], own, other);
            blue[i] = Mixed(blue[i], own, other);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Mixed(Vector<float> x, float own, Vector<float> other) =>
        Vector.Min(Vector.Max(Vector.FusedMultiplyAdd(x, new Vector<float>(own), other), Vector<float>.Zero), Vector<float>.One);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static float MeanGray(Span<Vector<float>> view, int pixels)
    {
        int plane = view.Length / 3;
        Span<Vector<float>> red = view[..plane], green = view[plane..(2 * plane)], blue = view[(2 * plane)..];
        Vector<float> sum = default;
        int whole = pixels / Vector<float>.Count;
        for (int i = 0; i < whole; i++) sum += Gray(red[i], green[i], blue[i]);
        float total = Vector.Sum(sum);
        for (int lane = 0; lane < pixels % Vector<float>.Count; lane++) total += Gray(red[whole], green[whole], blue[whole])[lane];
        return total / pixels;
    }

    /// <summary>RGB → HSV, hue turned by so many sixths, → RGB, in one expression: see <see cref="ColorJitter"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void TurnHue(Span<Vector<float>> view, float sixths)
    {
        int plane = view.Length / 3;
        Span<Vector<float>> red = view[..plane], green = view[plane..(2 * plane)], blue = view[(2 * plane)..];
        for (int i = 0; i < red.Length; i++)
        {
            Vector<float> r = red[i], g = green[i], b = blue[i];
            Vector<float> high = Vector.Max(r, Vector.Max(g, b));
            Vector<float> spread = high - Vector.Min(r, Vector.Min(g, b));
            Vector<float> share = Vector<float>.One / Vector.ConditionalSelect(Vector.Equals(spread, default), Vector<float>.One, spread);
            Vector<float> hue = Vector.ConditionalSelect(Vector.Equals(high, r), (g - b) * share,
                Vector.ConditionalSelect(Vector.Equals(high, g), ((b - r) * share) + new Vector<float>(2), ((r - g) * share) + new Vector<float>(4)));
            hue += new Vector<float>(sixths);
            red[i] = Channel(high, spread, hue + new Vector<float>(5));
            green[i] = Channel(high, spread, hue + new Vector<float>(3));
            blue[i] = Channel(high, spread, hue + Vector<float>.One);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Channel(Vector<float> high, Vector<float> spread, Vector<float> sixths)
    {
        Vector<float> k = sixths - (new Vector<float>(6) * Vector.Floor(sixths * new Vector<float>(1f / 6)));
        return high - (spread * Vector.Min(Vector.Max(Vector.Min(k, new Vector<float>(4) - k), Vector<float>.Zero), Vector<float>.One));
    }

    /// <summary>0.2989 R + 0.587 G + 0.114 B, torchvision's weights.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector<float> Gray(Vector<float> r, Vector<float> g, Vector<float> b) => Vector.FusedMultiplyAdd(b, new Vector<float>(0.114f),
        Vector.FusedMultiplyAdd(g, new Vector<float>(0.587f), r * new Vector<float>(0.2989f)));
}
