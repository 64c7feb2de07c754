using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>
/// Layers on maps in either of two layouts: the usual [N, C, H, W], or [1, C, H, W, N] with the batch innermost, in which an image
/// convolution is a volume convolution whose kernel is one deep along the batch.
/// </summary>
internal static class Maps
{
    internal static torch.Tensor Convolve(Conv2d convolution, torch.Tensor maps) =>
        maps.ndim == 4 ? convolution.call(maps) : EngineSeam.ConvolveBatchInnermost(convolution, maps);

    /// <summary>relu(norm(maps) + shortcut), or without either.</summary>
    internal static torch.Tensor Normalise(BatchNorm2d norm, torch.Tensor maps, torch.Tensor? shortcut = null, bool relu = true) =>
        EngineSeam.NormaliseAddRelu(norm, maps, shortcut, relu);

    /// <summary>Mean over height and width: [N, C].</summary>
    internal static torch.Tensor Pool(torch.Tensor maps)
    {
        if (maps.ndim == 4) return maps.mean([2, 3]);
        // In the order of memory, or the mean would be gathered number by number.
        using torch.Tensor rows = maps.permute(0, 2, 3, 4, 1);                               // [1, H, W, N, C]
        return rows.mean([0, 1, 2]);
    }
}
