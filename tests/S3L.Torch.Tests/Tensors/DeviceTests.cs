namespace S3L.Torch.Tests.Tensors;

public sealed class DeviceTests
{
    [Theory]
    [InlineData("cpu", DeviceType.CPU, -1, "cpu")]
    [InlineData("CUDA", DeviceType.CUDA, -1, "cuda")]
    [InlineData("cuda:3", DeviceType.CUDA, 3, "cuda:3")]
    public void Text_names_kind_and_number(string text, DeviceType type, int index, string printed)
    {
        torch.Device device = torch.device(text);

        Assert.Equal((type, index, printed), (device.type, device.index, device.ToString()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("gpu")]
    [InlineData("cuda:")]
    [InlineData("cuda:one")]
    [InlineData("cuda:1:2")]
    public void Other_text_is_refused(string text)
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.device(text));

        Assert.Equal($"description must be cpu, cuda or cuda:NUMBER, but is '{text}'. (Parameter 'description')", thrown.Message);
    }

    [Fact]
    public void Text_converts_by_itself()
    {
        using torch.Tensor tensor = torch.zeros([1], device: "cpu");

        Assert.Equal(DeviceType.CPU, tensor.device_type);
        Assert.Equal("cpu", tensor.device.ToString());
    }

    [Fact]
    public void Kinds_are_numbered_as_in_libtorch()
    {
        Assert.Equal((DeviceType.CUDA, 0), (torch.CUDA.type, torch.CUDA.index));
        if (torch.cuda.is_available())
        {
            using torch.Tensor tensor = torch.empty([1], device: torch.CUDA);
            Assert.Equal("cuda:0", tensor.device.ToString());
            return;
        }

        // libtorch spells the kind of device that it is asked for but does not have.
        Assert.Contains("CUDA", Assert.ThrowsAny<TorchException>(() => torch.empty([1], device: torch.CUDA)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cuda_is_available_where_there_are_devices()
    {
        Assert.Equal(torch.cuda.device_count() > 0, torch.cuda.is_available());
        if (torch.cuda.is_available()) torch.cuda.synchronize();
        else Assert.ThrowsAny<TorchException>(() => torch.cuda.synchronize());
    }
}
