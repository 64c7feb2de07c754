using Module = S3L.Torch.torch.nn.Module;

namespace S3L.Torch.Tests.NN;

public sealed class ModuleTests
{
    [Fact]
    public void Names_follow_the_order_of_registration_with_own_members_first()
    {
        using Net net = new();

        Assert.Equal(["scale", "first.weight", "first.bias", "norm.weight", "norm.bias", "last.0.weight"], net.named_parameters().Select(p =>
            p.name));
        Assert.Equal(["scale"], net.named_parameters(recurse: false).Select(p => p.name));
        Assert.Equal(["seen", "scratch", "norm.running_mean", "norm.running_var", "norm.num_batches_tracked"], net.named_buffers().Select(b =>
            b.name));
        Assert.Equal(["seen"], net.named_buffers(false, include_nonpersistent: false).Select(b => b.name));
        Assert.Equal(["first", "norm", "last", "last.0", "last.1"], net.named_modules().Select(m => m.name));
        Assert.Equal(["first", "norm", "last"], net.named_children().Select(m => m.name));
        Assert.Equal("Net", net.GetName());
    }

    [Fact]
    public void Members_are_the_registered_objects()
    {
        using Net net = new();

        Assert.Same(net.Scale, net.parameters().First());
        Assert.Same(net.First, net.children().First());
        Assert.Same(net.Norm.running_mean, net.buffers().ElementAt(2));
        Assert.Equal(6, net.parameters().Count());
        Assert.Single(net.parameters(recurse: false));
    }

    [Fact]
    public void Training_and_evaluation_reach_all_parts()
    {
        using Net net = new();
        Assert.True(net.training);

        net.eval();
        Assert.All(net.named_modules().Select(m => m.module).Prepend(net), m => Assert.False(m.training));

        net.train();
        Assert.All(net.named_modules().Select(m => m.module).Prepend(net), m => Assert.True(m.training));
    }

    [Fact]
    public void Actions_reach_parts_before_the_whole()
    {
        using Net net = new();
        var seen = new List<Module>();

        Assert.Same(net, net.apply(seen.Add));

        Assert.Equal(6, seen.Count);
        Assert.Same(net.First, seen[0]);
        Assert.Same(net, seen[^1]);
    }

    [Theory]
    [InlineData("", "The value cannot be an empty string. (Parameter 'name')")]
    [InlineData("a.b", "name must not contain a dot, but is 'a.b'. (Parameter 'name')")]
    [InlineData("scale", "name 'scale' is already registered in module 'Net'. (Parameter 'name')")]
    [InlineData("seen", "name 'seen' is already registered in module 'Net'. (Parameter 'name')")]
    [InlineData("norm", "name 'norm' is already registered in module 'Net'. (Parameter 'name')")]
    public void Names_must_be_new_and_plain(string name, string message)
    {
        using Net net = new();
        using torch.Tensor data = torch.ones([1]);
        using Parameter parameter = new(data);
        using Module part = torch.nn.ReLU();

        Assert.Equal(message, Assert.Throws<ArgumentException>(() => net.register_parameter(name, parameter)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => net.register_buffer(name, data)).Message);
        Assert.Equal(message, Assert.Throws<ArgumentException>(() => net.register_module(name, part)).Message);
    }

    [Fact]
    public void Gradients_are_dropped_or_zeroed()
    {
        using Net net = new();
        using (torch.NewDisposeScope()) net.call(torch.ones([4, 2])).sum().backward();
        Assert.All(net.parameters(), p => Assert.True(HasGradient(p)));

        net.zero_grad(set_to_none: false);
        foreach (Parameter parameter in net.parameters())
        {
            using torch.Tensor? gradient = parameter.grad;
            Assert.All(gradient!.Floats(), x => Assert.Equal(0, x));
        }

        net.zero_grad();
        Assert.All(net.parameters(), p => Assert.False(HasGradient(p)));
    }

    [Fact]
    public void Parameters_and_buffers_made_in_a_scope_outlive_it_and_go_with_the_module()
    {
        long before = torch.Tensor.TotalCount;
        Net net;
        using (torch.NewDisposeScope()) net = new Net();

        Assert.All(net.state_dict().Values, t => Assert.False(t.IsInvalid));
        Assert.Equal(before + 11, torch.Tensor.TotalCount);
        net.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
        net.Dispose();
    }

    [Fact]
    public void Parameters_share_the_memory_of_their_data()
    {
        using torch.Tensor data = torch.ones([2]);
        using Parameter parameter = torch.nn.Parameter(data);
        using Parameter frozen = torch.nn.Parameter(data, requires_grad: false);

        data.fill_(4);

        Assert.Equal([4f, 4f], parameter.Floats());
        Assert.Equal((true, true, false), (parameter.requires_grad, parameter.is_leaf, frozen.requires_grad));
        Assert.False(data.requires_grad);
        Assert.Throws<ArgumentNullException>(() => torch.nn.Parameter(null!));
    }

    [Fact]
    public void A_parameter_of_a_computed_tensor_is_a_leaf()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor leaf = torch.ones([2], requires_grad: true);
        using Parameter parameter = torch.nn.Parameter(leaf * 2);

        (parameter * 3).sum().backward();

        Assert.True(parameter.is_leaf);
        Assert.Null(leaf.grad);
        Assert.Equal([3f, 3f], parameter.grad!.Floats());
    }

    [Fact]
    public void Sequences_are_named_by_position_or_by_name()
    {
        using Sequential byPosition = torch.nn.Sequential(torch.nn.Linear(2, 3), torch.nn.ReLU(), torch.nn.Linear(3, 1));
        using Sequential byName = torch.nn.Sequential(("in", torch.nn.Linear(2, 3)), ("out", torch.nn.Linear(3, 1)));

        Assert.Equal(["0.weight", "0.bias", "2.weight", "2.bias"], byPosition.state_dict().Keys);
        Assert.Equal(["in.weight", "in.bias", "out.weight", "out.bias"], byName.state_dict().Keys);
        Assert.Equal((3, 2), (byPosition.Count, byName.Count));
    }

    [Fact]
    public void Sequences_apply_their_parts_in_order_and_keep_only_the_result()
    {
        using torch.Tensor input = torch.ones([4, 2], requires_grad: true);
        using Linear first = torch.nn.Linear(2, 3), last = torch.nn.Linear(3, 1);
        using Sequential all = torch.nn.Sequential(first, torch.nn.ReLU(inplace: true), torch.nn.ReLU(), last);
        using Sequential none = torch.nn.Sequential(Array.Empty<torch.nn.Module<torch.Tensor, torch.Tensor>>());
        long before = torch.Tensor.TotalCount;

        using torch.Tensor output = all.call(input);
        Assert.Equal(before + 1, torch.Tensor.TotalCount);

        using (torch.NewDisposeScope())
        {
            Assert.Equal(last.call(torch.nn.functional.relu(first.call(input))).Floats(), output.Floats());
            output.sum().backward();
            Assert.NotNull(input.grad);
        }

        Assert.Same(input, none.call(input));
    }

    private static bool HasGradient(Parameter parameter)
    {
        using torch.Tensor? gradient = parameter.grad;
        return gradient is not null;
    }
}
