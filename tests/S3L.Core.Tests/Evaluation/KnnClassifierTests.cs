using S3L.Core.Evaluation;
using S3L.Testing;

namespace S3L.Core.Tests.Evaluation;

public sealed class KnnClassifierTests
{
    // Two cosines may be so close that float32 orders them otherwise than the loops in double precision.
    private const int Undecided = 2;

    // More than a block of queries, and not a multiple of it.
    private const int Known = 2500;
    private const int Asked = 1100;
    private const int Classes = 5;

    [Theory]
    [InlineData(1, 0.1)]
    [InlineData(20, 0.1)]
    [InlineData(20, 0.01)]
    [InlineData(200, 0.5)]
    public void Predicts_what_slow_loops_predict(int neighbors, double temperature)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor known = HashedNumbers.Tensor("known", Known, 6), asked = HashedNumbers.Tensor("asked", Asked, 6) * 7;
        int[] labels = Labels(Known);
        using var classifier = new KnnClassifier(known, labels, Classes, new KnnOptions { Neighbors = neighbors, Temperature = temperature });
        long[] predicted = classifier.Predict(asked).Longs();
        double[][] bank = UnitRows(known), queries = UnitRows(asked);
        int wrong = 0;
        for (int i = 0; i < Asked; i++) wrong += Loops(bank, labels, queries[i], -1, neighbors, temperature) == predicted[i] ? 0 : 1;
        Assert.InRange(wrong, 0, Undecided);
        int[] truth = [.. Labels(Asked)];
        Assert.Equal(predicted.Zip(truth, (p, t) => p == t).Count(hit => hit) / (double)Asked, classifier.Accuracy(asked, truth), 1e-6);
    }

    [Fact]
    public void Leaving_one_out_predicts_what_slow_loops_without_that_one_predict()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor known = HashedNumbers.Tensor("known", Asked, 6);
        int[] labels = Labels(Asked);
        using var classifier = new KnnClassifier(known, labels, Classes, new KnnOptions { Neighbors = 10 });
        double[][] bank = UnitRows(known);
        int right = Enumerable.Range(0, Asked).Count(i => Loops(bank, labels, bank[i], i, 10, 0.1) == labels[i]);
        Assert.InRange(classifier.LeaveOneOutAccuracy() * Asked, right - Undecided - 0.01, right + Undecided + 0.01);
    }

    [Fact]
    public void Leaving_one_out_never_finds_itself()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // Each row's label is its own: only itself would give it.
        using var classifier = new KnnClassifier(HashedNumbers.Tensor("known", 30, 4), [.. Enumerable.Range(0, 30)], 30,
            new KnnOptions { Neighbors = 50 });
        Assert.Equal(0, classifier.LeaveOneOutAccuracy());
        Assert.Equal(1, classifier.Accuracy(HashedNumbers.Tensor("known", 30, 4), [.. Enumerable.Range(0, 30)]));
    }

    [Theory]
    [InlineData(0.1, 0)]
    [InlineData(0.2, 1)]
    public void Votes_weigh_e_to_the_cosine_over_the_temperature(double temperature, long expected)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // One neighbour at cosine 1 against two at 0.9: e^10 > 2 e^9, but e^5 < 2 e^4.5.
        float off = MathF.Sqrt(1 - (0.9f * 0.9f));
        torch.Tensor known = torch.tensor([1f, 0f, 0.9f, off, 0.9f, -off], [3, 2]);
        using var classifier = new KnnClassifier(known, [0, 1, 1], 2, new KnnOptions { Neighbors = 3, Temperature = temperature });
        Assert.Equal([expected], classifier.Predict(torch.tensor([2f, 0f], [1, 2])).Longs());
    }

    [Fact]
    public void At_low_temperatures_the_nearest_decide_although_powers_of_their_cosines_are_infinite()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        // e^95 is more than float32 holds. Two votes at cosine 0.95 against one at 0.951, which is worth e^0.1 = 1.1 of them, or e^1 = 2.7.
        float[] cosines = [0.951f, 0.95f, 0.95f];
        torch.Tensor known = torch.tensor([.. cosines.SelectMany(c => new[] { c, MathF.Sqrt(1 - (c * c)) })], [3, 2]);
        torch.Tensor asked = torch.tensor([1f, 0f], [1, 2]);
        Assert.Equal(1, Voted([0, 1, 1], 0.01));
        Assert.Equal(1, Voted([1, 0, 0], 0.001));

        long Voted(int[] labels, double temperature)
        {
            using var classifier = new KnnClassifier(known, labels, 2, new KnnOptions { Neighbors = 3, Temperature = temperature });
            return Assert.Single(classifier.Predict(asked).Longs());
        }
    }

    [Fact]
    public void Only_the_nearest_vote()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor known = torch.tensor([1f, 0f, 0.9f, 0.1f, 0.8f, 0.3f], [3, 2]), asked = torch.tensor([1f, 0f], [1, 2]);
        foreach ((int neighbors, long expected) in new[] { (1, 0L), (3, 1L), (100, 1L) })
        {
            // At a high temperature all votes are alike; more neighbours than there are means all.
            using var classifier = new KnnClassifier(known, [0, 1, 1], 2, new KnnOptions { Neighbors = neighbors, Temperature = 10 });
            Assert.Equal([expected], classifier.Predict(asked).Longs());
        }
    }

    [Fact]
    public void A_prediction_leaves_nothing_but_the_labels_and_needs_no_gradient()
    {
        using torch.Tensor known = HashedNumbers.Tensor("known", 30, 4).requires_grad_();
        using var classifier = new KnnClassifier(known, Labels(30), Classes);
        long before = DisposeScopeManager.Statistics.ThreadTotalLiveCount;
        using torch.Tensor labels = classifier.Predict(known);
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
        classifier.LeaveOneOutAccuracy();
        classifier.Accuracy(known, Labels(30));
        Assert.Equal(before + 1, DisposeScopeManager.Statistics.ThreadTotalLiveCount);
    }

    [Fact]
    public void Stops_when_asked_to()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor known = HashedNumbers.Tensor("known", 30, 4);
        using var classifier = new KnnClassifier(known, Labels(30), Classes);
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => classifier.Predict(known, stop.Token));
        Assert.Throws<OperationCanceledException>(() => classifier.Accuracy(known, Labels(30), stop.Token));
        Assert.Throws<OperationCanceledException>(() => classifier.LeaveOneOutAccuracy(stop.Token));
        Assert.True(torch.is_grad_enabled());
    }

    [Fact]
    public void The_defaults_are_the_protocols() =>
        Assert.Equal((20, 0.1), (new KnnOptions().Neighbors, new KnnOptions().Temperature));

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        using DisposeScope scope = torch.NewDisposeScope();
        torch.Tensor known = torch.ones([3, 2]);
        using var classifier = new KnnClassifier(known, [0, 1, 1], 2);
        using var single = new KnnClassifier(torch.ones([1, 2]), [0], 2);
        Refuses(() => new KnnClassifier(torch.ones([3]), [0], 2), "features must be [N, D] with N of at least 1, but is [3]. (Parameter 'features')");
        Refuses(() => new KnnClassifier(known, [0, 1], 2), "labels must hold one label per row, 3, but holds 2. (Parameter 'labels')");
        Refuses(() => new KnnClassifier(known, [0, 1, 2], 2), "labels must be in [0, 1], but hold 2. (Parameter 'labels')");
        Refuses(() => new KnnClassifier(known, [0, 1, -1], 2), "labels must be in [0, 1], but hold -1. (Parameter 'labels')");
        Refuses(() => new KnnClassifier(known, [0, 0, 0], 0), "classes must be at least 1. (Parameter 'classes')\nActual value was 0.");
        Refuses(() => classifier.Predict(torch.ones([3, 4])), "features must be [N, 2], but is [3, 4]. (Parameter 'features')");
        Refuses(() => classifier.Accuracy(known, [0]), "labels must hold one label per row, 3, but holds 1. (Parameter 'labels')");
        Refuses(() => new KnnOptions { Neighbors = 0 }, "Neighbors must be at least 1. (Parameter 'Neighbors')\nActual value was 0.");
        Refuses(() => new KnnOptions { Temperature = 0 },
            "Temperature must be a finite number above 0. (Parameter 'Temperature')\nActual value was 0.");
        Assert.Equal("Leaving one out needs at least two known features.", Assert.Throws<InvalidOperationException>(() =>
            single.LeaveOneOutAccuracy()).Message);
    }

    private static void Refuses(Func<object> make, string message) =>
        Assert.Equal(message, Assert.ThrowsAny<ArgumentException>(make).Message.ReplaceLineEndings("\n"));

    private static int[] Labels(int count) => [.. HashedNumbers.Of("labels", count).Select(x => (int)((x + 1) / 2 * Classes))];

    private static double[][] UnitRows(torch.Tensor tensor) => [.. tensor.Doubles().Chunk((int)tensor.size(1)).Select(row =>
    {
        double length = Math.Sqrt(row.Sum(x => x * x));
        return row.Select(x => x / length).ToArray();
    })];

    private static int Loops(double[][] bank, int[] labels, double[] query, int leftOut, int neighbors, double temperature)
    {
        var cosines = new double[bank.Length];
        for (int j = 0; j < bank.Length; j++)
        {
            for (int d = 0; d < query.Length; d++) cosines[j] += bank[j][d] * query[d];
        }

        int[] order = [.. Enumerable.Range(0, bank.Length).Where(j => j != leftOut).OrderByDescending(j => cosines[j]).Take(neighbors)];
        var votes = new double[Classes];
        foreach (int j in order) votes[labels[j]] += Math.Exp(cosines[j] / temperature);
        return Array.IndexOf(votes, votes.Max());
    }
}
