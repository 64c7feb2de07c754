using static S3L.Torch.Tests.StoredValues;
using F = S3L.Torch.torch.nn.functional;

namespace S3L.Torch.Tests.NN;

public sealed class FunctionalTests
{
    [Fact]
    public void Convolution_with_groups_and_stride_is_that_of_PyTorch() => Compare("conv2d.grouped",
        t => F.conv2d(t[0], t[1], t[2], [2, 2], [1, 1], groups: 2), "input", "weight", "bias");

    [Fact]
    public void Convolution_with_dilation_is_that_of_PyTorch() => Compare("conv2d.dilated",
        t => F.conv2d(t[0], t[1], dilation: [2, 2]), "input", "weight");

    [Fact]
    public void Linear_is_that_of_PyTorch() => Compare("linear", t => F.linear(t[0], t[1], t[2]), "input", "weight", "bias");

    [Fact]
    public void Maximum_pooling_is_that_of_PyTorch()
    {
        Compare("max_pool2d.stem", t => F.max_pool2d(t[0], 3, 2, 1), "input");
        Compare("max_pool2d.ceil", t => F.max_pool2d(t[0], 2, ceil_mode: true), "input");
    }

    [Fact]
    public void Average_pooling_is_that_of_PyTorch()
    {
        Compare("avg_pool2d", t => F.avg_pool2d(t[0], 3, 2, 1, count_include_pad: false), "input");
        Compare("adaptive_avg_pool2d.1", t => F.adaptive_avg_pool2d(t[0], 1), "input");
        Compare("adaptive_avg_pool2d.3", t => F.adaptive_avg_pool2d(t[0], 3), "input");
    }

    [Fact]
    public void Normalising_is_that_of_PyTorch_also_for_a_row_of_zeros()
    {
        Compare("normalize", t => F.normalize(t[0]), "input");
        Compare("normalize.p1", t => F.normalize(t[0], p: 1, dim: 0), "input");
    }

    [Fact]
    public void Cross_entropy_is_that_of_PyTorch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor target = Stored("cross_entropy.target"), weights = Stored("cross_entropy.weights").abs();

        Compare("cross_entropy.mean", t => F.cross_entropy(t[0], target), "input");
        Compare("cross_entropy.sum", t => F.cross_entropy(t[0], target, reduction: torch.nn.Reduction.Sum), "input");
        Compare("cross_entropy.none", t => F.cross_entropy(t[0], target, reduction: torch.nn.Reduction.None), "input");
        Compare("cross_entropy.smooth", t => F.cross_entropy(t[0], target, label_smoothing: 0.1), "input");
        Compare("cross_entropy.ignore", t => F.cross_entropy(t[0], target, ignore_index: 1), "input");
        Compare("cross_entropy.weighted", t => F.cross_entropy(t[0], target, weights), "input");
    }

    [Fact]
    public void Rectifying_in_place_changes_its_input_and_elsewhere_does_not()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = torch.tensor(new[] { -1f, 2f });

        Assert.Equal([0f, 2f], F.relu(input).Floats());
        Assert.Equal([-1f, 2f], input.Floats());
        Assert.Same(input, F.relu(input, inplace: true));
        Assert.Equal([0f, 2f], input.Floats());
    }

    [Fact]
    public void Activations_are_those_of_PyTorch()
    {
        Compare("relu6", t => F.relu6(t[0]), "input");
        Compare("silu", t => F.silu(t[0]), "input");
        Compare("hardsigmoid", t => F.hardsigmoid(t[0]), "input");
        Compare("hardswish", t => F.hardswish(t[0]), "input");
    }

    [Fact]
    public void Activations_in_place_are_the_same_and_give_the_same_gradients()
    {
        // What is overwritten must not be what autograd started from.
        Compare("relu6", t => F.relu6(t[0].mul(1), inplace: true), "input");
        Compare("silu", t => F.silu(t[0].mul(1), inplace: true), "input");
        Compare("hardsigmoid", t => F.hardsigmoid(t[0].mul(1), inplace: true), "input");
        Compare("hardswish", t => F.hardswish(t[0].mul(1), inplace: true), "input");

        using torch.Tensor input = torch.tensor(new[] { 7f });
        Assert.Same(input, F.relu6(input, inplace: true));
        Assert.Equal([6f], input.Floats());
        Assert.Same(input, F.hardsigmoid(input, inplace: true));
        Assert.Equal([1f], input.Floats());
        Assert.Same(input, F.hardswish(input, inplace: true));
        Assert.Equal([4 / 6f], input.Floats());
        Assert.Same(input, F.silu(input, inplace: true));
    }

    [Fact]
    public void The_logarithm_of_softmax_is_the_method_of_tensors()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = torch.randn(3, 4);

        Assert.Equal(input.log_softmax(1).Floats(), F.log_softmax(input, 1).Floats());
    }

    [Fact]
    public void Labels_that_do_not_exist_are_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();

        TorchIndexException thrown = Assert.Throws<TorchIndexException>(() => F.cross_entropy(torch.zeros(1, 3), torch.full([1], 3)));

        Assert.Contains("Target 3 is out of bounds", thrown.Message, StringComparison.Ordinal);
    }

    private static void Compare(string name, Func<torch.Tensor[], torch.Tensor> function, params string[] inputs)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor[] tensors = [.. inputs.Select(i => Stored($"{name}.{i}", requires_grad: true))];

        torch.Tensor output = function(tensors);
        output.backward([Stored($"{name}.upstream")]);

        TensorValues.AssertClose(Stored($"{name}.output"), output, Tolerance);
        for (int i = 0; i < inputs.Length; i++) TensorValues.AssertClose(Stored($"{name}.grad.{inputs[i]}"), tensors[i].grad!, Tolerance);
    }
}
