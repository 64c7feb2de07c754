namespace S3L.Torch.Tests.Optim;

public sealed class SGDTests
{
    [Fact]
    public void Five_steps_are_those_of_PyTorch()
    {
        Trail.AssertEquals("sgd.plain", p => torch.optim.SGD(p, 0.1));
        Trail.AssertEquals("sgd.decay", p => torch.optim.SGD(p, 0.1, weight_decay: 0.05));
        Trail.AssertEquals("sgd.momentum", p => torch.optim.SGD(p, 0.1, 0.9));
        Trail.AssertEquals("sgd.nesterov", p => torch.optim.SGD(p, 0.1, 0.9, weight_decay: 0.05, nesterov: true));
        Trail.AssertEquals("sgd.dampening", p => torch.optim.SGD(p, 0.1, 0.9, 0.3));
        Trail.AssertEquals("sgd.maximize", p => torch.optim.SGD(p, 0.1, 0.9, weight_decay: 0.05, maximize: true));
    }

    [Fact]
    public void Groups_have_settings_of_their_own_and_follow_the_optimizer_in_the_rest()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Parameter first = new(torch.ones([1])), second = new(torch.ones([1]));
        using SGD optimizer = torch.optim.SGD([new SGD.ParamGroup([first], new SGD.Options { weight_decay = 0 }), new SGD.ParamGroup([second],
            lr: 0.25)],
            0.5, weight_decay: 1);
        first.grad = torch.ones([1]);
        second.grad = torch.ones([1]);

        optimizer.step();

        Assert.Equal((0.5f, 0.75f), (first.Floats()[0], second.Floats()[0]));
        Assert.Equal([0.5, 0.25], optimizer.ParamGroups.Select(g => g.LearningRate));
        Assert.Equal([0.5, 0.25], optimizer.ParamGroups.Select(g => g.InitialLearningRate));
    }

    [Theory]
    [InlineData(0.0, 0.0)]
    [InlineData(0.9, 0.1)]
    public void Looking_ahead_needs_momentum_without_dampening(double momentum, double dampening)
    {
        using torch.Tensor data = torch.ones([1]);
        using Parameter parameter = new(data);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.optim.SGD([parameter], 0.1, momentum, dampening, nesterov: true));

        Assert.Equal(
            $"nesterov needs momentum above 0 and no dampening, but momentum is {momentum} and dampening {dampening}. (Parameter 'nesterov')",
            thrown.Message);
    }
}
