namespace S3L.Torch.Tests.Optim;

public sealed class AdamWTests
{
    [Fact]
    public void Five_steps_with_a_parameter_that_joins_late_are_those_of_PyTorch()
    {
        Trail.AssertEquals("adamw.plain", p => torch.optim.AdamW(p, 0.01));
        Trail.AssertEquals("adamw.decay", p => torch.optim.AdamW(p, 0.01, 0.8, 0.95, 1e-6, 0.1));
        Trail.AssertEquals("adamw.maximize", p => torch.optim.AdamW(p, 0.01, weight_decay: 0.1, maximize: true));
    }

    [Fact]
    public void The_first_step_has_the_length_of_the_learning_rate()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Parameter parameter = new(torch.zeros([2]));
        using AdamW optimizer = torch.optim.AdamW([parameter], 0.5);
        parameter.grad = torch.tensor(new[] { 1e-3f, -1e3f });

        optimizer.step();

        // g / (|g| + 1e-8) differs from ±1 by at most 1e-5 here.
        TensorValues.AssertClose([-0.5, 0.5], parameter.Doubles(), 2e-5);
    }

    [Fact]
    public void Amsgrad_is_refused()
    {
        using torch.Tensor data = torch.ones([1]);
        using Parameter parameter = new(data);

        Assert.Equal("amsgrad must be false: it is not supported. (Parameter 'amsgrad')",
            Assert.Throws<ArgumentException>(() => torch.optim.AdamW([parameter], amsgrad: true)).Message);
    }
}
