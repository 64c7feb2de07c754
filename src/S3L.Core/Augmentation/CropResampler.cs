namespace S3L.Core.Augmentation;

/// <summary>Antialiased crop, resize and flip as two matrix products per picture.</summary>
internal static class CropResampler
{
    /// <summary>[N, G, 3, G] bytes and V × N draws → [V × N, 3, R, R] in [0, 1].</summary>
    internal static torch.Tensor Apply(torch.Tensor grids, IReadOnlyList<ViewDraw> draws, int resolution)
    {
        (long n, long g) = (grids.size(0), grids.size(1));
        long views = draws.Count / n;
        // One product serves all views of a picture, so their row weights stand one below the other.
        double[] top = Of(draws, d => d.Box.Top), bottom = Of(draws, d => d.Box.Bottom);
        double[] left = Of(draws, d => d.Flip ? d.Box.Right : d.Box.Left), right = Of(draws, d => d.Flip ? d.Box.Left : d.Box.Right);
        torch.Tensor rows = Weights(top, bottom, g, resolution, grids.device)                       // [V × N, R, G]
            .view(views, n, resolution, g).transpose(0, 1).reshape(n, views * resolution, g);       // [N, V × R, G]
        torch.Tensor columns = Weights(left, right, g, resolution, grids.device);                   // [V × N, R, G]

        torch.Tensor pictures = grids.to(torch.float32).view(n, g, 3 * g);                          // [N, G, 3 × G]
        torch.Tensor squeezed = rows.bmm(pictures)                                                  // [N, V × R, 3 × G]
            .view(n, views, resolution * 3, g).transpose(0, 1).reshape(views * n, resolution * 3, g);
        torch.Tensor images = squeezed.bmm(columns.transpose(1, 2));                                // [V × N, R × 3, R]
        return images.view(views * n, resolution, 3, resolution).permute(0, 2, 1, 3).contiguous().div_(255);
    }

    /// <summary>The weights with which G cells make R: a triangle as wide as one output pixel, but at least as one cell, cut at the box.</summary>
    /// <param name="from">Where output pixel 0 begins, in shares of the picture; above <paramref name="to"/> where the output is flipped.</param>
    /// <param name="to">Where output pixel R − 1 ends.</param>
    /// <param name="cells">G.</param>
    /// <param name="resolution">R.</param>
    /// <param name="device">Where the weights are made.</param>
    private static torch.Tensor Weights(double[] from, double[] to, long cells, int resolution, torch.Device device)
    {
        var first = new float[from.Length];
        var step = new float[from.Length];
        for (int i = 0; i < from.Length; i++)
        {
            step[i] = (float)((to[i] - from[i]) * cells / resolution);
            first[i] = (float)((from[i] * cells) + (0.5 * step[i]));
        }

        torch.Tensor start = torch.tensor(first, [from.Length, 1, 1], device: device);
        torch.Tensor stride = torch.tensor(step, [from.Length, 1, 1], device: device);
        torch.Tensor support = stride.abs().clamp_min(1);
        torch.Tensor output = torch.arange(resolution, torch.float32, device).view(1, resolution, 1);
        torch.Tensor cell = torch.arange(cells, torch.float32, device).view(1, 1, cells).add_(0.5);
        torch.Tensor distance = (cell - (start + (stride * output))).abs().div_(support);           // [B, R, G]
        torch.Tensor weights = distance.neg().add_(1).clamp_(min: 0);
        weights.mul_(Inside(from, to, cells, device));
        return weights.div_(weights.sum(2, keepdim: true).clamp_min(1e-6));
    }

    /// <summary>[B, 1, G]: which part of each cell lies in the box, so that nothing outside shines in.</summary>
    private static torch.Tensor Inside(double[] from, double[] to, long cells, torch.Device device)
    {
        var low = new float[from.Length];
        var high = new float[from.Length];
        for (int i = 0; i < from.Length; i++)
        {
            low[i] = (float)(Math.Min(from[i], to[i]) * cells);
            high[i] = (float)(Math.Max(from[i], to[i]) * cells);
        }

        torch.Tensor begin = torch.arange(cells, torch.float32, device).view(1, 1, cells);
        torch.Tensor lowest = torch.tensor(low, [low.Length, 1, 1], device: device);
        torch.Tensor highest = torch.tensor(high, [high.Length, 1, 1], device: device);
        return (begin + 1).minimum(highest).sub_(begin.maximum(lowest)).clamp_(min: 0);
    }

    private static double[] Of(IReadOnlyList<ViewDraw> draws, Func<ViewDraw, double> pick)
    {
        var values = new double[draws.Count];
        for (int i = 0; i < values.Length; i++) values[i] = pick(draws[i]);
        return values;
    }
}
