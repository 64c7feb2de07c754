namespace S3L.Torch.Tests.Tensors;

public sealed class DisposeScopeManagerTests
{
    [Fact]
    public void Statistics_count_what_happens_to_tensors_of_a_thread() => OnFreshThread(() =>
    {
        LifetimeStatistics counts = DisposeScopeManager.Statistics.TensorStatistics;
        torch.Tensor free = torch.ones([1]);
        torch.Tensor detached;
        using (DisposeScope outer = torch.NewDisposeScope())
        using (DisposeScope inner = torch.NewDisposeScope())
        {
            torch.ones([1]);
            torch.ones([1]).Dispose();
            torch.ones([1]).MoveToOuterDisposeScope();
            detached = torch.ones([1]).DetachFromDisposeScope();
            inner.Attach(free);
            Assert.Equal((1, 4), (counts.CreatedOutsideScopeCount, counts.CreatedInScopeCount));
            Assert.Equal((1, 1), (counts.AttachedToScopeCount, counts.DetachedFromScopeCount));
            Assert.Equal((1, 0), (counts.DisposedInScopeCount, counts.DisposedOutsideScopeCount));
            Assert.Equal(4, counts.ThreadTotalLiveCount);
        }

        Assert.Equal((4, 0), (counts.DisposedInScopeCount, counts.DisposedOutsideScopeCount));
        Assert.Equal(1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        detached.Dispose();
        Assert.Equal(1, counts.DisposedOutsideScopeCount);
        Assert.Equal(0, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    });

    [Fact]
    public void Counts_start_again_after_a_reset() => OnFreshThread(() =>
    {
        torch.ones([1]).Dispose();
        using (torch.NewDisposeScope()) torch.ones([1]);

        DisposeScopeManager.Statistics.Reset();

        LifetimeStatistics counts = DisposeScopeManager.Statistics.TensorStatistics;
        Assert.All(
            [
                counts.CreatedInScopeCount, counts.CreatedOutsideScopeCount, counts.DisposedInScopeCount, counts.DisposedOutsideScopeCount,
                counts.AttachedToScopeCount, counts.DetachedFromScopeCount, counts.ThreadTotalLiveCount,
            ],
            count => Assert.Equal(0, count));
    });

    [Fact]
    public void Each_thread_has_its_own_counts()
    {
        long before = DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount;

        OnFreshThread(() =>
        {
            Assert.Equal(0, DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount);
            torch.ones([1]).Dispose();
        });

        Assert.Equal(before, DisposeScopeManager.Statistics.TensorStatistics.CreatedOutsideScopeCount);
    }

    private static void OnFreshThread(Action test)
    {
        Exception? thrown = null;
        var thread = new Thread(() => thrown = Record.Exception(test));
        thread.Start();
        thread.Join();
        if (thrown is not null) throw new InvalidOperationException(thrown.Message, thrown);
    }
}
