using System.Runtime.CompilerServices;

namespace S3L.Torch.Tests.Tensors;

public sealed class TensorTests
{
    [Fact]
    public void A_forgotten_tensor_is_freed_after_garbage_collection()
    {
        long before = torch.Tensor.TotalCount;
        Forget(100);
        Assert.InRange(torch.Tensor.TotalCount - before, 1, 100);

        Collect();

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_recorded_result_that_was_forgotten_frees_its_graph()
    {
        long before = torch.Tensor.TotalCount;
        ForgetGraph();

        Collect();

        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void The_peak_is_the_most_that_ever_lived()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        for (int i = 0; i < 10; i++) torch.ones([1]);
        long peak = torch.Tensor.PeakCount;
        Assert.True(peak >= torch.Tensor.TotalCount);

        scope.DisposeEverything();

        Assert.Equal(peak, torch.Tensor.PeakCount);
    }

    [Fact]
    public void Tensors_live_and_die_on_several_threads()
    {
        long before = torch.Tensor.TotalCount;
        var wrong = new List<float>();

        Thread[] threads = [.. Enumerable.Range(0, 4).Select(n => new Thread(() =>
        {
            for (int i = 0; i < 200; i++)
            {
                using DisposeScope scope = torch.NewDisposeScope();
                torch.Tensor leaf = torch.full([4], (float)n, requires_grad: true);
                (leaf * leaf).sum().backward();
                float gradient = leaf.grad!.select(0, 3).item<float>();
                if (gradient == 2 * n) continue;
                lock (wrong) wrong.Add(gradient);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        Assert.Empty(wrong);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_tensor_can_be_disposed_on_another_thread_than_its_own()
    {
        torch.Tensor[] tensors = [.. Enumerable.Range(0, 1000).Select(_ => torch.ones([1]))];

        Parallel.ForEach(tensors, tensor => tensor.Dispose());

        Assert.All(tensors, tensor => Assert.True(tensor.IsInvalid));
    }

    [Fact]
    public void Using_and_disposing_at_once_fails_in_a_managed_way_or_not_at_all()
    {
        for (int round = 0; round < 50; round++)
        {
            torch.Tensor tensor = torch.ones([1000]);
            Exception? thrown = null;
            var user = new Thread(() => thrown = Record.Exception(() =>
            {
                for (int i = 0; i < 20; i++)
                {
                    using torch.Tensor sum = tensor.sum();
                    Assert.Equal(1000f, sum.item<float>());
                }
            }));
            user.Start();
            tensor.Dispose();
            user.Join();
            Assert.True(thrown is null or ObjectDisposedException, thrown?.ToString());
        }
    }

    [Fact]
    public void Errors_keep_to_their_thread()
    {
        // The text of an error lies in storage of the thread: an error of another thread must not replace it.
        int strange = 0;
        using var barrier = new Barrier(2);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(n => new Thread(() =>
        {
            using torch.Tensor left = torch.ones([2, 3 + n]);
            for (int i = 0; i < 50; i++)
            {
                barrier.SignalAndWait();
                string message = Record.Exception(() => left.mm(left))!.Message;
                if (!message.Contains($"2x{3 + n} and 2x{3 + n}", StringComparison.Ordinal)) Interlocked.Increment(ref strange);
            }
        }))];
        foreach (Thread thread in threads) thread.Start();
        foreach (Thread thread in threads) thread.Join();

        Assert.Equal(0, strange);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(int count)
    {
        for (int i = 0; i < count; i++) torch.ones([1]);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void ForgetGraph()
    {
        torch.Tensor leaf = torch.ones([1], requires_grad: true);
        leaf.square().exp().backward();
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
