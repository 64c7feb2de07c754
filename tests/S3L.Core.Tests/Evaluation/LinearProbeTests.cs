using S3L.Core.Evaluation;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class LinearProbeTests
{
    private static readonly int[] Labels = [.. Enumerable.Range(0, 120).Select(i => i % 3)];

    [Fact]
    public void Finds_classes_that_lie_apart()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor features, torch.Tensor test) = (Clusters("a", 0.3), Clusters("b", 0.3));
        using LinearProbe probe = LinearProbe.Train(features, Labels, 3);
        Assert.Equal(1, probe.Classifier.Accuracy(features, Labels));
        Assert.True(probe.Classifier.Accuracy(test, Labels) > 0.97);
        Assert.Equal([120], probe.Classifier.Predict(test).shape);
    }

    [Fact]
    public void The_same_seed_gives_the_same_probe_whatever_was_drawn_before()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = Clusters("a", 3);
        var options = new LinearProbeOptions { Epochs = 5 };
        torch.manual_seed(1).Dispose();
        using LinearProbe one = LinearProbe.Train(features, Labels, 3, options);
        torch.manual_seed(1).Dispose();
        using LinearProbe other = LinearProbe.Train(features, Labels, 3, options);
        Assert.Equal(one.Classifier.Predict(features).Doubles(), other.Classifier.Predict(features).Doubles());
    }

    [Fact]
    public void Chooses_the_weight_decay_that_serves_unseen_features_best()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // A decay of 10 at a rate of 30 throws the weights about: nothing is found with it.
        using LinearProbe probe = LinearProbe.Train(Clusters("a", 0.5), Labels, 3, new LinearProbeOptions { WeightDecays = [10, 1e-4], Epochs = 20 });
        Assert.Equal(1e-4, probe.WeightDecay);
    }

    [Fact]
    public void Lengths_do_not_matter_unless_asked_for()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = Clusters("a", 1);
        using LinearProbe probe = LinearProbe.Train(features, Labels, 3, new LinearProbeOptions { Epochs = 5 });
        Assert.Equal(probe.Classifier.Predict(features).Doubles(), probe.Classifier.Predict(features * 100).Doubles());
    }

    [Fact]
    public void Leaves_nothing_but_the_probe()
    {
        using torch.Tensor features = Clusters("a", 1);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using (LinearProbe.Train(features, Labels, 3, new LinearProbeOptions { Epochs = 2, WeightDecays = [0, 1e-3] }))
        {
        }

        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Leaves_nothing_when_it_is_stopped()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = Clusters("a", 1);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        Assert.Throws<OperationCanceledException>(() => LinearProbe.Train(features, Labels, 3, cancellation: stop.Token));
        Assert.Equal(before, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor features = Clusters("a", 1);
        Assert.Throws<ArgumentOutOfRangeException>("classes", () => LinearProbe.Train(features, Labels, 1));
        Assert.Equal("labels must hold one label per row, 120, but holds 2. (Parameter 'labels')",
            Assert.Throws<ArgumentException>(() => LinearProbe.Train(features, [0, 1], 3)).Message);
        Assert.Equal("labels must be in [0, 1], but hold 2. (Parameter 'labels')",
            Assert.Throws<ArgumentException>(() => LinearProbe.Train(features, Labels, 2)).Message);
        using LinearProbe probe = LinearProbe.Train(features, Labels, 3, new LinearProbeOptions { Epochs = 1 });
        Assert.Equal("features must be [N, 8], but is [2, 4]. (Parameter 'features')",
            Assert.Throws<ArgumentException>(() => probe.Classifier.Predict(torch.zeros([2, 4]))).Message);
        Assert.Equal("features must hold at least 2 rows where one of 2 weight decays is to be chosen, but hold 1. (Parameter 'features')",
            Assert.Throws<ArgumentException>(() =>
                LinearProbe.Train(features.narrow(0, 0, 1), [0], 3, new LinearProbeOptions { WeightDecays = [0, 1] })).Message);
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearProbeOptions { LearningRate = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearProbeOptions { Epochs = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearProbeOptions { BatchSize = 0 });
        Assert.Throws<ArgumentOutOfRangeException>(() => new LinearProbeOptions { ChoiceFraction = 1 });
        Assert.Throws<ArgumentException>(() => new LinearProbeOptions { WeightDecays = [] });
        Assert.Throws<ArgumentException>(() => new LinearProbeOptions { WeightDecays = [-1] });
    }

    /// <summary>Forty points around each of three directions.</summary>
    private static torch.Tensor Clusters(string name, double spread)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor centres = HashedNumbers.Tensor("centres", 3, 8);
        torch.Tensor rows = centres.repeat(40, 1) + (HashedNumbers.Tensor(name, 120, 8) * spread);
        return rows.MoveToOuterDisposeScope();
    }
}
