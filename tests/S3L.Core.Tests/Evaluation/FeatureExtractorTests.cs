using S3L.Core.Augmentation;
using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class FeatureExtractorTests
{
    [Fact]
    public void Gives_the_evaluating_networks_features_of_the_centres()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        torch.Tensor features = FeatureExtractor.Extract(network, images, 40, ColorStatistics.Cifar10, batchSize: 3);
        Assert.Equal([7, network.FeatureDimension], features.shape);
        network.eval();
        using var augmenter = new Augmenter(ColorStatistics.Cifar10);
        for (int i = 0; i < images.Count; i++)
        {
            (int width, int height) = images.SizeOf(i);
            torch.Tensor view = augmenter.Apply(images.Gather([i], 40), [new ViewDraw(CropBox.Center(width, height, 40))], 40);
            // One picture alone and in a batch: the same float32 sums in another blocking.
            Assert.InRange(TensorValues.RelativeError(network.call(view).squeeze(0), features.select(0, i)), 0, 1e-5);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Leaves_mode_statistics_and_weights_as_they_were(bool training)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        network.train(training);
        Dictionary<string, double[]> before = network.state_dict().ToDictionary(e => e.Key, e => e.Value.Doubles());
        torch.Tensor features = FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet);
        Assert.Equal(training, network.training);
        Assert.All(network.named_modules(), m => Assert.Equal(training, m.module.training));
        Assert.All(network.state_dict(), e => Assert.Equal(before[e.Key], e.Value.Doubles()));
        Assert.False(features.requires_grad);
        Assert.True(torch.is_grad_enabled());
    }

    [Fact]
    public void Leaves_frozen_parts_in_evaluation_mode()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        network.Freeze(1);
        Dictionary<string, bool> before = network.named_modules().ToDictionary(m => m.name, m => m.module.training);
        Assert.Equal(2, before.Values.Distinct().Count());
        FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet);
        Assert.Equal(before, network.named_modules().ToDictionary(m => m.name, m => m.module.training));
    }

    [Fact]
    public void Stops_when_asked_to_and_still_restores_the_mode()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() =>
            FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet, cancellation: stop.Token));
        Assert.True(network.training && torch.is_grad_enabled());
    }

    [Fact]
    public void Leaves_nothing_but_the_features()
    {
        using ResNet network = Network();
        using ImageCache images = Images();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor features = FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet, batchSize: 2);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Streams_the_same_features_batch_by_batch()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        torch.Tensor whole = FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet, batchSize: 3);
        var seen = new List<int>();
        foreach ((Range pictures, torch.Tensor features) in FeatureExtractor.Stream(network, images, 40, ColorStatistics.ImageNet, batchSize: 3))
        {
            int[] numbers = Enumerable.Range(0, images.Count).ToArray()[pictures];
            seen.AddRange(numbers);
            Assert.Equal(whole.narrow(0, numbers[0], numbers.Length).Doubles(), features.Doubles());
            // What the caller does between two batches finds everything as it was.
            Assert.True(network.training && torch.is_grad_enabled());
        }

        Assert.Equal(Enumerable.Range(0, 7), seen);
    }

    [Fact]
    public void A_stream_that_is_left_early_leaves_nothing()
    {
        using ResNet network = Network();
        using ImageCache images = Images();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        foreach ((_, torch.Tensor features) in FeatureExtractor.Stream(network, images, 40, ColorStatistics.ImageNet, batchSize: 2))
        {
            features.Dispose();
            break;
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void A_stream_stops_between_two_batches()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using ResNet network = Network();
        using ImageCache images = Images();
        using var stop = new CancellationTokenSource();
        int batches = 0;
        Assert.Throws<OperationCanceledException>(() =>
        {
            foreach (var _ in FeatureExtractor.Stream(network, images, 40, ColorStatistics.ImageNet, 2, stop.Token))
            {
                if (++batches == 2) stop.Cancel();
            }
        });
        Assert.Equal(2, batches);
    }

    [Fact]
    public void A_stream_refuses_before_it_is_asked_for_anything()
    {
        using ResNet network = Network();
        using ImageCache images = Images();
        Assert.Equal("statistics", Assert.Throws<ArgumentNullException>(() => FeatureExtractor.Stream(network, images, 40, null!)).ParamName);
        Assert.Equal("batchSize must be at least 1. (Parameter 'batchSize')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                FeatureExtractor.Stream(network, images, 40, ColorStatistics.ImageNet, 0)).Message.ReplaceLineEndings("\n"));
    }

    [Fact]
    public void Refuses_what_is_out_of_range()
    {
        using ResNet network = Network();
        using ImageCache images = Images();
        Assert.Equal("resolution must be at least 2. (Parameter 'resolution')\nActual value was 1.",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                FeatureExtractor.Extract(network, images, 1, ColorStatistics.ImageNet)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("batchSize must be at least 1. (Parameter 'batchSize')\nActual value was 0.",
            Assert.Throws<ArgumentOutOfRangeException>(() =>
                FeatureExtractor.Extract(network, images, 40, ColorStatistics.ImageNet, 0)).Message.ReplaceLineEndings("\n"));
        Assert.Equal("backbone", Assert.Throws<ArgumentNullException>(() =>
            FeatureExtractor.Extract(null!, images, 40, ColorStatistics.ImageNet)).ParamName);
        Assert.Equal("images", Assert.Throws<ArgumentNullException>(() =>
            FeatureExtractor.Extract(network, null!, 40, ColorStatistics.ImageNet)).ParamName);
        Assert.Equal("statistics", Assert.Throws<ArgumentNullException>(() => FeatureExtractor.Extract(network, images, 40, null!)).ParamName);
    }

    private static ResNet Network()
    {
        torch.manual_seed(1).Dispose();
        return new ResNet(new ResNetOptions { Width = 3, Depths = [1, 1, 1, 1], StageCount = 2, Stem = ResNetStem.SmallImage });
    }

    private static ImageCache Images()
    {
        RgbImage[] pictures = [.. Enumerable.Range(0, 7).Select(i =>
            new RgbImage(50 + i, 60, [.. HashedNumbers.Of($"picture{i}", (50 + i) * 60 * 3).Select(x => (byte)((x + 1) * 128))]))];
        return ImageCache.Build(new InMemoryImages(pictures), 48, threads: 1);
    }
}
