namespace S3L.Torch.Tests.Optim;

public sealed class OptimizerTests
{
    public static TheoryData<Func<IEnumerable<Parameter>, torch.optim.Optimizer>> Makers =>
        new(p => torch.optim.SGD(p, 0.1, 0.9), p => torch.optim.AdamW(p, 0.1));

    [Theory, MemberData(nameof(Makers))]
    public void The_learning_rate_can_change_between_steps(Func<IEnumerable<Parameter>, torch.optim.Optimizer> make)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Parameter parameter = new(torch.ones([1]));
        using torch.optim.Optimizer optimizer = make([parameter]);
        parameter.grad = torch.ones([1]);

        optimizer.ParamGroups.Single().LearningRate = 0;
        optimizer.step();
        Assert.Equal(1f, parameter.Floats()[0]);

        optimizer.ParamGroups.Single().LearningRate = 0.1;
        optimizer.step();
        Assert.True(parameter.Floats()[0] < 1);
        Assert.Equal(0.1, optimizer.ParamGroups.Single().InitialLearningRate);
    }

    [Theory, MemberData(nameof(Makers))]
    public void State_lives_as_long_as_the_optimizer_and_steps_add_nothing(Func<IEnumerable<Parameter>, torch.optim.Optimizer> make)
    {
        using torch.Tensor data = torch.ones([1]), gradient = torch.ones([1]);
        using Parameter parameter = new(data);
        parameter.grad = gradient;
        long before = torch.Tensor.TotalCount;
        torch.optim.Optimizer optimizer = make([parameter]);
        using (torch.NewDisposeScope()) optimizer.step();
        long after = torch.Tensor.TotalCount;

        optimizer.step();
        Assert.Equal(after, torch.Tensor.TotalCount);
        Assert.True(after > before);

        optimizer.Dispose();
        Assert.Equal(before, torch.Tensor.TotalCount);
        Assert.False(parameter.IsInvalid);
    }

    [Theory, MemberData(nameof(Makers))]
    public void The_closure_is_recorded_and_its_loss_returned(Func<IEnumerable<Parameter>, torch.optim.Optimizer> make)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Parameter parameter = new(torch.ones([1]));
        using torch.optim.Optimizer optimizer = make([parameter]);

        torch.Tensor? loss;
        using (torch.no_grad())
        {
            loss = optimizer.step(() =>
            {
                torch.Tensor square = parameter.square();
                square.backward();
                return square;
            });
        }

        Assert.Equal(1f, loss!.Floats()[0]);
        Assert.True(parameter.Floats()[0] < 1);
    }

    [Theory, MemberData(nameof(Makers))]
    public void Gradients_are_dropped(Func<IEnumerable<Parameter>, torch.optim.Optimizer> make)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Parameter parameter = new(torch.ones([1]));
        using torch.optim.Optimizer optimizer = make([parameter]);
        parameter.grad = torch.ones([1]);

        optimizer.zero_grad();

        Assert.Null(parameter.grad);
        Assert.Same(parameter, optimizer.parameters().Single());
        optimizer.step();
        Assert.Equal(1f, parameter.Floats()[0]);
    }

    [Theory, MemberData(nameof(Makers))]
    public void No_parameters_and_doubled_parameters_are_refused(Func<IEnumerable<Parameter>, torch.optim.Optimizer> make)
    {
        using torch.Tensor data = torch.ones([1]);
        using Parameter parameter = new(data);

        ArgumentException none = Assert.Throws<ArgumentException>(() => make([]));
        ArgumentException twice = Assert.Throws<ArgumentException>(() => make([parameter, parameter]));

        Assert.StartsWith("parameters must hold at least one parameter.", none.Message, StringComparison.Ordinal);
        Assert.StartsWith("parameters must not hold a parameter twice.", twice.Message, StringComparison.Ordinal);
    }
}
