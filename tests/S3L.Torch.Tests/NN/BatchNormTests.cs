using static S3L.Torch.Tests.StoredValues;

namespace S3L.Torch.Tests.NN;

public sealed class BatchNormTests
{
    [Theory]
    [InlineData("batch_norm1d", 3)]
    [InlineData("batch_norm2d", 4)]
    public void Training_and_evaluation_are_those_of_PyTorch(string name, long features)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using NormBase module = name == "batch_norm1d" ? torch.nn.BatchNorm1d(features, 1e-4, 0.2) : torch.nn.BatchNorm2d(features, 1e-4, 0.2);
        using (torch.no_grad())
        {
            module.weight!.copy_(Stored($"{name}.weight"));
            module.bias!.copy_(Stored($"{name}.bias"));
        }

        torch.Tensor first = Stored($"{name}.first", requires_grad: true);
        torch.Tensor output = module.call(first);
        output.backward([Stored($"{name}.upstream")]);

        TensorValues.AssertClose(Stored($"{name}.first.output"), output, Tolerance);
        TensorValues.AssertClose(Stored($"{name}.grad.input"), first.grad!, Tolerance);
        TensorValues.AssertClose(Stored($"{name}.grad.weight"), module.weight.grad!, Tolerance);
        TensorValues.AssertClose(Stored($"{name}.grad.bias"), module.bias.grad!, Tolerance);
        TensorValues.AssertClose(Stored($"{name}.second.output"), module.call(Stored($"{name}.second")), Tolerance);
        TensorValues.AssertClose(Stored($"{name}.running_mean"), module.running_mean!, Tolerance);
        TensorValues.AssertClose(Stored($"{name}.running_var"), module.running_var!, Tolerance);
        Assert.Equal(Stored($"{name}.num_batches_tracked").item<long>(), module.num_batches_tracked!.item<long>());

        module.eval();
        TensorValues.AssertClose(Stored($"{name}.third.output"), module.call(Stored($"{name}.third")), Tolerance);
        Assert.Equal(2, module.num_batches_tracked!.item<long>());
    }

    [Fact]
    public void Without_affine_and_statistics_there_is_nothing_to_store()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using BatchNorm1d module = torch.nn.BatchNorm1d(2, affine: false, track_running_stats: false);
        module.eval();

        torch.Tensor output = module.call(torch.tensor(new float[] { 1, 10, 3, 30 }, [2, 2]));

        Assert.Empty(module.state_dict());
        // (x - mean) / √(variance + ε) of two numbers is ∓1 but for ε / (2 variance), at most 5e-6.
        TensorValues.AssertClose([-1.0, -1.0, 1.0, 1.0], output.Doubles(), 1e-5);
    }

    [Fact]
    public void Without_a_momentum_all_batches_weigh_the_same()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using BatchNorm1d module = torch.nn.BatchNorm1d(1);
        module.momentum = null;

        foreach (float mean in new[] { 1f, 2f, 6f }) module.call(torch.tensor(new[] { mean - 1, mean + 1 }, [2, 1]));

        // Two roundings per batch.
        Assert.Equal(3, module.running_mean!.item<float>(), 1e-6);
        Assert.Equal(3, module.num_batches_tracked!.item<long>());
    }

    [Fact]
    public void Settings_are_kept()
    {
        using BatchNorm2d module = torch.nn.BatchNorm2d(5, 0.1, 0.2);

        Assert.Equal((5L, 0.1, 0.2, true, true), (module.num_features, module.eps, module.momentum!.Value, module.affine,
            module.track_running_stats));
        Assert.Equal(["weight", "bias", "running_mean", "running_var", "num_batches_tracked"], module.state_dict().Keys);
        Assert.Equal(torch.int64, module.num_batches_tracked!.dtype);
    }

    [Theory]
    [InlineData(new long[] { 1, 3 })]
    [InlineData(new long[] { 1, 3, 1, 1 })]
    public void A_single_value_per_channel_has_no_variance(long[] shape)
    {
        using BatchNorm2d module = torch.nn.BatchNorm2d(3);
        using torch.Tensor input = torch.ones(shape);

        ArgumentException thrown = Assert.Throws<ArgumentException>(() => module.call(input));
        Assert.Equal(
            $"input must have more than one value per channel in training, but is Float32[{string.Join(", ", shape)}] cpu. (Parameter 'input')",
            thrown.Message);
        Assert.Equal([1f, 1f, 1f], module.running_var!.Floats());

        module.eval();
        using torch.Tensor output = module.call(input);
        Assert.Equal(shape, output.shape);
    }
}
