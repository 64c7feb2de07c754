using System.Runtime.InteropServices;
using static S3L.Torch.Tests.NN.CoarseNumbers;

namespace S3L.Torch.Tests;

/// <summary>That the convolutions tested here are indeed made in tiles, wherever the vectors are there that prepare them.</summary>
public sealed partial class TileTests
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

    [Fact]
    public void A_thread_that_used_tiles_has_room_for_the_signals_of_null_references()
    {
        Exception? caught = null;
        StackFacts facts = default;
        var thread = new Thread(() =>
        {
            caught = Record.Exception(() =>
            {
                Even_and_odd_channels_are_summed_apart();
                Assert.Equal(0, AlternativeStack(0, out facts));
                string? nothing = null;
                Assert.Throws<NullReferenceException>(() => nothing!.Length);
            });
        });
        thread.Start();
        thread.Join();
        Assert.Null(caught);
        if (HasVectors) Assert.Equal((nuint)65536, facts.Size);
    }

    [LibraryImport("libc.so.6", EntryPoint = "sigaltstack")]
    private static partial int AlternativeStack(nint wanted, out StackFacts now);

    /// <summary>stack_t of Linux.</summary>
    private struct StackFacts
    {
        public nint Start;
        public int Flags;
        public nuint Size;
    }
}
