namespace S3L.Core.Augmentation;

/// <summary>Antialiased crop, resize and flip as two matrix products per picture.</summary>
internal static class CropResampler
{
    /// <summary>[N, G, 3, G] bytes and a <see cref="DrawTable"/> of V × N rows → [V × N, 3, R, R] in [0, 1].</summary>
    internal static torch.Tensor Apply(torch.Tensor grids, torch.Tensor table, int resolution)
    {
        (long n, long g) = (grids.size(0), grids.size(1));
        long views = table.size(0) / n;
        // One product serves all views of a picture, so their row weights stand one below the other.
        torch.Tensor rows = Weights(table.narrow(1, DrawTable.Vertical, 4), g, resolution)          // [V × N, R, G]
            .view(views, n, resolution, g).transpose(0, 1).reshape(n, views * resolution, g);       // [N, V × R, G]
        torch.Tensor columns = Weights(table.narrow(1, DrawTable.Horizontal, 4), g, resolution);    // [V × N, R, G]

        torch.Tensor pictures = grids.to(torch.float32).view(n, g, 3 * g);                          // [N, G, 3 × G]
        torch.Tensor squeezed = rows.bmm(pictures)                                                  // [N, V × R, 3 × G]
            .view(n, views, resolution * 3, g).transpose(0, 1).reshape(views * n, resolution * 3, g);
        torch.Tensor images = squeezed.bmm(columns.transpose(1, 2));                                // [V × N, R × 3, R]
        return images.view(views * n, resolution, 3, resolution).permute(0, 2, 1, 3).contiguous().div_(255);
    }

    /// <summary>
    /// [B, R, G]: the weights with which G cells make R: a triangle as wide as one output pixel, but at least as one cell, cut at the box.
    /// </summary>
    /// <param name="axis">[B, 4]: an axis of the table.</param>
    /// <param name="cells">G.</param>
    /// <param name="resolution">R.</param>
    private static torch.Tensor Weights(torch.Tensor axis, long cells, int resolution)
    {
        torch.Tensor start = Number(axis, 0), step = Number(axis, 1);
        torch.Tensor support = step.abs().clamp_min(1);
        torch.Tensor output = torch.arange(resolution, torch.float32, axis.device).view(1, resolution, 1);
        torch.Tensor begin = torch.arange(cells, torch.float32, axis.device).view(1, 1, cells);
        torch.Tensor distance = ((begin + 0.5) - (start + (step * output))).abs().div_(support);    // [B, R, G]
        torch.Tensor weights = distance.neg().add_(1).clamp_(min: 0);
        // Which part of each cell lies in the box, so that nothing outside shines in.
        weights.mul_((begin + 1).minimum(Number(axis, 3)).sub_(begin.maximum(Number(axis, 2))).clamp_(min: 0));
        return weights.div_(weights.sum(2, keepdim: true).clamp_min(1e-6));
    }

    private static torch.Tensor Number(torch.Tensor axis, long column) => axis.narrow(1, column, 1).unsqueeze(2);  // [B, 1, 1]
}
