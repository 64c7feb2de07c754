using static S3L.Torch.Tests.NN.CoarseNumbers;

namespace S3L.Torch.Tests;

/// <summary>That the convolutions tested here are indeed made in tiles, wherever the vectors are there that prepare them.</summary>
public sealed class TileTests
{
    private static bool HasVectors => File.ReadAllText("/proc/cpuinfo").Contains("avx512_bf16", StringComparison.Ordinal);

    [Fact]
    public void Even_and_odd_channels_are_summed_apart()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = Convolution(16, 16, 1, 1, 0);
        using (torch.no_grad()) convolution.weight.fill_(1);
        // One after the other, both ones are lost beside 2²⁴ or one is; apart, (2²⁴ − 2²⁴) + (1 + 1).
        float[] channels = [1 << 24, 1, -(1 << 24), 1, .. Enumerable.Repeat(0f, 12)];
        torch.Tensor maps = torch.tensor(channels).reshape(1, 16, 1, 1, 1).to(torch.bfloat16);
        double sum = convolution.forward_batch_innermost(maps).Doubles()[0];
        if (HasVectors) Assert.Equal(2, sum);
        else Assert.InRange(sum, 0, 2);
    }
}
