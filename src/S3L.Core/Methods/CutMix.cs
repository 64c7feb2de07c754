namespace S3L.Core.Methods;

/// <summary>Pastes a box of another image of the batch into each image, the same box for all.</summary>
/// <remarks>Source: arXiv 1905.04899, algorithm A1. Everything random is drawn on the device, so nothing waits for it.</remarks>
internal static class CutMix
{
    /// <summary>Mixes a batch.</summary>
    /// <param name="images">[N, 3, H, W].</param>
    /// <param name="alpha">Both parameters of the Beta distribution from which the share that an image keeps is drawn.</param>
    /// <returns>The mixed images, [N] which image was pasted into each, and the share of its own area that each kept, a scalar.</returns>
    internal static (torch.Tensor Images, torch.Tensor Pasted, torch.Tensor Share) Apply(torch.Tensor images, double alpha)
    {
        using IDisposable quiet = torch.no_grad();
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Device device = images.device;
        torch.Tensor gammas = torch._standard_gamma(torch.full([2], alpha, device: device)).clamp_min(1e-30);
        torch.Tensor keep = gammas.narrow(0, 0, 1) / gammas.sum();
        torch.Tensor side = (1 - keep).sqrt();
        torch.Tensor rows = Inside(images.size(2), side, device).view(-1, 1);
        torch.Tensor columns = Inside(images.size(3), side, device).view(1, -1);
        torch.Tensor box = rows.logical_and(columns);                                        // [H, W]
        torch.Tensor pasted = torch.randperm(images.size(0), device: device);
        torch.Tensor mixed = torch.where(box, images.index_select(0, pasted), images);
        torch.Tensor share = 1 - box.to(torch.float32).mean();
        return (mixed.MoveToOuterDisposeScope(), pasted.MoveToOuterDisposeScope(), share.MoveToOuterDisposeScope());
    }

    /// <summary>Which of <paramref name="length"/> pixels lie in a box around a random middle; what hangs over the border is cut off.</summary>
    private static torch.Tensor Inside(long length, torch.Tensor side, torch.Device device)
    {
        torch.Tensor half = (side * length / 2).floor();
        torch.Tensor middle = (torch.rand([1], device: device) * length).floor();
        torch.Tensor pixel = torch.arange(length, torch.float32, device);
        return pixel.ge(middle - half).logical_and(pixel.lt(middle + half));
    }
}
