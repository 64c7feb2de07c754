using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class SimSiamTests
{
    [Fact]
    public void Exchanging_the_views_changes_neither_loss_nor_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimSiam method = Method();
        torch.Tensor first = Images("first"), second = Images("second");
        (double one, double[][] gradients) = Run(method, first, second);
        (double other, double[][] exchanged) = Run(method, second, first);
        // The same float32 sums in another order.
        Assert.Equal(one, other, 1e-6);
        for (int i = 0; i < gradients.Length; i++) Assert.InRange(TensorValues.RelativeError(gradients[i], exchanged[i]), 0, 1e-4);
    }

    [Fact]
    public void Targets_receive_no_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using SimSiam method = Method();
        torch.Tensor first = Images("first"), second = Images("second");
        (_, double[][] gradients) = Run(method, first, second);
        double[][] stopped = ByHand(method, first, second, stop: true), passed = ByHand(method, first, second, stop: false);
        // Float32 forward and backward through the same layers.
        for (int i = 0; i < gradients.Length; i++) Assert.InRange(TensorValues.RelativeError(stopped[i], gradients[i]), 0, 1e-4);
        Assert.Contains(Enumerable.Range(0, gradients.Length), i => TensorValues.RelativeError(passed[i], gradients[i]) > 0.1);
    }

    [Fact]
    public void The_predictors_parameters_and_no_others_keep_their_learning_rate()
    {
        using SimSiam method = Method();
        var constant = method.ConstantRateParameters.ToHashSet();
        Assert.NotEmpty(constant);
        Assert.All(method.State.named_parameters(), p =>
            Assert.Equal(p.name.StartsWith("predictor.", StringComparison.Ordinal), constant.Contains(p.parameter)));
    }

    [Fact]
    public void Projector_and_predictor_are_the_papers()
    {
        using var method = new SimSiam(KnownMethods.Backbone());
        string[] heads = [.. method.State.state_dict()
            .Where(e => !e.Key.StartsWith("backbone.", StringComparison.Ordinal) && e.Key.EndsWith("weight", StringComparison.Ordinal))
            .Select(e => $"{e.Key} {string.Join("x", e.Value.shape)}")];
        Assert.Equal(
            [
                "projector.layers.0.weight 2048x4", "projector.layers.1.weight 2048", "projector.layers.3.weight 2048x2048",
                "projector.layers.4.weight 2048", "projector.layers.6.weight 2048x2048",
                "predictor.layers.0.weight 512x2048", "predictor.layers.1.weight 512", "predictor.layers.3.weight 2048x512",
            ],
            heads);
        // No bias before a normalisation; the projector's last one has statistics but neither scale nor shift.
        Assert.Equal(["predictor.layers.1.bias", "predictor.layers.3.bias", "projector.layers.1.bias", "projector.layers.4.bias"],
            method.State.state_dict().Keys.Where(k => k.StartsWith("pr", StringComparison.Ordinal) && k.EndsWith("bias",
                StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Contains("projector.layers.7.running_mean", method.State.state_dict().Keys);
    }

    private static SimSiam Method()
    {
        torch.manual_seed(3).Dispose();
        return new SimSiam(KnownMethods.Backbone(), new SimSiamOptions { ProjectorWidth = 8, PredictorWidth = 4 });
    }

    private static torch.Tensor Images(string name) => HashedNumbers.Tensor(name, 6, 3, 8, 8);

    private static (double Loss, double[][] Gradients) Run(SimSiam method, torch.Tensor first, torch.Tensor second)
    {
        torch.Tensor loss = method.Forward([first, second], torch.arange(6, torch.int64)).Loss;
        return (loss.ToDouble(), Gradients(method, loss));
    }

    /// <summary>Algorithm 1 of the paper, with or without its stop-gradient.</summary>
    private static double[][] ByHand(SimSiam method, torch.Tensor first, torch.Tensor second, bool stop)
    {
        Dictionary<string, torch.nn.Module> parts = method.State.named_children().ToDictionary(c => c.name, c => c.module);
        var projector = (MlpHead)parts["projector"];
        var predictor = (MlpHead)parts["predictor"];
        torch.Tensor z1 = projector.call(method.Backbone.Forward(first)), z2 = projector.call(method.Backbone.Forward(second));
        torch.Tensor loss = (D(predictor.call(z1), z2) + D(predictor.call(z2), z1)) / 2;
        return Gradients(method, loss);

        torch.Tensor D(torch.Tensor p, torch.Tensor z)
        {
            torch.Tensor target = stop ? z.detach() : z;
            return -((p * target).sum(1) / (p.square().sum(1).sqrt() * target.square().sum(1).sqrt())).mean();
        }
    }

    private static double[][] Gradients(SimSiam method, torch.Tensor loss)
    {
        method.State.zero_grad();
        loss.backward();
        return [.. method.State.parameters().Select(p => p.grad!.Doubles())];
    }
}
