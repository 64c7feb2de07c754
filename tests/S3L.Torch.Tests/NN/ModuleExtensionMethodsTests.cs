namespace S3L.Torch.Tests.NN;

public sealed class ModuleExtensionMethodsTests
{
    [Fact]
    public void Another_type_keeps_parameters_and_counters_what_they_are()
    {
        using Net net = new();
        Parameter weight = net.First.weight;
        float value = weight.Floats()[0];
        long before = torch.Tensor.TotalCount;

        Assert.Same(net, net.to(torch.float64));

        Assert.Same(weight, net.First.weight);
        Assert.Same(weight, net.parameters().ElementAt(1));
        Assert.Equal(torch.float64, weight.dtype);
        Assert.Equal(value, weight.Doubles()[0]);
        Assert.True(weight.is_leaf && weight.requires_grad);
        Assert.Equal(torch.float64, net.Norm.running_mean!.dtype);
        Assert.Equal(torch.int64, net.Norm.num_batches_tracked!.dtype);
        Assert.Equal(before, torch.Tensor.TotalCount);
    }

    [Fact]
    public void A_converted_module_computes_and_trains_in_its_new_type()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Net net = new Net().to(torch.float64);

        torch.Tensor output = net.call(torch.randn([4, 2], torch.float64));
        output.sum().backward();

        Assert.Equal(torch.float64, output.dtype);
        Assert.All(net.parameters(), p => Assert.Equal(torch.float64, p.grad!.dtype));
    }

    [Fact]
    public void The_same_device_changes_nothing()
    {
        using Net net = new();
        Parameter weight = net.First.weight;
        float[] values = weight.Floats();

        Assert.Same(net, net.to(torch.CPU));

        Assert.Same(weight, net.First.weight);
        Assert.Equal(values, weight.Floats());
        Assert.Equal((torch.float32, torch.int64), (weight.dtype, net.Norm.num_batches_tracked!.dtype));
    }

    [Fact]
    public void Optimizers_go_on_with_a_converted_module()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1);
        using SGD optimizer = torch.optim.SGD(module.parameters(), 0.5);
        module.to(torch.float64);
        double before = module.weight.Doubles()[0];

        (module.weight * 3).sum().backward();
        optimizer.step();

        Assert.Equal(before - 1.5, module.weight.Doubles()[0]);
    }
}
