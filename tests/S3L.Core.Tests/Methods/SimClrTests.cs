using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class SimClrTests
{
    // The same small network on the same pictures, twice.
    private const double Tolerance = 1e-5;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    public void Both_views_pass_the_network_as_one_batch(double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimClr method = Method(new SimClrOptions { EmbeddingDimension = 6, Temperature = temperature });
        torch.Tensor[] views = KnownMethods.Views(method, 5);
        MethodOutput output = method.Forward(views, KnownMethods.Indices(5));
        Assert.Equal(1, method.State.state_dict()["backbone.bn1.num_batches_tracked"].ToInt64());

        torch.Tensor both = Embed(method, torch.cat(views));
        torch.Tensor first = both.narrow(0, 0, 5), second = both.narrow(0, 5, 5);
        var loss = new NtXentLoss(temperature);
        double expected = loss.Compute(first, second).ToDouble();
        Assert.Equal(expected, output.Loss.ToDouble(), Tolerance * expected);
        Assert.InRange(TensorValues.RelativeError(first, output.Embeddings), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(second, output.Positives!), 0, Tolerance);
        // Statistics of one view only would show.
        Assert.True(Math.Abs(expected - loss.Compute(Embed(method, views[0]), Embed(method, views[1])).ToDouble()) > 10 * Tolerance * expected);
    }

    [Fact]
    public void Both_views_receive_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimClr method = Method(new SimClrOptions { EmbeddingDimension = 6 });
        torch.Tensor[] views = [.. KnownMethods.Views(method, 5).Select(v => v.requires_grad_())];
        method.Forward(views, KnownMethods.Indices(5)).Loss.backward();
        Assert.All(views, v => Assert.Contains(v.grad!.Doubles(), g => g != 0));
    }

    [Fact]
    public void The_numbers_of_the_images_do_not_matter()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimClr method = Method(new SimClrOptions { EmbeddingDimension = 6 });
        torch.Tensor[] views = KnownMethods.Views(method, 5);
        double loss = method.Forward(views, KnownMethods.Indices(5)).Loss.ToDouble();
        Assert.Equal(loss, method.Forward(views, KnownMethods.Indices(5, first: 40)).Loss.ToDouble());
    }

    [Theory]
    [InlineData(1, "head.layers.0.weight 128x4,head.layers.0.bias 128")]
    [InlineData(2, "head.layers.0.weight 4x4,head.layers.0.bias 4,head.layers.2.weight 128x4,head.layers.2.bias 128")]
    public void Hidden_layers_of_the_head_are_as_wide_as_the_features(int layers, string expected)
    {
        using SimClr method = Method(new SimClrOptions { HeadLayers = layers });
        Assert.Equal(expected, string.Join(",", method.State.named_parameters().Where(p => p.name.StartsWith("head.", StringComparison.Ordinal))
            .Select(p => $"{p.name} {string.Join("x", p.parameter.shape)}")));
    }

    [Fact]
    public void A_single_image_has_no_others_to_be_told_from()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimClr method = Method(new SimClrOptions { EmbeddingDimension = 6 });
        Assert.Equal("first must be [N, D] with N of at least 2, but is [1, 6]. (Parameter 'first')",
            Assert.Throws<ArgumentException>(() => method.Forward(KnownMethods.Views(method, 1), KnownMethods.Indices(1))).Message);
    }

    private static SimClr Method(SimClrOptions options)
    {
        torch.manual_seed(3).Dispose();
        return new SimClr(KnownMethods.Backbone(), options);
    }

    private static torch.Tensor Embed(SimClr method, torch.Tensor images)
    {
        var head = (MlpHead)method.State.named_children().Single(c => c.name == "head").module;
        return UnitRows.Of(head.call(method.Backbone.Forward(images)));
    }
}
