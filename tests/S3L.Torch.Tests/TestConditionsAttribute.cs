using System.Reflection;
using Xunit.v3;

[assembly: S3L.Torch.Tests.TestConditions]
// The live counts and libtorch's switches belong to the process or to a thread, so tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace S3L.Torch.Tests;

/// <summary>Starts each test from the same random state, and fails a test that native tensors outlive, whoever created them.</summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TestConditionsAttribute : BeforeAfterTestAttribute
{
    private long _before;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        torch.manual_seed(0);
        _before = torch.Tensor.TotalCount;
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        long left = torch.Tensor.TotalCount - _before;
        if (left != 0) throw new InvalidOperationException($"{left} native tensors outlive {methodUnderTest.Name}.");
    }
}
