namespace S3L.Core.Augmentation;

/// <summary>What of a picture a view shows along one axis, in cells of the grid.</summary>
/// <param name="Start">The middle of pixel 0.</param>
/// <param name="Step">From pixel to pixel; below 0 where the view is flipped.</param>
/// <param name="Low">The lower end of the box.</param>
/// <param name="High">The upper end of the box.</param>
internal readonly record struct AxisSpan(float Start, float Step, float Low, float High)
{
    /// <param name="from">Where pixel 0 begins, in shares of the picture; above <paramref name="to"/> where the view is flipped.</param>
    /// <param name="to">Where the last pixel ends.</param>
    /// <param name="cells">G: cells along one side of the grid.</param>
    /// <param name="resolution">R: pixels along one side of the view.</param>
    internal static AxisSpan Of(double from, double to, int cells, int resolution)
    {
        float step = (float)((to - from) * cells / resolution);
        return new AxisSpan((float)((from * cells) + (0.5 * step)), step, (float)(Math.Min(from, to) * cells), (float)(Math.Max(from, to) * cells));
    }
}
