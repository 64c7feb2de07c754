using static S3L.Torch.Tests.StoredValues;

namespace S3L.Torch.Tests.NN;

public sealed class LayerTests
{
    [Fact]
    public void A_convolution_applies_its_own_weights_as_PyTorch_does()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Conv2d module = torch.nn.Conv2d(4, 6, 3, stride: 2, padding: 1, groups: 2);
        module.load_state_dict(new() { ["weight"] = Stored("conv2d.grouped.weight"), ["bias"] = Stored("conv2d.grouped.bias") });

        TensorValues.AssertClose(Stored("conv2d.grouped.output"), module.call(Stored("conv2d.grouped.input")), Tolerance);
        Assert.Equal((4L, 6L, 2L), (module.in_channels, module.out_channels, module.groups));
        Assert.Equal([[3L, 3L], [2L, 2L], [1L, 1L], [1L, 1L]], new[] { module.kernel_size, module.stride, module.padding, module.dilation });
    }

    [Fact]
    public void A_linear_layer_applies_its_own_weights_as_PyTorch_does()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Linear module = torch.nn.Linear(7, 3);
        module.load_state_dict(new() { ["weight"] = Stored("linear.weight"), ["bias"] = Stored("linear.bias") });

        TensorValues.AssertClose(Stored("linear.output"), module.call(Stored("linear.input")), Tolerance);
        Assert.Equal((7L, 3L), (module.in_features, module.out_features));
    }

    [Fact]
    public void Layers_without_a_bias_have_only_weights()
    {
        using Conv2d convolution = torch.nn.Conv2d(2, 3, 1, bias: false);
        using Linear linear = torch.nn.Linear(2, 3, hasBias: false);

        Assert.Equal(["weight"], convolution.state_dict().Keys);
        Assert.Equal(["weight"], linear.state_dict().Keys);
        Assert.Null(convolution.bias);
        Assert.Null(linear.bias);
    }

    [Fact]
    public void Initial_weights_are_drawn_evenly_up_to_one_over_the_root_of_the_inputs()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using torch.Generator seeded = torch.manual_seed(0);
        using Conv2d convolution = torch.nn.Conv2d(16, 64, 3);
        using Linear linear = torch.nn.Linear(144, 64);

        foreach (Parameter parameter in convolution.parameters().Concat(linear.parameters()))
        {
            float[] values = parameter.Floats();
            Assert.All(values, x => Assert.InRange(Math.Abs(x), 0, (1 / 12.0) + 1e-7));
            // Of 64 or more even draws all stay below 0.85 of the bound with probability 0.85⁶⁴ = 3e-5, and the seed is fixed.
            Assert.InRange(values.Max(Math.Abs), 0.85 / 12, 1);
            Assert.True(values.Min() < 0 && values.Max() > 0);
        }
    }

    [Fact]
    public void Other_paddings_are_refused()
    {
        ArgumentException thrown = Assert.Throws<ArgumentException>(() => torch.nn.Conv2d(1, 1, 3, padding_mode: PaddingModes.Reflect));

        Assert.Equal("padding_mode must be Zeros, but is Reflect. (Parameter 'padding_mode')", thrown.Message);
    }

    [Fact]
    public void A_rectifier_works_in_place_where_asked_to()
    {
        using torch.Tensor input = torch.tensor(new[] { -1f, 1f });
        using ReLU elsewhere = torch.nn.ReLU(), inPlace = torch.nn.ReLU(inplace: true);

        using (torch.Tensor output = elsewhere.call(input)) Assert.Equal([0f, 1f], output.Floats());
        Assert.Equal([-1f, 1f], input.Floats());
        Assert.Same(input, inPlace.call(input));
        Assert.Equal([0f, 1f], input.Floats());
    }

    [Fact]
    public void Smooth_activations_are_layers_that_work_in_place_where_asked_to()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor input = torch.tensor(new[] { -4f, 3f });
        using SiLU silu = torch.nn.SiLU(), silent = torch.nn.SiLU(inplace: true);
        using Hardswish swish = torch.nn.Hardswish(), swishing = torch.nn.Hardswish(inplace: true);

        Assert.Equal(torch.nn.functional.silu(input).Floats(), silu.call(input).Floats());
        Assert.Equal([0f, 3f], swish.call(input).Floats().Select(Math.Abs));
        Assert.Equal([-4f, 3f], input.Floats());
        Assert.Equal((false, true, false, true), (silu.inplace, silent.inplace, swish.inplace, swishing.inplace));
        Assert.Same(input, swishing.call(input));
        Assert.Same(input, silent.call(input));
        Assert.Empty(silu.state_dict().Keys.Concat(swish.state_dict().Keys));
    }
}
