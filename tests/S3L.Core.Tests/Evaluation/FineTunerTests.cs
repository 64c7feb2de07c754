using S3L.Core.Backbones;
using S3L.Core.Data;
using S3L.Core.Evaluation;
using S3L.Core.Tests.Data;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class FineTunerTests
{
    private const int Resolution = 16;

    private static readonly FineTunerOptions Quick = new() { Epochs = 3, BatchSize = 20, Precision = Precision.Float32, LearningRate = 0.05 };

    [Fact]
    public void Learns_the_classes_and_tells_the_last_epoch_from_the_best()
    {
        using ImageCache train = Pictures(120, 0), test = Pictures(60, 1);
        using ResNet network = Network(3);
        using FineTuneResult result = new FineTuner(Quick with { Epochs = 12, MixupAlpha = 0 }).Run(network, train, test, Resolution);
        Assert.Equal(Enumerable.Range(1, 12), result.Accuracies.Select(a => a.Epoch));
        Assert.Equal(12, result.Losses.Count);
        Assert.True(result.Losses[^1] < result.Losses[0]);
        Assert.True(result.LastAccuracy > 0.15, $"{result.LastAccuracy}");
        Assert.Equal(result.Accuracies.Max(a => a.Accuracy), result.BestAccuracy);
        Assert.Equal(result.BestAccuracy, result.Accuracies[result.BestEpoch - 1].Accuracy);
        Assert.True(result.Seconds > 0);
        Assert.False(network.training);
    }

    [Fact]
    public void The_same_seeds_give_the_same_network()
    {
        using ImageCache train = Pictures(40, 0), test = Pictures(20, 1);
        Assert.Equal(Tuned(train, test, Quick), Tuned(train, test, Quick));
        Assert.NotEqual(Tuned(train, test, Quick), Tuned(train, test, Quick with { Seed = 1 }));
        // Mixup draws its shares, so it gives another network.
        Assert.NotEqual(Tuned(train, test, Quick), Tuned(train, test, Quick with { MixupAlpha = 0 }));
    }

    [Fact]
    public void Only_the_chosen_pictures_are_learned()
    {
        using ImageCache train = Pictures(60, 0), test = Pictures(20, 1);
        int[] rows = [.. Enumerable.Range(0, 20)];
        using ImageCache few = Pictures(20, 0);
        // The first twenty pictures of the larger set are those of the smaller one.
        Assert.Equal(Tuned(few, test, Quick), Tuned(train, test, Quick, rows));
    }

    [Fact]
    public void A_warm_up_leaves_the_frozen_stages_alone_and_trains_the_grown_one()
    {
        using ImageCache train = Pictures(40, 0), test = Pictures(20, 1);
        using ResNet small = Network(2);
        using IBackbone grown = small.WithStages(3);
        Dictionary<string, double[]> before = grown.Network.named_parameters().ToDictionary(p => p.name, p => p.parameter.Doubles());
        FineTunerOptions options = Quick with { Epochs = 1, LearningRate = 1e-12, WarmUp = new StageWarmUp(2) { Epochs = 2 } };
        using FineTuneResult result = new FineTuner(options).Run(grown, train, test, Resolution);
        Assert.Equal(3, result.Losses.Count);
        foreach ((string name, Parameter parameter) in grown.Network.named_parameters())
        {
            double moved = parameter.Doubles().Zip(before[name], (a, b) => Math.Abs(a - b)).Max();
            Assert.True(name.StartsWith("layer3", StringComparison.Ordinal) ? moved > 1e-6 : moved < 1e-6, $"{name} moved by {moved}");
            Assert.True(parameter.requires_grad);
        }
    }

    [Fact]
    public void Statistics_of_frozen_stages_move_only_if_asked_for()
    {
        using ImageCache train = Pictures(40, 0), test = Pictures(20, 1);
        double[] frozen = Statistics(FrozenStatistics.Frozen), moving = Statistics(FrozenStatistics.Moving);
        Assert.NotEqual(frozen, moving);

        double[] Statistics(FrozenStatistics statistics)
        {
            using ResNet network = Network(3);
            var options = Quick with { Epochs = 1, LearningRate = 1e-12, WarmUp = new StageWarmUp(2) { Epochs = 2, Statistics = statistics } };
            new FineTuner(options).Run(network, train, test, Resolution).Dispose();
            return network.state_dict()["bn1.running_mean"].Doubles();
        }
    }

    [Fact]
    public void Accuracy_is_measured_as_seldom_as_asked_and_after_the_last_epoch()
    {
        using ImageCache train = Pictures(20, 0), test = Pictures(20, 1);
        using ResNet network = Network(1);
        using FineTuneResult result = new FineTuner(Quick with { Epochs = 5, MeasureEveryEpochs = 2 }).Run(network, train, test, Resolution);
        Assert.Equal([2, 4, 5], result.Accuracies.Select(a => a.Epoch));
    }

    [Fact]
    public void Says_how_it_is_doing_after_each_epoch()
    {
        using ImageCache train = Pictures(20, 0), test = Pictures(20, 1);
        using ResNet network = Network(1);
        var reports = new Reports();
        FineTunerOptions options = Quick with { Epochs = 2, WarmUp = new StageWarmUp(0) { Epochs = 1 } };
        using FineTuneResult result = new FineTuner(options).Run(network, train, test, Resolution, progress: reports);
        Assert.Equal([(1, 3), (2, 3), (3, 3)], reports.Said.Select(r => (r.Epoch, r.EpochCount)));
        Assert.Equal(result.Losses, reports.Said.Select(r => r.Loss));
        Assert.Equal(TimeSpan.Zero, reports.Said[^1].Remaining);
        Assert.Equal(TimeSpan.FromSeconds(8), new FineTuneProgress(3, 9, 1, TimeSpan.FromSeconds(4)).Remaining);
    }

    [Fact]
    public void Leaves_no_tensors()
    {
        using ImageCache train = Pictures(20, 0), test = Pictures(20, 1);
        using ResNet network = Network(1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        new FineTuner(Quick with { Epochs = 2, WarmUp = new StageWarmUp(0) { Epochs = 1 } }).Run(network, train, test, Resolution).Dispose();
        network.zero_grad();
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Its_classifier_reproduces_the_last_accuracy_also_from_a_file()
    {
        using var folder = new TemporaryFolder();
        using ImageCache train = Pictures(40, 0), test = Pictures(30, 1);
        using ResNet network = Network(2);
        using FineTuneResult result = new FineTuner(Quick).Run(network, train, test, Resolution);
        using torch.Tensor features = FeatureExtractor.Extract(network, test, Resolution, Quick.Augmentation.Statistics);
        Assert.Equal(result.LastAccuracy, result.Classifier.Accuracy(features, test.Labels));
        result.Classifier.Save(folder.At("classifier.safetensors"));
        using LinearClassifier read = LinearClassifier.Load(folder.At("classifier.safetensors"));
        using torch.Tensor expected = result.Classifier.Scores(features), scores = read.Scores(features);
        Assert.Equal(expected.Floats(), scores.Floats());
        Assert.Equal(train.ClassNames, read.ClassNames);
        Assert.False(read.TakesUnitFeatures || result.Classifier.TakesUnitFeatures);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void A_run_that_is_stopped_leaves_no_tensors_and_a_network_that_can_be_trained(int lastEpoch)
    {
        using ImageCache train = Pictures(20, 0), test = Pictures(20, 1);
        using ResNet network = Network(2);
        using var cancel = new CancellationTokenSource();
        // Two epochs with everything frozen, then some with nothing frozen.
        FineTunerOptions options = Quick with { WarmUp = new StageWarmUp(2) { Epochs = 2 } };
        LiveTensors.AssertNoneLeft(() =>
        {
            Assert.Throws<OperationCanceledException>(() => new FineTuner(options).Run(network, train, test, Resolution, cancellation: cancel.Token,
                progress: new Reports(r => { if (r.Epoch == lastEpoch) cancel.Cancel(); })));
            network.zero_grad();
        });
        Assert.All(network.parameters(), p => Assert.True(p.requires_grad));
        Assert.All(network.named_modules(), m => Assert.False(m.module.training, m.name));
        Assert.False(network.training);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        using ImageCache train = Pictures(20, 0), test = Pictures(20, 1);
        using ResNet network = Network(1);
        var tuner = new FineTuner(Quick);
        Assert.Equal("rows must hold at least 2 pictures, but holds 1. (Parameter 'rows')",
            Assert.Throws<ArgumentException>(() => tuner.Run(network, train, test, Resolution, [3])).Message);
        Assert.Equal("rows must be in [0, 19], but holds 20. (Parameter 'rows')",
            Assert.Throws<ArgumentException>(() => tuner.Run(network, train, test, Resolution, [3, 20])).Message);
        using ImageCache one = Pictures(1, 0);
        Assert.Equal("train must hold at least 2 pictures, but holds 1. (Parameter 'train')",
            Assert.Throws<ArgumentException>(() => tuner.Run(network, one, test, Resolution)).Message);
        RgbImage[] black = [.. Enumerable.Range(0, 3).Select(_ => new RgbImage(16, 16, new byte[768]))];
        using ImageCache unlabelled = ImageCache.Build(new InMemoryImages(black), 16, 1);
        Assert.Equal("train must have at least 2 classes, but has 0. (Parameter 'train')",
            Assert.Throws<ArgumentException>(() => tuner.Run(network, unlabelled, test, Resolution)).Message);
        Assert.StartsWith("test must have the classes of train, [",
            Assert.Throws<ArgumentException>(() => tuner.Run(network, train, unlabelled, Resolution)).Message, StringComparison.Ordinal);
        var warmUp = new FineTuner(Quick with { WarmUp = new StageWarmUp(2), Precision = Precision.Auto });
        Assert.Equal("Options.WarmUp.FrozenStages must be in [0, 1], the stages of resnet18, but is 2.",
            Assert.Throws<ArgumentException>(() => warmUp.Run(network, train, test, Resolution)).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTunerOptions { Epochs = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTunerOptions { BatchSize = 1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTunerOptions { LearningRate = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTunerOptions { MixupAlpha = -1 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new FineTunerOptions { MeasureEveryEpochs = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StageWarmUp(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new StageWarmUp(1) { Epochs = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new StageWarmUp(1) { LearningRate = 0 });
    }

    private static float[] Tuned(ImageCache train, ImageCache test, FineTunerOptions options, int[]? rows = null)
    {
        using ResNet network = Network(1);
        new FineTuner(options).Run(network, train, test, Resolution, rows).Dispose();
        return [.. network.parameters().SelectMany(p => p.Floats())];
    }

    private static ImageCache Pictures(int count, int seed)
    {
        var pictures = new SyntheticImages(new SyntheticImagesOptions { Count = count, Size = 16, Seed = seed });
        return ImageCache.Build(pictures, ImageCache.GridSizeFor(pictures, Resolution), 1);
    }

    private static ResNet Network(int stages)
    {
        torch.manual_seed(3).Dispose();
        return new ResNet(new ResNetOptions { Width = 8, Depths = [1, 1, 1, 1], StageCount = stages, Stem = ResNetStem.SmallImage });
    }

    private sealed class Reports(Action<FineTuneProgress>? act = null) : IProgress<FineTuneProgress>
    {
        internal List<FineTuneProgress> Said { get; } = [];

        void IProgress<FineTuneProgress>.Report(FineTuneProgress value)
        {
            Said.Add(value);
            act?.Invoke(value);
        }
    }
}
