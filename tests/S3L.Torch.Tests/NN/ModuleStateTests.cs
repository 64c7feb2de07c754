namespace S3L.Torch.Tests.NN;

public sealed class ModuleStateTests
{
    private static readonly string[] Names =
    [
        "scale", "seen", "first.weight", "first.bias", "norm.weight", "norm.bias", "norm.running_mean", "norm.running_var",
        "norm.num_batches_tracked", "last.0.weight",
    ];

    [Fact]
    public void The_state_holds_parameters_and_persistent_buffers_in_the_order_of_PyTorch()
    {
        using Net net = new();

        Assert.Equal(Names, net.state_dict().Keys);
        Assert.Same(net.Norm.running_var, net.state_dict()["norm.running_var"]);
        Assert.Equal(Names.Select(n => $"net.{n}"), net.state_dict(prefix: "net").Keys);
        var destination = new Dictionary<string, torch.Tensor>();
        Assert.Same(destination, net.state_dict(destination));
    }

    [Fact]
    public void State_travels_to_another_module_by_value()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Net source = new(), target = new();
        source.Norm.num_batches_tracked!.fill_(7);
        Parameter weight = target.First.weight;

        (IList<string> missing, IList<string> unexpected) = target.load_state_dict(source.state_dict());
        source.First.weight.detach().zero_();

        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.Same(weight, target.First.weight);
        Assert.True(weight.requires_grad && weight.is_leaf);
        Assert.DoesNotContain(0f, weight.Floats());
        Assert.Equal(7, target.Norm.num_batches_tracked!.item<long>());
        Assert.Equal(source.First.bias!.Floats(), target.First.bias!.Floats());
    }

    [Fact]
    public void Values_of_another_type_are_converted()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1);

        module.load_state_dict(new() { ["weight"] = torch.full([1, 1], 0.1, torch.float64), ["bias"] = torch.full([1], 2) });

        Assert.Equal((torch.float32, 0.1f), (module.weight.dtype, module.weight.Floats()[0]));
        Assert.Equal(2f, module.bias!.Floats()[0]);
    }

    [Fact]
    public void Missing_and_unexpected_names_are_refused_and_change_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1);
        float before = module.weight.Floats()[0];

        ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
            module.load_state_dict(new() { ["weight"] = torch.full([1, 1], 99f), ["fc.weight"] = torch.ones([1]), ["fc.bias"] = torch.ones([1]) }));

        Assert.Equal(
            "source must hold exactly the names of module 'Linear'; missing: [bias]; unexpected: [fc.weight, fc.bias]. (Parameter 'source')",
            thrown.Message);
        Assert.Equal(before, module.weight.Floats()[0]);
    }

    [Fact]
    public void Missing_and_unexpected_names_are_reported_where_they_are_allowed()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1);

        (IList<string> missing, IList<string> unexpected) =
            module.load_state_dict(new() { ["weight"] = torch.full([1, 1], 99f), ["fc.weight"] = torch.ones([1]) }, strict: false);

        Assert.Equal(["bias"], missing);
        Assert.Equal(["fc.weight"], unexpected);
        Assert.Equal(99f, module.weight.Floats()[0]);
    }

    [Fact]
    public void Skipped_names_are_left_alone_on_both_sides()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(1, 1);
        float before = module.weight.Floats()[0];

        (IList<string> missing, IList<string> unexpected) = module.load_state_dict(
            new() { ["weight"] = torch.ones([5]), ["bias"] = torch.full([1], 3f), ["fc"] = torch.ones([1]) }, skip: ["weight", "fc"]);

        Assert.Empty(missing);
        Assert.Empty(unexpected);
        Assert.Equal((before, 3f), (module.weight.Floats()[0], module.bias!.Floats()[0]));
    }

    [Fact]
    public void Other_shapes_are_refused_with_all_of_them_and_change_nothing()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(2, 1);
        Parameter bias = module.bias!;
        float before = bias.Floats()[0];

        ArgumentException thrown = Assert.Throws<ArgumentException>(() =>
            module.load_state_dict(new() { ["bias"] = torch.full([1], 99f), ["weight"] = torch.ones([2, 1]) }));

        Assert.Equal("source has other shapes than module 'Linear': weight must be [1, 2] but is [2, 1]. (Parameter 'source')", thrown.Message);
        Assert.Equal(before, bias.Floats()[0]);
    }

    [Fact]
    public void Loading_leaves_no_tensors_behind()
    {
        using Net source = new(), target = new();
        long before = torch.Tensor.TotalCount;

        target.load_state_dict(source.state_dict());

        Assert.Equal(before, torch.Tensor.TotalCount);
    }
}
