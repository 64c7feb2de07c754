namespace S3L.Torch.Tests.Beyond;

public sealed class AutocastTests
{
    [Fact]
    public void Products_are_short_inside_and_long_outside()
    {
        Assert.Equal(torch.float32, TypeOfProduct());
        using (torch.autocast(DeviceType.CPU, torch.bfloat16)) Assert.Equal(torch.bfloat16, TypeOfProduct());
        Assert.Equal(torch.float32, TypeOfProduct());
    }

    [Fact]
    public void Regions_nest_and_can_be_left()
    {
        using (torch.autocast(DeviceType.CPU, torch.bfloat16))
        {
            using (torch.no_autocast(DeviceType.CPU))
            {
                Assert.Equal(torch.float32, TypeOfProduct());
                using (torch.autocast(DeviceType.CPU, torch.bfloat16)) Assert.Equal(torch.bfloat16, TypeOfProduct());
                Assert.Equal(torch.float32, TypeOfProduct());
            }

            Assert.Equal(torch.bfloat16, TypeOfProduct());
            using (torch.autocast(DeviceType.CPU, torch.bfloat16)) Assert.Equal(torch.bfloat16, TypeOfProduct());
            Assert.Equal(torch.bfloat16, TypeOfProduct());
        }

        Assert.Equal(torch.float32, TypeOfProduct());
    }

    [Fact]
    public void A_region_ends_with_an_exception_and_holds_for_its_thread_only()
    {
        torch.ScalarType? elsewhere = null;

        Assert.Throws<InvalidOperationException>((Action)(() =>
        {
            using IDisposable region = torch.autocast(DeviceType.CPU, torch.bfloat16);
            var thread = new Thread(() => elsewhere = TypeOfProduct());
            thread.Start();
            thread.Join();
            throw new InvalidOperationException();
        }));

        Assert.Equal(torch.float32, elsewhere);
        Assert.Equal(torch.float32, TypeOfProduct());
    }

    [Fact]
    public void Losses_stay_long_and_gradients_have_the_type_of_their_parameters()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(4, 3);
        torch.Tensor logits, loss;
        using (torch.autocast(DeviceType.CPU, torch.bfloat16))
        {
            logits = module.call(torch.ones([2, 4]));
            loss = torch.nn.functional.cross_entropy(logits.@float(), torch.zeros([2], torch.int64));
        }

        loss.backward();

        Assert.Equal((torch.bfloat16, torch.float32), (logits.dtype, loss.dtype));
        Assert.Equal(torch.float32, module.weight.grad!.dtype);
    }

    [Fact]
    public void Changed_weights_are_not_taken_from_the_cache_of_an_earlier_region()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1, hasBias: false);
        for (int value = 1; value <= 2; value++)
        {
            torch.nn.init.constant_(module.weight, value);
            using IDisposable region = torch.autocast(DeviceType.CPU, torch.bfloat16);
            Assert.Equal(value, module.call(torch.ones([1, 1])).ToDouble());
        }
    }

    private static torch.ScalarType TypeOfProduct()
    {
        using torch.Tensor matrix = torch.ones([2, 2]);
        using torch.Tensor product = matrix.matmul(matrix);
        return product.dtype;
    }
}
