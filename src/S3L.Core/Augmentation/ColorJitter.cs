namespace S3L.Core.Augmentation;

/// <summary>Brightness, contrast, saturation and hue in each row's own order, then grayscale; torchvision's arithmetic.</summary>
/// <remarks>
/// Brightness, contrast, saturation and grayscale all have the form a x + b gray(x) + c mean(gray(x)), so that one pass serves rows
/// with different operations. Only hue is done apart, for the rows that have it in this place.
/// </remarks>
internal static class ColorJitter
{
    internal static void Apply_(torch.Tensor images, IReadOnlyList<ViewDraw> draws)
    {
        for (int position = 0; position < 4; position++)
        {
            Blend_(images, draws, position);
            TurnHue_(images, draws, position);
        }

        long[] gray = Rows.Where(draws, d => d.Grayscale);
        if (gray.Length == 0) return;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor index = torch.tensor(gray, device: images.device);
        images.index_copy_(0, index, Gray(images.index_select(0, index)).expand(-1, 3, -1, -1));
    }

    private static void Blend_(torch.Tensor images, IReadOnlyList<ViewDraw> draws, int position)
    {
        var own = new float[draws.Count];
        var gray = new float[draws.Count];
        var mean = new float[draws.Count];
        bool any = false;
        for (int i = 0; i < draws.Count; i++)
        {
            ViewDraw draw = draws[i];
            own[i] = 1;
            switch (draw.Order[position])
            {
                case JitterOperation.Brightness:
                    own[i] = (float)draw.Brightness;
                    break;
                case JitterOperation.Contrast:
                    own[i] = (float)draw.Contrast;
                    mean[i] = 1 - own[i];
                    break;
                case JitterOperation.Saturation:
                    own[i] = (float)draw.Saturation;
                    gray[i] = 1 - own[i];
                    break;
            }

            any |= own[i] != 1;
        }

        if (!any) return;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor luma = Gray(images);                                                     // [B, 1, R, R]
        torch.Tensor average = luma.mean([1, 2, 3], keepdim: true);                           // [B, 1, 1, 1]
        torch.Tensor other = luma.mul_(Rows.Column(gray, images.device)).add_(average.mul_(Rows.Column(mean, images.device)));
        images.mul_(Rows.Column(own, images.device)).add_(other).clamp_(0.0, 1.0);
    }

    private static void TurnHue_(torch.Tensor images, IReadOnlyList<ViewDraw> draws, int position)
    {
        long[] rows = Rows.Where(draws, d => d.Order[position] == JitterOperation.Hue && d.Hue != 0);
        if (rows.Length == 0) return;
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor index = torch.tensor(rows, device: images.device);
        torch.Tensor turn = Rows.Column([.. rows.Select(r => (float)draws[(int)r].Hue)], images.device);
        images.index_copy_(0, index, HueTurned(images.index_select(0, index), turn));
    }

    /// <summary>
    /// RGB → HSV, hue turned, → RGB. Hue runs from 0 to 6; each channel is V − V S max(0, min(k, 4 − k, 1)) with k = (n + hue) mod 6 and
    /// n = 5, 3, 1 for red, green, blue, which is the usual six-case conversion in one expression.
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
        torch.Tensor offsets = torch.tensor([5f, 3f, 1f], [1, 3, 1, 1], device: images.device);
        torch.Tensor k = (hue + offsets).remainder(6);                                        // [B, 3, R, R]
        torch.Tensor share = k.minimum(4 - k).clamp_(0.0, 1.0);
        return high - (spread * share);
    }

    /// <summary>0.2989 R + 0.587 G + 0.114 B, torchvision's weights.</summary>
    private static torch.Tensor Gray(torch.Tensor images)
    {
        torch.Tensor gray = images.narrow(1, 0, 1).mul(0.2989);
        gray.add_(images.narrow(1, 1, 1), 0.587);
        return gray.add_(images.narrow(1, 2, 1), 0.114);
    }
}
