namespace S3L.Core.Augmentation;

/// <summary>Gaussian blur with each row's own deviation, as two matrix products; borders are mirrored as in torchvision.</summary>
internal static class GaussianBlur
{
    /// <summary>The resolution for which deviations and the kernel of 23 pixels are meant.</summary>
    private const double ReferenceResolution = 224;

    /// <summary>At this resolution and below there is no blur.</summary>
    private const int NoBlurUpTo = 32;

    /// <summary>Far below any deviation that blurs, and large enough to be divided by.</summary>
    private const double LeastSigma = 1e-3;

    /// <summary>Changes views [B, 3, R, R] by a <see cref="DrawTable"/> of B rows.</summary>
    internal static torch.Tensor Apply(torch.Tensor images, torch.Tensor table, int resolution)
    {
        if (!IsUsedAt(resolution)) return images;
        long b = images.size(0);
        torch.Tensor sigma = table.narrow(1, DrawTable.BlurSigma, 1).view(-1, 1, 1);
        // Views without blur take part with any deviation, and are put back as they were.
        torch.Tensor kernel = Matrix(sigma.clamp_min(LeastSigma), KernelRadius(resolution), resolution);         // [B, R, R]
        torch.Tensor sideways = images.reshape(b, 3 * resolution, resolution).bmm(kernel.transpose(1, 2));
        torch.Tensor upright = sideways.view(b, 3, resolution, resolution).transpose(1, 2).reshape(b, resolution, 3 * resolution);
        torch.Tensor blurred = kernel.bmm(upright).view(b, resolution, 3, resolution).transpose(1, 2);
        return torch.where(sigma.view(-1, 1, 1, 1).gt(0), blurred, images);
    }

    /// <summary>Whether views of this resolution are blurred at all.</summary>
    internal static bool IsUsedAt(int resolution) => resolution > NoBlurUpTo;

    /// <summary>A deviation in pixels of this resolution.</summary>
    internal static double SigmaAt(double sigma, int resolution) => sigma * (resolution / ReferenceResolution);

    /// <summary>11 at 224, as SimCLR's kernel of a tenth of the resolution; in proportion, at least 1.</summary>
    internal static int KernelRadius(int resolution) => Math.Max(1, (int)Math.Round(11 * resolution / ReferenceResolution));

    /// <summary>
    /// [B, R, R]: row y holds the weights of all pixels in pixel y. A tap that leaves the image comes back mirrored without repeating the
    /// border pixel, so it adds to pixel −s at the left and to 2 (R − 1) − s at the right.
    /// </summary>
    private static torch.Tensor Matrix(torch.Tensor sigma, int radius, int resolution)
    {
        torch.Device device = sigma.device;
        torch.Tensor to = torch.arange(resolution, torch.float32, device).view(1, resolution, 1);
        torch.Tensor from = torch.arange(resolution, torch.float32, device).view(1, 1, resolution);
        torch.Tensor inner = Taps(from - to, sigma, radius);
        torch.Tensor left = Taps(from.neg() - to, sigma, radius).mul_(from.gt(0).to(torch.float32));
        torch.Tensor right = Taps((2.0 * (resolution - 1)) - from - to, sigma, radius).mul_(from.lt(resolution - 1).to(torch.float32));
        torch.Tensor weights = inner.add_(left).add_(right);
        return weights.div_(weights.sum(2, keepdim: true));
    }

    private static torch.Tensor Taps(torch.Tensor offset, torch.Tensor sigma, int radius)
    {
        torch.Tensor height = (offset / sigma).pow(2).div_(-2).exp();
        return height.mul_(offset.abs().le(radius).to(torch.float32));
    }
}
