namespace S3L.Torch.Tests.NN;

/// <summary>What tests of convolutions in bfloat16 share.</summary>
internal static class CoarseNumbers
{
    /// <summary>bfloat16 has eight bits: each result is rounded once, by up to 2⁻⁸ of itself.</summary>
    internal const double Rounding = 1.0 / 256;

    /// <summary>Without bias, with the same weights each time.</summary>
    internal static Conv2d Convolution(long channels, long outputs, long kernel, long stride, long padding)
    {
        torch.manual_seed(5);
        return torch.nn.Conv2d(channels, outputs, kernel, stride, padding, bias: false);
    }

    /// <summary>Normal numbers that bfloat16 holds exactly.</summary>
    internal static torch.Tensor Coarse(params long[] size)
    {
        torch.manual_seed(size.Sum());
        return torch.randn(size).to(torch.bfloat16).to(torch.float32);
    }

    /// <summary>
    /// Equal but for one rounding; sums of products that nearly cancel have the error of their terms, which in fixed point have some thirteen bits.
    /// </summary>
    internal static void AssertClose(torch.Tensor expected, torch.Tensor actual)
    {
        double[] e = expected.contiguous().Doubles(), a = actual.contiguous().Doubles();
        Assert.Equal(e.Length, a.Length);
        double slack = 1e-3 * e.Max(Math.Abs);
        for (int i = 0; i < e.Length; i++) Assert.Equal(e[i], a[i], (Math.Abs(e[i]) * Rounding) + slack);
    }

    /// <summary>Whole numbers up to <paramref name="most"/> and down to its negative.</summary>
    internal static torch.Tensor Whole(long most, params long[] size)
    {
        torch.manual_seed(size.Sum());
        return (torch.rand(size) * ((2 * most) + 1)).floor() - most;
    }

    /// <summary>Pictures [N, C, H, W] as [1, C, H, W, N] with the batch innermost but for channels.</summary>
    internal static torch.Tensor Turned(torch.Tensor images) =>
        images.permute(1, 2, 3, 0).unsqueeze(0).to_memory_format(MemoryFormat.ChannelsLast3d);

    /// <summary>The same back, in float32.</summary>
    internal static torch.Tensor Back(torch.Tensor maps) => maps.to(torch.float32).squeeze(0).permute(3, 0, 1, 2).contiguous();

    /// <summary>Length of the difference by the length of what is expected.</summary>
    internal static double Error(torch.Tensor expected, torch.Tensor actual)
    {
        double[] e = expected.contiguous().Doubles(), a = actual.contiguous().Doubles();
        return Math.Sqrt(e.Zip(a).Sum(p => (p.First - p.Second) * (p.First - p.Second)) / e.Sum(x => x * x));
    }
}
