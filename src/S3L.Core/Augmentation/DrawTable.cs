namespace S3L.Core.Augmentation;

/// <summary>
/// The draws of a batch as numbers, a row per view: they reach a device in one copy, and every view takes the same way there, which can be
/// recorded once and replayed for other draws.
/// </summary>
/// <remarks>
/// Brightness, contrast and saturation have the form a x + b gray(x) + c mean(gray(x)), clamped to [0, 1]. Each order of the four operations is
/// three such blends, the hue, and three more, of which those that have no operation change nothing.
/// </remarks>
internal static class DrawTable
{
    /// <summary>Columns of a row.</summary>
    internal const int Width = HasSolarize + 1;

    /// <summary>First of four columns each: an <see cref="AxisSpan"/>.</summary>
    internal const int Vertical = 0, Horizontal = 4;

    /// <summary>First of three columns for each of the six blends: a, b, c.</summary>
    internal const int Blends = 8;

    /// <summary>Blends before the hue, and as many after it.</summary>
    internal const int BlendsBeforeHue = 3;

    internal const int Hue = Blends + (2 * 3 * BlendsBeforeHue), HasGray = Hue + 1, BlurSigma = Hue + 2, HasSolarize = Hue + 3;

    /// <summary>V × N rows of <see cref="Width"/> numbers.</summary>
    /// <param name="draws">V × N draws.</param>
    /// <param name="cells">G: cells along one side of a grid.</param>
    /// <param name="resolution">R: pixels along one side of a view.</param>
    internal static float[] Of(IReadOnlyList<ViewDraw> draws, int cells, int resolution)
    {
        var table = new float[draws.Count * Width];
        for (int i = 0; i < draws.Count; i++) Write(draws[i], table.AsSpan(i * Width, Width), cells, resolution);
        return table;
    }

    private static void Write(in ViewDraw draw, Span<float> row, int cells, int resolution)
    {
        (double left, double right) = draw.Flip ? (draw.Box.Right, draw.Box.Left) : (draw.Box.Left, draw.Box.Right);
        WriteAxis(row[Vertical..], AxisSpan.Of(draw.Box.Top, draw.Box.Bottom, cells, resolution));
        WriteAxis(row[Horizontal..], AxisSpan.Of(left, right, cells, resolution));
        for (int blend = 0; blend < 2 * BlendsBeforeHue; blend++) row[Blends + (3 * blend)] = 1;
        int next = 0;
        for (int position = 0; position < 4; position++)
        {
            Span<float> blend = row[(Blends + (3 * next))..];
            switch (draw.Order[position])
            {
                case JitterOperation.Hue:
                    next = BlendsBeforeHue;
                    continue;
                case JitterOperation.Brightness:
                    blend[0] = (float)draw.Brightness;
                    break;
                case JitterOperation.Saturation:
                    blend[0] = (float)draw.Saturation;
                    blend[1] = 1 - blend[0];
                    break;
                case JitterOperation.Contrast:
                    blend[0] = (float)draw.Contrast;
                    blend[2] = 1 - blend[0];
                    break;
            }

            next++;
        }

        row[Hue] = (float)draw.Hue;
        row[HasGray] = draw.Grayscale ? 1 : 0;
        row[BlurSigma] = (float)GaussianBlur.SigmaAt(draw.BlurSigma, resolution);
        row[HasSolarize] = draw.Solarize ? 1 : 0;
    }

    private static void WriteAxis(Span<float> target, AxisSpan span) =>
        (target[0], target[1], target[2], target[3]) = (span.Start, span.Step, span.Low, span.High);
}
