using S3L.Core.Engine;

namespace S3L.Core.Backbones;

/// <summary>
/// Layers on maps in either of two layouts: the usual [N, C, H, W], or [1, C, H, W, N] with the batch innermost, in which an image
/// convolution is a volume convolution whose kernel is one deep along the batch.
/// </summary>
internal static class Maps
{
    internal static torch.Tensor Convolve(Conv2d convolution, torch.Tensor maps)
    {
        if (maps.ndim == 4) return convolution.call(maps);
        using torch.Tensor weight = convolution.weight!.unsqueeze(-1);                       // [out, in, k, k, 1]
        return torch.nn.functional.conv3d(maps, weight, null, [.. convolution.stride, 1], [.. convolution.padding!, 0]);
    }

    internal static torch.Tensor Normalise(BatchNorm2d norm, torch.Tensor maps)
    {
        if (maps.ndim == 4) return norm.call(maps);
        using torch.Tensor flat = maps.flatten(2, 3);                                        // [1, C, H × W, N]
        using torch.Tensor normalised = norm.call(flat);
        return normalised.view(maps.shape);
    }

    /// <summary>Mean over height and width: [N, C].</summary>
    internal static torch.Tensor Pool(torch.Tensor maps)
    {
        if (maps.ndim == 4) return maps.mean([2, 3]);
        using torch.Tensor pooled = maps.mean([0, 2, 3]);                                    // [C, N]
        return pooled.t();
    }
}
