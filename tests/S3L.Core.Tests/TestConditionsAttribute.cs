using System.Reflection;
using Xunit.v3;

[assembly: S3L.Core.Tests.TestConditions]
// Live counts belong to the process, libtorch's threads to the machine: tests run one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace S3L.Core.Tests;

/// <summary>
/// Starts each test from the same random state, and fails a test that native tensors outlive: by the count of the process, and by the test
/// thread's, which garbage collection cannot lower.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class TestConditionsAttribute : BeforeAfterTestAttribute
{
    private int _thread;
    private long _before;
    private long _threadBefore;

    public override void Before(MethodInfo methodUnderTest, IXunitTest test)
    {
        torch.manual_seed(0);
        _thread = Environment.CurrentManagedThreadId;
        _before = torch.Tensor.TotalCount;
        _threadBefore = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
    }

    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        long left = torch.Tensor.TotalCount - _before;
        // An asynchronous test may end on another thread, whose count says nothing of it.
        if (Environment.CurrentManagedThreadId == _thread) left = Math.Max(left, DisposeScopeManager.Statistics.ThreadTotalLiveCount - _threadBefore);
        if (left > 0) throw new InvalidOperationException($"{left} native tensors outlive {methodUnderTest.Name}.");
    }
}
