namespace S3L.Torch.Tests.Beyond;

public sealed class MemoryFormatTests
{
    [Fact]
    public void Channels_last_changes_strides_only_and_comes_back()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor images = torch.randn([2, 3, 4, 5]);

        torch.Tensor last = images.to_memory_format(MemoryFormat.ChannelsLast);
        torch.Tensor back = last.to_memory_format(MemoryFormat.Contiguous);

        Assert.Equal([60L, 1L, 15L, 3L], last.stride());
        Assert.Equal((true, false), (last.is_channels_last(), last.is_contiguous()));
        Assert.Equal((false, true), (back.is_channels_last(), back.is_contiguous()));
        Assert.Equal(images.Floats(), last.Floats());
        Assert.Equal(images.Floats(), back.Floats());
    }

    [Fact]
    public void Volumes_have_a_format_of_their_own()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal([120L, 1L, 40L, 10L, 2L], torch.zeros([1, 2, 3, 4, 5]).to_memory_format(MemoryFormat.ChannelsLast3d).stride());
    }

    [Fact]
    public void Vectors_have_no_channels_last()
    {
        using torch.Tensor vector = torch.zeros([3]);

        Assert.ThrowsAny<TorchException>(() => vector.to_memory_format(MemoryFormat.ChannelsLast));
    }

    [Fact]
    public void A_module_keeps_its_parameters_and_results()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d convolution = torch.nn.Conv2d(3, 4, 3);
        using Sequential module = torch.nn.Sequential(convolution, torch.nn.BatchNorm2d(4));
        module.eval();
        torch.Tensor images = torch.randn([2, 3, 6, 6]);
        torch.Tensor expected = module.call(images);
        Parameter weight = convolution.weight;
        float[] values = weight.Floats();

        module.to_memory_format(MemoryFormat.ChannelsLast);
        torch.Tensor actual = module.call(images.to_memory_format(MemoryFormat.ChannelsLast));

        Assert.Same(weight, convolution.weight);
        Assert.True(weight.is_channels_last() && weight.requires_grad && weight.is_leaf);
        Assert.Equal(values, weight.Floats());
        Assert.True(actual.is_channels_last());
        // Other kernels sum the 27 products in another order.
        TensorValues.AssertClose(expected, actual, 1e-5);
    }
}
