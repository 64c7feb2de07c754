namespace S3L.Core.Augmentation;

/// <summary>Brightness, contrast, saturation and hue in each row's own order, then grayscale; torchvision's arithmetic.</summary>
internal static class ColorJitter
{
    /// <summary>Changes views [B, 3, R, R] in [0, 1] by a <see cref="DrawTable"/> of B rows.</summary>
    internal static torch.Tensor Apply(torch.Tensor images, torch.Tensor table, DrawKinds kinds)
    {
        for (int blend = 0; kinds.Jitter && blend < DrawTable.BlendsBeforeHue; blend++) Blend_(images, table, blend);
        if (kinds.Hue) images = HueTurned(images, Column(table, DrawTable.Hue));
        // Without a hue between them, all operations of a row could stand before or after it.
        for (int blend = 0; kinds.Jitter && blend < DrawTable.BlendsBeforeHue; blend++) Blend_(images, table, DrawTable.BlendsBeforeHue + blend);
        return kinds.Grayscale ? torch.where(Column(table, DrawTable.HasGray).gt(0), Gray(images), images) : images;
    }

    /// <summary>[B, 1, 1, 1]: one number per view.</summary>
    internal static torch.Tensor Column(torch.Tensor table, long column) => table.narrow(1, column, 1).view(-1, 1, 1, 1);

    private static void Blend_(torch.Tensor images, torch.Tensor table, int blend)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        int column = DrawTable.Blends + (3 * blend);
        torch.Tensor luma = Gray(images);                                                     // [B, 1, R, R]
        torch.Tensor average = luma.mean([1, 2, 3], keepdim: true);                           // [B, 1, 1, 1]
        torch.Tensor other = luma.mul_(Column(table, column + 1)).add_(average.mul_(Column(table, column + 2)));
        images.mul_(Column(table, column)).add_(other).clamp_(0.0, 1.0);
    }

    /// <summary>
    /// RGB → HSV, hue turned, → RGB, for the views that it concerns. Hue runs from 0 to 6; each channel is V − V S max(0, min(k, 4 − k, 1))
    /// with k = (n + hue) mod 6 and n = 5, 3, 1 for red, green, blue, which is the usual six-case conversion in one expression.
    /// </summary>
    private static torch.Tensor HueTurned(torch.Tensor images, torch.Tensor turn)
    {
        torch.Tensor r = images.narrow(1, 0, 1), g = images.narrow(1, 1, 1), b = images.narrow(1, 2, 1);
        torch.Tensor high = images.amax([1], keepdim: true);
        torch.Tensor spread = high - images.amin([1], keepdim: true);                         // V S
        torch.Tensor divisor = torch.where(spread.eq(0), spread.ones_like(), spread);
        torch.Tensor hue = torch.where(high.eq(r), (g - b).div_(divisor),
            torch.where(high.eq(g), (b - r).div_(divisor).add_(2), (r - g).div_(divisor).add_(4)));
        hue = hue.add_(turn * 6);
        torch.Tensor offsets = torch.arange(3, torch.float32, images.device).mul_(-2).add_(5).view(1, 3, 1, 1);
        torch.Tensor k = (hue + offsets).remainder(6);                                        // [B, 3, R, R]
        torch.Tensor share = k.minimum(4 - k).clamp_(0.0, 1.0);
        return torch.where(turn.eq(0), images, high - (spread * share));
    }

    /// <summary>0.2989 R + 0.587 G + 0.114 B, torchvision's weights.</summary>
    private static torch.Tensor Gray(torch.Tensor images)
    {
        torch.Tensor gray = images.narrow(1, 0, 1).mul(0.2989);
        gray.add_(images.narrow(1, 1, 1), 0.587);
        return gray.add_(images.narrow(1, 2, 1), 0.114);
    }
}
