using System.Runtime.InteropServices;

namespace S3L.Torch.Tests.Tensors;

public sealed class TensorFactsTests
{
    [Fact]
    public void Sizes_count_from_both_ends()
    {
        using torch.Tensor tensor = torch.zeros([2, 3, 4]);

        Assert.Equal((3L, 24L, 24L), (tensor.ndim, tensor.numel(), tensor.NumberOfElements));
        Assert.Equal((2L, 4L), (tensor.size(0), tensor.size(-1)));
        Assert.Equal([12L, 4L, 1L], tensor.stride());
        ArgumentOutOfRangeException thrown = Assert.Throws<ArgumentOutOfRangeException>(() => tensor.size(3));
        Assert.StartsWith("dim must be in [-3, 2].", thrown.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Printing_gives_type_shape_and_device()
    {
        using torch.Tensor tensor = torch.zeros([2, 3]);

        Assert.Equal("Float32[2, 3] cpu", tensor.ToString());
    }

    [Fact]
    public void Bytes_are_the_memory_itself()
    {
        using torch.Tensor tensor = torch.zeros([2]);

        MemoryMarshal.Cast<byte, float>(tensor.bytes)[1] = 3;
        Assert.Equal([0f, 3f], tensor.Floats());

        tensor.bytes = MemoryMarshal.AsBytes(new[] { 5f, 6f }.AsSpan());
        Assert.Equal([5f, 6f], tensor.Floats());
    }

    [Fact]
    public void Bytes_of_another_length_are_refused()
    {
        using torch.Tensor tensor = torch.zeros([2]);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => tensor.bytes = new byte[7]);

        Assert.Equal("value must have 8 bytes, but has 7. (Parameter 'value')", thrown.Message);
    }

    [Fact]
    public void Bytes_of_a_view_with_gaps_are_refused()
    {
        using torch.Tensor tensor = torch.zeros([2, 3]);
        using torch.Tensor turned = tensor.t();

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => _ = turned.bytes);

        Assert.Equal("bytes needs a contiguous tensor in the main memory, but this one is Float32[3, 2] cpu; call cpu().contiguous() first.",
            thrown.Message);
    }

    [Fact]
    public void Bytes_of_an_empty_tensor_are_none()
    {
        using torch.Tensor tensor = torch.zeros([0, 3]);

        Assert.Equal(0, tensor.bytes.Length);
    }

    [Fact]
    public void Item_reads_the_one_element_in_its_type()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        Assert.Equal(1.5f, torch.full([1, 1], 1.5).item<float>());
        Assert.Equal(1.5, torch.full([], 1.5, torch.float64).item<double>());
        Assert.Equal(7L, torch.full([1], 7).item<long>());
        Assert.Equal(7, torch.full([1], 7, torch.int32).item<int>());
        Assert.Equal((byte)7, torch.full([1], 7, torch.uint8).item<byte>());
        Assert.True(torch.full([1], true).item<bool>());
        Assert.Equal((Half)1.5, torch.full([1], 1.5, torch.float16).item<Half>());
        Assert.Equal(4f, torch.arange(6, torch.float32).view(2, 3).t().select(0, 1).narrow(0, 1, 1).item<float>());
    }

    [Fact]
    public void Item_of_another_type_is_refused()
    {
        using torch.Tensor tensor = torch.ones([1]);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => tensor.item<int>());

        Assert.Equal("T must be the .NET type of Float32, but is Int32.", thrown.Message);
        Assert.Throws<ArgumentException>(() => tensor.item<double>());
    }

    [Fact]
    public void Item_of_several_elements_is_refused()
    {
        using torch.Tensor tensor = torch.ones([2]);

        InvalidOperationException thrown = Assert.Throws<InvalidOperationException>(() => tensor.item<float>());

        Assert.Equal("item needs a tensor of one element, but this one is Float32[2] cpu.", thrown.Message);
    }

    [Fact]
    public void Single_elements_convert_from_any_type()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor real = torch.full([1], 2.75, torch.bfloat16), whole = torch.full([], 3, torch.int32), no = torch.full([1], false);

        Assert.Equal((2.75f, 2.75, 2L, true), (real.ToSingle(), real.ToDouble(), real.ToInt64(), real.ToBoolean()));
        Assert.Equal((3f, 3.0, 3L, true), (whole.ToSingle(), whole.ToDouble(), whole.ToInt64(), whole.ToBoolean()));
        Assert.False(no.ToBoolean());
        Assert.Equal(3, scope.DisposablesCount);
    }
}
