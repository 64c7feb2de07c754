namespace S3L.Torch.Tests.Tensors;

public sealed class TensorShapeTests
{
    // Element [i, j, k] is 12 i + 4 j + k.
    private static torch.Tensor Cube => torch.arange(24).view(2, 3, 4);

    [Fact]
    public void Views_share_memory()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Func<torch.Tensor, torch.Tensor>[] views =
        [
            t => t.view(4, 6), t => t.reshape(-1), t => t.flatten(), t => t.permute(2, 0, 1), t => t.transpose(0, 2), t => t.unsqueeze(0), t =>
                t.squeeze(),
            t => t.narrow(0, 1, 1), t => t.select(1, 2), t => t.slice(2, 0, 4, 2), t => t.diagonal(), t => t.split(2, 2)[1], t => t.chunk(3, 1)[0],
            t => t.unbind()[1], t => t.view(1, 2, 3, 4).expand(1, -1, -1, -1), t => t.detach(),
        ];

        Assert.All(views, view =>
        {
            torch.Tensor source = Cube;
            view(source).fill_(-1);
            Assert.Contains(-1L, source.Longs());
        });
    }

    [Fact]
    public void Copies_do_not_share_memory()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        Func<torch.Tensor, torch.Tensor>[] copies =
        [
            t => t.clone(), t => t.repeat(1, 1, 1), t => t.flip(0), t => t.roll([1], [0]), t => t.index_select(0, torch.arange(2)),
            t => t.permute(2, 0, 1).reshape(24), t => t.masked_fill(t.lt(0), 0), t => t.gather(0, torch.zeros([1, 3, 4], torch.int64)),
        ];

        Assert.All(copies, copy =>
        {
            torch.Tensor source = Cube;
            copy(source).fill_(-1);
            Assert.DoesNotContain(-1L, source.Longs());
        });
    }

    [Fact]
    public void Dimensions_are_joined_split_and_exchanged()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal([2L, 12L], Cube.flatten(1).shape);
        Assert.Equal([6L, 4L], Cube.flatten(0, 1).shape);
        Assert.Equal([8L, 3L], Cube.reshape(8, -1).shape);
        Assert.Equal([4L, 2L, 3L], Cube.permute(2, 0, 1).shape);
        Assert.Equal((12 * 1) + (4 * 2) + 3, Cube.permute(2, 0, 1).select(0, 3).select(0, 1).select(0, 2).ToInt64());
        Assert.Equal([2L, 4L, 3L], Cube.transpose(-1, 1).shape);
        Assert.Equal([3L, 2L], torch.zeros([2, 3]).t().shape);
        Assert.Equal([2L, 3L], torch.zeros([1, 2, 1, 3]).squeeze().shape);
        Assert.Equal([2L, 1L, 3L], torch.zeros([1, 2, 1, 3]).squeeze(0).shape);
        Assert.Equal([2L, 3L, 1L, 4L], Cube.unsqueeze(-2).shape);
        Assert.Equal([5L, 3L], torch.zeros([1, 3]).expand(5, -1).shape);
    }

    [Fact]
    public void Elements_are_repeated_reversed_and_rolled()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor row = torch.arange(3);

        Assert.Equal([0L, 1L, 2L, 0L, 1L, 2L], row.repeat(2).Longs());
        Assert.Equal([2L, 3L], row.repeat(2, 1).shape);
        Assert.Equal([2L, 1L, 0L], row.flip(0).Longs());
        Assert.Equal([2L, 0L, 1L], row.roll([1], [0]).Longs());
        Assert.Equal([1L, 0L, 3L, 2L], torch.arange(4).view(2, 2).roll([1, 0], [1, 0]).Longs());
    }

    [Fact]
    public void Parts_are_taken_by_position()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor row = torch.arange(10);

        Assert.Equal([2L, 3L, 4L], row.narrow(0, 2, 3).Longs());
        Assert.Equal([1L, 4L, 7L], row.slice(0, 1, 9, 3).Longs());
        Assert.Equal(9L, row.select(0, -1).ToInt64());
        Assert.Equal([[0L, 1L, 2L, 3L], [4L, 5L, 6L, 7L], [8L, 9L]], row.split(4).Select(p => p.Longs()));
        Assert.Equal([[0L, 1L, 2L, 3L], [4L, 5L, 6L, 7L], [8L, 9L]], row.chunk(3).Select(p => p.Longs()));
        Assert.Equal([[0L, 2L], [1L, 3L]], torch.arange(4).view(2, 2).unbind(1).Select(p => p.Longs()));
        Assert.Equal([0L, 5L], torch.arange(16).view(4, 4).diagonal().narrow(0, 0, 2).Longs());
        Assert.Equal([1L, 6L, 11L], torch.arange(16).view(4, 4).diagonal(1).Longs());
    }

    [Fact]
    public void Elements_are_taken_and_written_by_index()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor row = torch.arange(4) * 10;
        torch.Tensor index = torch.tensor(new[] { 3L, 0L });

        Assert.Equal([30L, 0L], row.index_select(0, index).Longs());
        Assert.Equal([30L, 0L], row.gather(0, index).Longs());
        Assert.Equal([2L, 10L, 20L, 1L], row.clone().index_copy_(0, index, torch.tensor(new[] { 1L, 2L })).Longs());
        Assert.Equal([2L, 10L, 20L, 1L], row.clone().scatter_(0, index, torch.tensor(new[] { 1L, 2L })).Longs());
        Assert.Equal([2L, 10L, 20L, 31L], row.clone().scatter_add_(0, index, torch.tensor(new[] { 1L, 2L })).Longs());
        Assert.Equal([-1L, -1L, 20L, 30L], row.masked_fill(row.lt(15), -1).Longs());
    }

    [Fact]
    public void Views_that_memory_does_not_allow_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        TorchException thrown = Assert.Throws<TorchException>(() => Cube.permute(2, 0, 1).view(24));

        Assert.StartsWith("aten::view: view size is not compatible", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<TorchException>(() => Cube.reshape(5, 5));
    }
}
