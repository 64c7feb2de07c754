namespace S3L.Torch.Tests.Beyond;

public sealed class ParallelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(1001)]
    public void Each_number_is_done_once(int count)
    {
        var times = new int[count];
        torch.parallel_for(count, (begin, end) =>
        {
            for (int i = begin; i < end; i++) Interlocked.Increment(ref times[i]);
        });
        Assert.All(times, t => Assert.Equal(1, t));
    }

    [Fact]
    public void Uses_the_threads_that_libtorch_computes_with()
    {
        int before = torch.get_num_threads();
        torch.set_num_threads(2);
        try
        {
            var parts = new List<(int Begin, int End)>();
            torch.parallel_for(10, (begin, end) =>
            {
                lock (parts) parts.Add((begin, end));
            });
            Assert.Equal([(0, 5), (5, 10)], parts.Order());
        }
        finally
        {
            torch.set_num_threads(before);
        }
    }

    [Fact]
    public void Nothing_to_do_calls_nothing() => torch.parallel_for(0, (_, _) => Assert.Fail("called"));

    [Fact]
    public void What_a_part_throws_reaches_the_caller()
    {
        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() =>
            torch.parallel_for(4, (begin, _) => throw new InvalidOperationException($"from {begin}")));
        Assert.StartsWith("from ", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_negative_count_and_no_part_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => torch.parallel_for(-1, (_, _) => { }));
        Assert.Throws<ArgumentNullException>(() => torch.parallel_for(1, null!));
    }
}
