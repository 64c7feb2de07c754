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

    /// <summary>Equal but for one rounding; sums of products that nearly cancel have the error of their terms.</summary>
    internal static void AssertClose(torch.Tensor expected, torch.Tensor actual)
    {
        double[] e = expected.contiguous().Doubles(), a = actual.contiguous().Doubles();
        Assert.Equal(e.Length, a.Length);
        double slack = 1e-5 * (1 + e.Max(Math.Abs));
        for (int i = 0; i < e.Length; i++) Assert.Equal(e[i], a[i], (Math.Abs(e[i]) * Rounding) + slack);
    }
}
