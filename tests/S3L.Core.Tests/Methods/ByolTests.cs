using S3L.Core.Backbones;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class ByolTests
{
    // The same small network on the same pictures, twice.
    private const double Tolerance = 1e-5;

    [Fact]
    public void The_copy_starts_as_the_network_and_gives_the_targets()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Byol method = Method();
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        string[] names = [.. Names(method)];
        Assert.NotEmpty(names);
        Assert.All(names, n => Assert.Equal(state[n].Doubles(), state["target_" + n].Doubles()));
        Assert.DoesNotContain("target_predictor", method.State.named_children().Select(c => c.name));

        torch.Tensor first = KnownMethods.Images("first", 6), second = KnownMethods.Images("second", 6);
        MethodOutput output = method.Forward([first, second], KnownMethods.Indices(6));
        Assert.Equal(Project(method, first).Doubles(), output.Embeddings.Doubles());
        Assert.Equal(Project(method, second).Doubles(), output.Positives!.Doubles());
    }

    [Fact]
    public void The_loss_is_the_papers_in_both_directions_and_its_gradient_stops_at_the_targets()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Byol method = Method();
        using SGD update = torch.optim.SGD(method.State.parameters().Where(p => p.requires_grad), 0.2);
        for (int step = 0; step < 3; step++)
        {
            torch.Tensor first = KnownMethods.Images($"first{step}", 6), second = KnownMethods.Images($"second{step}", 6);
            torch.Tensor loss = method.Forward([first, second], KnownMethods.Indices(6)).Loss;
            torch.Tensor p1 = Predict(method, first), p2 = Predict(method, second);
            torch.Tensor z1 = Project(method, first, "target_"), z2 = Project(method, second, "target_");
            double expected = Distance(p1.Doubles(), z2.Doubles()) + Distance(p2.Doubles(), z1.Doubles());
            Assert.Equal(expected, loss.ToDouble(), Tolerance * expected);

            // All at once: what a normalisation takes away again, such as the projector's last bias, has no gradient but rounding.
            double[] byHand = Gradients(method, Squares(p1, z2.detach()) + Squares(p2, z1.detach())), actual = Gradients(method, loss);
            Assert.InRange(TensorValues.RelativeError(byHand, actual), 0, 1e-4);
            Assert.All(method.State.named_parameters().Where(p => p.name.StartsWith("target_", StringComparison.Ordinal)), p =>
                Assert.True(!p.parameter.requires_grad && p.parameter.grad is null));
            update.step();
            using (torch.no_grad()) KnownMethods.EndStep(method, KnownMethods.Position(step, 3));
        }

        static torch.Tensor Squares(torch.Tensor p, torch.Tensor z) => (Unit(p) - Unit(z)).square().sum(1).mean();

        static torch.Tensor Unit(torch.Tensor rows) => rows / rows.square().sum(1, keepdim: true).sqrt();
    }

    [Theory]
    [InlineData(MomentumCurve.Cosine)]
    [InlineData(MomentumCurve.Constant)]
    public void The_copy_follows_after_each_step_with_a_momentum_of_the_whole_run(MomentumCurve curve)
    {
        const double Start = 0.6;
        const int Stages = 2, Steps = 4;
        using DisposeScope scope = torch.NewDisposeScope();
        using Byol method = Method(new ByolOptions { HiddenWidth = 8, EmbeddingDimension = 6, Momentum = Start, MomentumCurve = curve });
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        string[] names = [.. Names(method)];
        Dictionary<string, double[]> copy = names.ToDictionary(n => n, n => state["target_" + n].Doubles());
        for (int step = 0; step < Stages * Steps; step++)
        {
            using (torch.no_grad())
            {
                foreach (string name in names) state[name].add_(HashedNumbers.Tensor($"{name} {step}", state[name].shape));
                KnownMethods.EndStep(method, new TrainingPosition(step / Steps, 0, 1, step % Steps, Steps, step, Stages * Steps));
            }

            double m = curve == MomentumCurve.Constant ? Start : 1 - ((1 - Start) * (Math.Cos(Math.PI * step / (Stages * Steps)) + 1) / 2);
            foreach (string name in names)
            {
                double[] original = state[name].Doubles();
                for (int i = 0; i < original.Length; i++) copy[name][i] = (m * copy[name][i]) + ((1 - m) * original[i]);
                // Eight times one multiplication and one addition in float32.
                Assert.InRange(TensorValues.RelativeError(copy[name], state["target_" + name].Doubles()), 0, 1e-6);
            }
        }
    }

    [Fact]
    public void A_step_whose_momentum_was_not_set_is_refused()
    {
        using Byol method = Method();
        Assert.Throws<InvalidOperationException>(() => method.AfterStep(KnownMethods.Position(0, 3)));
        method.BeforeStep(KnownMethods.Position(0, 3));
        method.AfterStep(KnownMethods.Position(0, 3));
        Assert.Equal("BeforeStep must be called with the position of each step before AfterStep: it sets the copy's momentum.",
            Assert.Throws<InvalidOperationException>(() => method.AfterStep(KnownMethods.Position(1, 3))).Message);
    }

    [Fact]
    public void The_copy_rests_during_the_forward_pass_and_keeps_its_own_statistics_after_it()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Byol method = Method();
        using IBackbone alone = method.Backbone.CreateTwin();
        string[] names = [.. Names(method)];
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        using (torch.no_grad())
        {
            foreach (string name in names) state[name].add_(0.25);
        }

        Dictionary<string, double[]> before = names.ToDictionary(n => n, n => state["target_" + n].Doubles());
        torch.Tensor first = KnownMethods.Images("first", 6), second = (KnownMethods.Images("second", 6) * 3) + 1;
        method.Forward([first, second], KnownMethods.Indices(6));
        Assert.All(names, n => Assert.Equal(before[n], state["target_" + n].Doubles()));

        // The targets of both views, in order.
        alone.Forward(first);
        alone.Forward(second);
        using (torch.no_grad()) KnownMethods.EndStep(method, KnownMethods.Position(0, 3));
        foreach ((string name, torch.Tensor expected) in alone.Network.state_dict().Where(e => e.Key.Contains("running", StringComparison.Ordinal)))
        {
            Assert.InRange(TensorValues.RelativeError(expected, state["target_backbone." + name]), 0, Tolerance);
        }
    }

    [Theory]
    [InlineData(1, 0.99)]
    [InlineData(4000, 0.9975)]
    [InlineData(1_000_000, 0.999)]
    public void By_default_momentum_follows_the_length_of_the_run(long steps, double expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using Byol method = Method();
        method.Begin(new TrainingRun(100, steps, torch.CPU));
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        using (torch.no_grad())
        {
            state["backbone.conv1.weight"].fill_(1);
            state["target_backbone.conv1.weight"].fill_(0);
            KnownMethods.EndStep(method, KnownMethods.Position(0, steps));
        }

        // One multiplication and one addition in float32.
        Assert.All(state["target_backbone.conv1.weight"].Doubles(), w => Assert.Equal(1 - expected, w, 1e-6));
    }

    [Fact]
    public void Projector_and_predictor_are_the_papers_with_the_widths_of_the_scripts()
    {
        using var method = new Byol(KnownMethods.Backbone());
        string[] heads = [.. method.State.named_parameters().Where(p => p.name.StartsWith("pr", StringComparison.Ordinal))
            .Select(p => $"{p.name.Replace("layers.", "", StringComparison.Ordinal)} {string.Join("x", p.parameter.shape)}")];
        Assert.Equal(
            [
                "projector.0.weight 2048x4", "projector.1.weight 2048", "projector.1.bias 2048",
                "projector.3.weight 128x2048", "projector.3.bias 128",
                "predictor.0.weight 2048x128", "predictor.1.weight 2048", "predictor.1.bias 2048",
                "predictor.3.weight 128x2048", "predictor.3.bias 128",
            ],
            heads);
    }

    private static Byol Method(ByolOptions? options = null)
    {
        torch.manual_seed(3).Dispose();
        var method = new Byol(KnownMethods.Backbone(), options ?? new ByolOptions { HiddenWidth = 8, EmbeddingDimension = 6 });
        method.Begin(new TrainingRun(100, 50, torch.CPU));
        return method;
    }

    /// <summary>Parameters of the network that have a copy.</summary>
    private static IEnumerable<string> Names(Byol method) => method.State.named_parameters().Select(p => p.name).Where(n =>
        n.StartsWith("backbone.", StringComparison.Ordinal) || n.StartsWith("projector.", StringComparison.Ordinal));

    private static torch.Tensor Predict(Byol method, torch.Tensor images) => ((MlpHead)Part(method, "predictor")).call(Project(method, images));

    private static torch.Tensor Project(Byol method, torch.Tensor images, string prefix = "") =>
        ((MlpHead)Part(method, prefix + "projector")).call(((ResNet)Part(method, prefix + "backbone")).call(images));

    private static torch.nn.Module Part(Byol method, string name) => method.State.named_children().Single(c => c.name == name).module;

    /// <summary>Mean over rows of 2 − 2 cos, in loops.</summary>
    private static double Distance(double[] predictions, double[] targets)
    {
        double[][] p = [.. predictions.Chunk(6)], z = [.. targets.Chunk(6)];
        return Enumerable.Range(0, p.Length).Average(i =>
            2 - (2 * p[i].Zip(z[i], (a, b) => a * b).Sum() / Math.Sqrt(p[i].Sum(a => a * a) * z[i].Sum(b => b * b))));
    }

    private static double[] Gradients(Byol method, torch.Tensor loss)
    {
        method.State.zero_grad();
        loss.backward();
        return [.. method.State.parameters().Where(p => p.requires_grad).SelectMany(p => p.grad!.Doubles())];
    }
}
