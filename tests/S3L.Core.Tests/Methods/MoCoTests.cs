using FsCheck;
using FsCheck.Fluent;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Losses;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Tests.Training;
using S3L.Core.Training;
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
            double[][] ring = Rows(method.Queue!);
            int next = 0;
            for (int step = 0; step < c.batches.Length; step++) next = Enqueue(ring, next, Rows(Keys(method, c.batches[step], $"step{step}")));
            return next == method.State.state_dict()["queue.next"].ToInt64() && Same(ring, method.Queue!);
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
    [InlineData(1_000_000, 128, 0.999, 8192)]
    [InlineData(3000, 128, 0.999, 2048)]
    [InlineData(10_000_000, 4096, 0.9999, 65_536)]
    [InlineData(3000, 128, 0.9, 256)]
    [InlineData(3000, 100, 0.9, 256)]
    [InlineData(200, 128, 0.9, 128)]
    [InlineData(128, 128, 0.9, 128)]
    [InlineData(1, 128, 0.9, 1)]
    public void By_default_the_queue_is_as_long_as_the_copy_is_slow(int images, int batch, double momentum, int expected)
    {
        // The largest power of two within N / (10 (1 − m)), but two batches at least, and never more than the images.
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { EmbeddingDimension = 2, Momentum = momentum });
        method.Begin(new TrainingRun(images, 100, torch.CPU) { BatchSize = batch });
        Assert.Equal([expected, 2], method.Queue!.shape);
    }

    [Theory]
    [InlineData(1, 0.99)]
    [InlineData(1000, 0.99)]
    [InlineData(4000, 0.9975)]
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
        double[] second = method.Queue!.Doubles();
        Assert.NotEqual(first, second);
        AssertUnit(method.Queue!);
        Assert.Equal("queue.rows is [32, 6] and cannot become [64, 6]: a method that was trained once keeps its sizes.",
            Assert.Throws<InvalidOperationException>(() => method.Begin(new TrainingRun(64, 10, torch.CPU))).Message);
        Assert.Equal(second, method.Queue!.Doubles());
    }

    [Theory]
    [InlineData(5)]
    [InlineData(10)]
    [InlineData(23)]
    public void In_the_symmetric_form_both_directions_see_the_queue_as_it_was_and_then_all_keys_enter_it(int length)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length, symmetric: true);
        using SGD update = torch.optim.SGD(method.State.parameters().Where(p => p.requires_grad), 0.5);
        var loss = new InfoNceLoss(method.Options.Temperature);
        double[][] ring = Rows(method.Queue!);
        int next = 0;
        for (int step = 0; step < 4; step++)
        {
            torch.Tensor first = Images($"first{step}", 4), second = Images($"second{step}", 4), before = method.Queue!.clone();
            MethodOutput output = method.Forward([first, second], Indices(4));
            // The copy moved at the start of the step, the network moves at its end: both are now what they were in between.
            torch.Tensor q1 = Embed(method, first), q2 = Embed(method, second);
            torch.Tensor k1 = Embed(method, first, "key_"), k2 = Embed(method, second, "key_");
            if (step > 0) Assert.True(TensorValues.RelativeError(q1, k1) > 10 * Tolerance);
            double expected = loss.Compute(q1, k2, before).ToDouble() + loss.Compute(q2, k1, before).ToDouble();
            Assert.Equal(expected, output.Loss.ToDouble(), Tolerance * Math.Max(expected, 1));
            next = Enqueue(ring, next, [.. Rows(k2), .. Rows(k1)]);
            Assert.True(Same(ring, method.Queue!));
            update.zero_grad();
            output.Loss.backward();
            update.step();
        }
    }

    [Theory]
    [InlineData(new[] { 6 })]
    [InlineData(new[] { 3, 3 })]
    [InlineData(new[] { 2, 3 })]
    [InlineData(new[] { 2, 2, 3 })]
    [InlineData(new[] { 2, 2, 2, 3 })]
    public void Groups_of_keys_pass_the_copy_apart_and_queries_pass_together(int[] sizes)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 8, groups: sizes.Length);
        int count = sizes.Sum(), start = 0;
        torch.Tensor first = Images("first", count), second = Images("second", count);
        MethodOutput output = method.Forward([first, second], Indices(count));
        Assert.Equal(sizes.Length, method.State.state_dict()["key_backbone.bn1.num_batches_tracked"].ToInt64());

        var groups = new List<torch.Tensor>();
        foreach (int size in sizes)
        {
            groups.Add(Embed(method, second.narrow(0, start, size), "key_"));
            start += size;
        }

        Assert.InRange(TensorValues.RelativeError(torch.cat([.. groups]), output.Positives!), 0, Tolerance);
        Assert.InRange(TensorValues.RelativeError(Embed(method, first), output.Embeddings), 0, Tolerance);
        bool apart = TensorValues.RelativeError(Embed(method, second, "key_"), output.Positives!) > 10 * Tolerance;
        Assert.Equal(sizes.Length > 1, apart);
    }

    [Fact]
    public void Groups_of_a_single_key_are_refused_before_anything_changes()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using MoCo method = Method(length: 8, groups: 4);
        double[] before = method.Queue!.Doubles();
        torch.Tensor images = Images("images", 7);
        Assert.Equal("views must hold at least two images per group of keys, 8, but hold 7. (Parameter 'views')",
            Assert.Throws<ArgumentException>(() => method.Forward([images, images], Indices(7))).Message);
        Assert.Equal(before, method.Queue!.Doubles());
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
    public void Refuses_groups_of_keys_that_a_batch_does_not_fill()
    {
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { KeyGroups = 8 });
        Assert.Equal("Options.KeyGroups must leave at least two images of a batch of 12 to each group, but is 8.",
            Assert.Throws<ArgumentException>(() => method.Begin(new TrainingRun(100, 50, torch.CPU) { BatchSize = 12 })).Message);
    }

    [Fact]
    public void Refuses_groups_of_keys_that_the_batch_of_a_later_stage_does_not_fill_before_the_first_step()
    {
        using var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions { KeyGroups = 8 });
        var lines = new CheckpointedRun.Lines();
        var trainer = new Trainer(CheckpointedRun.Plain, lines);
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = 40, Size = 16 });
        ResolutionSchedule schedule = ResolutionSchedule.Parse("16x1,16x1:batch=12,16x1:batch=20");
        Assert.Equal("Options.KeyGroups must leave at least two images of a batch of 12 to each group, but is 8.",
            Assert.Throws<ArgumentException>(() => trainer.Run(method, pictures, schedule)).Message);
        Assert.Empty(lines.All);
    }

    [Fact]
    public void The_least_batch_of_a_run_is_that_of_its_first_stage_unless_it_is_told()
    {
        var run = new TrainingRun(100, 50, torch.CPU) { BatchSize = 12 };
        Assert.Equal(12, run.LeastBatchSize);
        Assert.Equal(4, (run with { LeastBatchSize = 4 }).LeastBatchSize);
    }

    private static MoCo Method(int length, double momentum = 0.9, int groups = 1, bool symmetric = false)
    {
        torch.manual_seed(7).Dispose();
        var method = new MoCo(KnownMethods.Backbone(), new MoCoOptions
        {
            EmbeddingDimension = 6,
            QueueLength = length,
            Momentum = momentum,
            KeyGroups = groups,
            Symmetric = symmetric,
        });
        method.Begin(new TrainingRun(100, 50, torch.CPU));
        return method;
    }

    /// <summary>What network and head make of pictures, or what their copies do.</summary>
    private static torch.Tensor Embed(MoCo method, torch.Tensor images, string prefix = "")
    {
        Dictionary<string, torch.nn.Module> parts = method.State.named_children().ToDictionary(c => c.name, c => c.module);
        return UnitRows.Of(((MlpHead)parts[prefix + "head"]).call(((ResNet)parts[prefix + "backbone"]).call(images)));
    }

    /// <summary>The keys of a batch: network and copy are equal and see the same pictures, so that they are the queries.</summary>
    private static torch.Tensor Keys(MoCo method, int count, string name)
    {
        torch.Tensor images = Images(name, count);
        return method.Forward([images, images], Indices(count)).Embeddings;
    }

    private static torch.Tensor Images(string name, int count) => HashedNumbers.Tensor(name, count, 3, 6, 6);

    private static torch.Tensor Indices(int count) => torch.arange(count, torch.int64);

    /// <summary>Overwrites the oldest rows; gives the place of the oldest that is left.</summary>
    private static int Enqueue(double[][] ring, int next, double[][] keys)
    {
        foreach (double[] key in keys.TakeLast(ring.Length))
        {
            ring[next] = key;
            next = (next + 1) % ring.Length;
        }

        return next;
    }

    private static bool Same(double[][] ring, torch.Tensor queue) =>
        ring.Zip(Rows(queue)).All(p => TensorValues.RelativeError(p.First, p.Second) < Tolerance);

    private static double[][] Rows(torch.Tensor tensor) => [.. tensor.Doubles().Chunk((int)tensor.size(1))];

    // Squares of six float32 numbers.
    private static void AssertUnit(torch.Tensor rows) => Assert.All(Rows(rows), r => Assert.Equal(1, r.Sum(x => x * x), 1e-5));
}
