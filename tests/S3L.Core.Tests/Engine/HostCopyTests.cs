using System.Runtime.CompilerServices;

namespace S3L.Core.Tests.Engine;

public sealed class HostCopyTests
{
    [Theory]
    [InlineData("cpu", "cpu", true)]
    [InlineData("cuda", "cuda", true)]
    [InlineData("cuda", "cuda:0", true)]
    [InlineData("cuda:1", "cuda:1", true)]
    [InlineData("cuda:0", "cuda:1", false)]
    [InlineData("cuda", "cuda:1", false)]
    [InlineData("cpu", "cuda", false)]
    public void A_GPU_without_a_number_is_the_first(string one, string other, bool expected)
    {
        // Names alone: no device is asked for.
        var (first, second) = (new torch.Device(one), new torch.Device(other));
        Assert.Equal((expected, expected), (AreSame(null, first, second), AreSame(null, second, first)));
    }

    // From outside it could only be seen on a machine with two GPUs.
    [UnsafeAccessor(UnsafeAccessorKind.StaticMethod)]
    private static extern bool AreSame([UnsafeAccessorType("S3L.Core.Engine.HostCopy, S3L.Core")] object? type, torch.Device one, torch.Device other);
}
