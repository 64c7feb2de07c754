using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Backbones;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Testing;

namespace S3L.Core.Tests.Methods;

public sealed class MoCoTests
{
    // The same small network on the same pictures, twice.
    private const double Tolerance = 1e-5;

    [Fact]
    public void The_queue_keeps_the_newest_keys_whatever_the_batch_and_the_length() => Properties.Hold(
        from length in Gen.Choose(1, 9)
        from batches in Gen.ListOf(Gen.Choose(2, 12))
        select (length, batches: batches.Take(6).ToArray()), c =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            using MoCo method = Method(c.length);
            double[][] expected = Rows(method.Queue!);
            int next = 0;
            for (int step = 0; step < c.batches.Length; step++)
            {
                foreach (double[] key in Rows(Keys(method, c.batches[step], $"step{step}")))
                {
                    expected[next] = key;
                    next = (next + 1) % c.length;
                }
            }

            // A batch longer than the queue: which slot its last key takes is not fixed, which keys stay is.
            double[][] actual = Rows(method.Queue!);
            bool wraps = c.batches.Any(b => b > c.length);
            return wraps
                ? expected.All(e => actual.Any(a => TensorValues.RelativeError(e, a) < Tolerance))
                : expected.Zip(actual).All(p => TensorValues.RelativeError(p.First, p.Second) < Tolerance);
        });

    [Fact]
    public void The_loss_sees_the_queue_as_it_was_before_the_batch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 7);
        for (int step = 0; step < 4; step++)
        {
            torch.Tensor before = method.Queue!.clone();
            torch.Tensor images = Images($"step{step}", 5);
            MethodOutput output = method.Forward([images, images], Indices(5));
            double expected = new InfoNceLoss(method.Options.Temperature).Compute(output.Embeddings, output.Embeddings, before).ToDouble();
            Assert.Equal(expected, output.Loss.ToDouble(), Tolerance * Math.Max(expected, 1));
            Assert.NotEqual(before.Doubles(), method.Queue!.Doubles());
        }
    }

    [Fact]
    public void Queue_and_keys_have_unit_rows_and_no_gradient()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 50);
        AssertUnit(method.Queue!);
        // Independent random directions in 6 dimensions: the mean row is short, of length 1/√50 = 0.14 on average.
        Assert.True(method.Queue!.mean([0]).square().sum().sqrt().ToDouble() < 0.5);
        torch.Tensor first = Images("first", 4).requires_grad_(), second = Images("second", 4).requires_grad_();
        method.Forward([first, second], Indices(4)).Loss.backward();
        AssertUnit(method.Queue!);
        Assert.NotNull(first.grad);
        Assert.Null(second.grad);
        Assert.False(method.Queue!.requires_grad);
        Assert.All(method.State.named_parameters().Where(p => p.name.StartsWith("key_", StringComparison.Ordinal)), p =>
        {
            Assert.False(p.parameter.requires_grad);
            Assert.Null(p.parameter.grad);
        });
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.9)]
    [InlineData(0.999)]
    public void The_copy_moves_towards_the_network_before_the_keys_are_made(double momentum)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 8, momentum);
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        string[] names = [.. method.State.named_parameters().Select(p => p.name).Where(n => !n.StartsWith("key_", StringComparison.Ordinal))];
        Assert.All(names, n => Assert.Equal(state[n].Doubles(), state["key_" + n].Doubles()));
        using (torch.no_grad())
        {
            foreach (string name in names) state[name].add_(0.25);
        }

        Dictionary<string, double[]> before = names.ToDictionary(n => n, n => state["key_" + n].Doubles());
        torch.Tensor images = Images("images", 4);
        method.Forward([images, images], Indices(4));
        foreach (string name in names)
        {
            double[] original = state[name].Doubles(), copy = state["key_" + name].Doubles();
            for (int i = 0; i < copy.Length; i++)
            {
                // One multiplication and one addition in float32.
                Assert.Equal((momentum * before[name][i]) + ((1 - momentum) * original[i]), copy[i], 1e-6);
            }
        }
    }

    [Fact]
    public void The_copy_gathers_batch_statistics_of_its_own_view()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 8);
        using IBackbone alone = method.Backbone.CreateTwin();
        torch.Tensor first = Images("first", 6), second = Images("second", 6) * 3 + 1;
        alone.Forward(second);
        method.Forward([first, second], Indices(6));
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        foreach ((string name, torch.Tensor expected) in alone.Network.state_dict().Where(e => e.Key.Contains("running", StringComparison.Ordinal)))
        {
            Assert.InRange(TensorValues.RelativeError(expected, state["key_backbone." + name]), 0, Tolerance);
        }

        Assert.True(TensorValues.RelativeError(state["backbone.bn1.running_mean"], state["key_backbone.bn1.running_mean"]) > 0.1);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(1023, 512)]
    [InlineData(1024, 1024)]
    [InlineData(5994, 4096)]
    [InlineData(1_281_167, 65_536)]
    public void By_default_the_queue_is_the_largest_power_of_two_within_the_data(int images, int expected)
    {
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { EmbeddingDimension = 2 });
        method.Begin(new TrainingRun(images, 100, torch.CPU));
        Assert.Equal([expected, 2], method.Queue!.shape);
    }

    [Theory]
    [InlineData(1, 0.9)]
    [InlineData(100, 0.9)]
    [InlineData(400, 0.975)]
    [InlineData(1_000_000, 0.999)]
    public void By_default_momentum_follows_the_length_of_the_run(long steps, double expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { EmbeddingDimension = 6 });
        method.Begin(new TrainingRun(100, steps, torch.CPU));
        Dictionary<string, torch.Tensor> state = method.State.state_dict();
        using (torch.no_grad())
        {
            state["backbone.conv1.weight"].fill_(1);
            state["key_backbone.conv1.weight"].fill_(0);
        }

        torch.Tensor images = Images("images", 4);
        method.Forward([images, images], Indices(4));
        // One multiplication and one addition in float32.
        Assert.All(state["key_backbone.conv1.weight"].Doubles(), w => Assert.Equal(1 - expected, w, 1e-6));
    }

    [Fact]
    public void Version_one_has_a_linear_head_and_version_two_a_hidden_layer()
    {
        using MoCo one = new(KnownMethods.Backbone(), new MoCoOptions { HeadLayers = 1 }), two = new(KnownMethods.Backbone());
        Assert.Equal(["head.layers.0.weight 128x4", "head.layers.0.bias 128"], Head(one));
        Assert.Equal(["head.layers.0.weight 4x4", "head.layers.0.bias 4", "head.layers.2.weight 128x4", "head.layers.2.bias 128"], Head(two));

        static string[] Head(MoCo method) => [.. method.State.state_dict()
            .Where(e => e.Key.StartsWith("head.", StringComparison.Ordinal)).Select(e => $"{e.Key} {string.Join("x", e.Value.shape)}")];
    }

    [Fact]
    public void Its_state_has_both_networks_both_heads_and_the_queue()
    {
        using MoCo method = Method(length: 8);
        Assert.Equal(["backbone", "head", "key_backbone", "key_head", "queue"],
            method.State.state_dict().Keys.Select(k => k.Split('.')[0]).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Beginning_again_draws_the_queue_anew_but_cannot_change_its_length()
    {
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { EmbeddingDimension = 6 });
        method.Begin(new TrainingRun(32, 10, torch.CPU));
        double[] first = method.Queue!.Doubles();
        method.Begin(new TrainingRun(32, 10, torch.CPU));
        Assert.NotEqual(first, method.Queue!.Doubles());
        AssertUnit(method.Queue!);
        Assert.Equal("The queue holds 32 keys and cannot be given 64.",
            Assert.Throws<InvalidOperationException>(() => method.Begin(new TrainingRun(64, 10, torch.CPU))).Message);
    }

    [Fact]
    public void Forward_before_Begin_is_refused()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using var method = new MoCo(KnownMethods.Backbone());
        torch.Tensor images = Images("images", 4);
        Assert.Null(method.Queue);
        Assert.Equal("Begin must be called before Forward: it makes the queue.",
            Assert.Throws<InvalidOperationException>(() => method.Forward([images, images], Indices(4))).Message);
    }

    [Fact]
    public void Options_refuse_what_is_out_of_range()
    {
        Refuses(() => new MoCoOptions { Temperature = 0 },
            "Temperature must be a finite number above 0. (Parameter 'Temperature')\nActual value was 0.");
        Refuses(() => new MoCoOptions { Momentum = 1 }, "Momentum must be in [0, 1). (Parameter 'Momentum')\nActual value was 1.");
        Refuses(() => new MoCoOptions { Momentum = double.NaN }, "Momentum must be in [0, 1). (Parameter 'Momentum')\nActual value was NaN.");
        Refuses(() => new MoCoOptions { QueueLength = 0 }, "QueueLength must be at least 1. (Parameter 'QueueLength')\nActual value was 0.");
        Refuses(() => new MoCoOptions { EmbeddingDimension = 0 },
            "EmbeddingDimension must be at least 1. (Parameter 'EmbeddingDimension')\nActual value was 0.");
        Refuses(() => new MoCoOptions { HeadLayers = 0 }, "HeadLayers must be at least 1. (Parameter 'HeadLayers')\nActual value was 0.");
        Assert.Equal((0.2, null, null, 128, 2), (new MoCoOptions().Temperature, new MoCoOptions().Momentum, new MoCoOptions().QueueLength,
            new MoCoOptions().EmbeddingDimension, new MoCoOptions().HeadLayers));
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() => new MoCo(null!)).ParamName);
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));

    private static MoCo Method(int length, double momentum = 0.9)
    {
        torch.manual_seed(7).Dispose();
        var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { EmbeddingDimension = 6, QueueLength = length, Momentum = momentum });
        method.Begin(new TrainingRun(100, 50, torch.CPU));
        return method;
    }

    /// <summary>The keys of a batch: network and copy are equal and see the same pictures, so that they are the queries.</summary>
    private static torch.Tensor Keys(MoCo method, int count, string name)
    {
        torch.Tensor images = Images(name, count);
        return method.Forward([images, images], Indices(count)).Embeddings;
    }

    private static torch.Tensor Images(string name, int count) => HashedNumbers.Tensor(name, count, 3, 6, 6);

    private static torch.Tensor Indices(int count) => torch.arange(count, torch.int64);

    private static double[][] Rows(torch.Tensor tensor) => [.. tensor.Doubles().Chunk((int)tensor.size(1))];

    // Squares of six float32 numbers.
    private static void AssertUnit(torch.Tensor rows) => Assert.All(Rows(rows), r => Assert.Equal(1, r.Sum(x => x * x), 1e-5));
}
