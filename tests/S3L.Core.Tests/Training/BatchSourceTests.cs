using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Methods;
using S3L.Core.Schedules;
using S3L.Core.Training;
using S3L.Testing;

namespace S3L.Core.Tests.Training;

/// <summary>The pass over all pictures before the first step, and that of each epoch.</summary>
public sealed class BatchSourceTests
{
    [Fact]
    public void Passes_every_picture_once_and_not_in_order()
    {
        long[] passed = Passed(seed: 0);
        Assert.Equal(48, passed.Length);
        Assert.Equal(passed.Length, passed.Distinct().Count());
        Assert.All(passed, n => Assert.InRange(n, 0, 47));
        // Not even within a batch of 16, nor with batches in another order.
        Assert.All(passed.Chunk(16), batch => Assert.NotEqual(batch.Order(), batch));
        Assert.All(passed.Chunk(16), batch => Assert.True(batch.Max() - batch.Min() > 16));
    }

    [Fact]
    public void The_order_follows_from_the_seed()
    {
        Assert.Equal(Passed(seed: 3), Passed(seed: 3));
        Assert.NotEqual(Passed(seed: 3), Passed(seed: 4));
    }

    [Fact]
    public void Ends_with_the_batch_at_which_the_run_is_cancelled()
    {
        using var cancel = new CancellationTokenSource();
        int batches = 0;
        Assert.Throws<OperationCanceledException>(() => TinyRun.Train(b => new Passing(b, _ =>
        {
            batches++;
            cancel.Cancel();
        }), cancellation: cancel.Token));
        Assert.Equal(1, batches);
    }

    [Fact]
    public void A_run_that_is_cancelled_before_it_fills_no_bank()
    {
        using var cancel = new CancellationTokenSource();
        cancel.Cancel();
        using ImageCache images = ImageCache.Build(TinyPictures.Create(), TinyPictures.Size, threads: 1);
        using var method = new InstanceDiscrimination(TinyBackbone.Create(), new InstanceDiscriminationOptions { EmbeddingDimension = 6 });
        Assert.Throws<OperationCanceledException>(() =>
            new Trainer(TinyRun.Options).Run(method, images, TinyRun.Schedule, cancellation: cancel.Token));
        Assert.Null(method.Bank);
    }

    [Theory]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(5, 2)]
    [InlineData(7, 3)]
    public void No_batch_of_all_pictures_holds_a_single_one(int count, int batchSize)
    {
        var sizes = new List<long>();
        using var method = new Passing(TinyBackbone.Create(), numbers => sizes.Add(numbers.size(0)));
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = count, Size = TinyPictures.Size });
        new Trainer(TinyRun.Options with { BatchSize = batchSize, StepLimit = 1 }).Run(method, pictures, TinyRun.Schedule);
        Assert.Equal(count, sizes.Sum());
        Assert.All(sizes, size => Assert.True(size >= 2));
    }

    [Fact]
    public void What_is_made_of_all_pictures_stays_the_callers()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        var made = new List<torch.Tensor>();
        using var method = new Passing(TinyBackbone.Create(), numbers => made.Add(numbers + 1));
        new Trainer(TinyRun.Options with { BatchSize = 4, StepLimit = 1 }).Run(method, TinyPictures.Create(), TinyRun.Schedule);
        Assert.True(made.Count > 1);
        Assert.Equal(Enumerable.Range(1, TinyPictures.Create().Count).Select(i => (long)i), torch.cat([.. made]).Longs().Order());
    }

    [Theory]
    [InlineData(48)]
    [InlineData(41)]
    public void An_epoch_passes_every_picture_once_and_the_next_in_another_order(int count)
    {
        var passed = new List<long>();
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = count, Size = TinyPictures.Size });
        TinyRun.Train(b => new Passing(b, _ => { }, numbers => passed.AddRange(numbers.Longs())), pictures);

        // Of 41 pictures two batches of 16 are passed, and nine are left for another epoch.
        int whole = count / 16 * 16;
        long[][] epochs = [.. passed.Chunk(whole)];
        Assert.Equal([whole, whole, whole], epochs.Select(e => e.Length));
        Assert.All(epochs, e => Assert.Equal(whole, e.Distinct().Count()));
        Assert.All(passed, n => Assert.InRange(n, 0, count - 1));
        // The third epoch is of another stage.
        foreach ((int first, int second) in ((int, int)[])[(0, 1), (0, 2), (1, 2)])
        {
            Assert.NotEqual(epochs[first], epochs[second]);
            Assert.Equal(count == whole, epochs[first].Order().SequenceEqual(epochs[second].Order()));
        }
    }

    private static long[] Passed(int seed)
    {
        var passed = new List<long>();
        TinyRun.Train(b => new Passing(b, numbers => passed.AddRange(numbers.Longs())), options: TinyRun.Options with { Seed = seed, StepLimit = 1 });
        return [.. passed];
    }

    /// <summary>Looks at every picture as it begins, and at those of each step.</summary>
    private sealed class Passing(IBackbone backbone, Action<torch.Tensor> look, Action<torch.Tensor>? step = null) : IContrastiveMethod
    {
        public string Name => "passing";

        public int ViewCount => 1;

        public IBackbone Backbone => backbone;

        public torch.nn.Module State => backbone.Network;

        public void Begin(TrainingRun run)
        {
            foreach ((_, torch.Tensor indices) in run.EveryImage) look(indices);
        }

        public MethodOutput Forward(IReadOnlyList<torch.Tensor> views, torch.Tensor indices)
        {
            step?.Invoke(indices);
            torch.Tensor features = backbone.Forward(views[0]);
            return new MethodOutput(features.square().mean(), features.detach());
        }

        public void AfterStep(TrainingPosition position)
        {
        }

        public void Dispose() => backbone.Dispose();
    }
}
